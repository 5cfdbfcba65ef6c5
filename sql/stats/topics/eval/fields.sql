-- grain: run × answer field; how often each is right, the worst first
SELECT
    run_id,
    field,
    count(*) AS times,
    round(avg(is_right::INT), 4) AS accuracy,
    round(avg((given IS NULL)::INT), 4) AS left_out
FROM eval_field
GROUP BY run_id, field
ORDER BY run_id, accuracy, times DESC, field
