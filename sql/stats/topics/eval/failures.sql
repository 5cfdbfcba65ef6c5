-- grain: run × class; why trials failed
SELECT
    run_id,
    class,
    count(*) AS trials,
    round(count(*) / sum(count(*)) OVER (PARTITION BY run_id), 4) AS share,
    any_value(task_id || '/' || trial || ': ' || coalesce(detail, '') ORDER BY task_id, trial) AS for_example
FROM eval_failure
GROUP BY run_id, class
ORDER BY run_id, trials DESC, class
