-- grain: one row; run `run_a` beside run `run_b` on the tasks that both have: the mean difference of pass@1 with its 95% interval (bootstrap over tasks), and the p-value of flipping signs
WITH pair AS (
    SELECT a.task_id, a.pass_1 AS a, b.pass_1 AS b, b.pass_1 - a.pass_1 AS difference
    FROM eval_score AS a
    INNER JOIN eval_score AS b ON b.task_id = a.task_id
    WHERE a.run_id = getvariable('run_a') AND b.run_id = getvariable('run_b')
),

compared AS (
    SELECT
        count(*) AS tasks,
        avg(a) AS a,
        avg(b) AS b,
        avg(difference) AS difference,
        bootstrap_interval(list(difference ORDER BY task_id), 7) AS bounds,
        sign_flip_p(list(difference ORDER BY task_id), 7) AS p,
        count(*) FILTER (difference > 0) AS better,
        count(*) FILTER (difference < 0) AS worse
    FROM pair
)

SELECT
    tasks,
    round(a, 4) AS a,
    round(b, 4) AS b,
    round(difference, 4) AS difference,
    round(bounds[1], 4) AS low,
    round(bounds[2], 4) AS high,
    CASE WHEN tasks > 0 THEN round(p, 5) END AS p,
    better,
    worse
FROM compared
