-- grain: task; those that run `run_b` solves more or less often than run `run_a`, the greatest difference first
SELECT
    a.task_id,
    round(a.pass_1, 4) AS a,
    round(b.pass_1, 4) AS b,
    CASE WHEN b.pass_1 > a.pass_1 THEN 'gained' ELSE 'lost' END AS flipped,
    t.question
FROM eval_score AS a
INNER JOIN eval_score AS b ON b.task_id = a.task_id
LEFT JOIN task AS t ON t.task_id = a.task_id
WHERE a.run_id = getvariable('run_a') AND b.run_id = getvariable('run_b') AND a.pass_1 <> b.pass_1
ORDER BY abs(b.pass_1 - a.pass_1) DESC, a.task_id
