-- grain: run × kind of part × part; pass@1 of the tasks of each difficulty, number of servers and calls, shape, and server
SELECT
    s.run_id,
    p.kind,
    p.part,
    count(*) AS tasks,
    round(avg(s.pass_1), 4) AS pass_1,
    round(bootstrap_interval(list(s.pass_1 ORDER BY s.task_id), 7)[1], 4) AS low,
    round(bootstrap_interval(list(s.pass_1 ORDER BY s.task_id), 7)[2], 4) AS high
FROM eval_score AS s
INNER JOIN eval_part AS p ON p.task_id = s.task_id
GROUP BY s.run_id, p.kind, p.part
ORDER BY s.run_id, p.kind, tasks DESC, p.part
