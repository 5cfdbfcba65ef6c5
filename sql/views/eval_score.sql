-- grain: run × task; how often the task was solved
-- run_id: The run.
-- task_id: The task.
-- trials: Trials of it.
-- passed: Of them, those with reward 1.
-- pass_1: Share of them.
-- reward: Mean reward.
SELECT
    run_id,
    task_id,
    count(*) AS trials,
    count(*) FILTER (reward >= 1.0 - 1e-9) AS passed,
    count(*) FILTER (reward >= 1.0 - 1e-9) / count(*)::DOUBLE AS pass_1,
    avg(reward) AS reward
FROM eval_trial
GROUP BY run_id, task_id
