-- grain: task; the tasks that trials are of, also of those that benchmarks published
SELECT t.task_id, t.question, t.difficulty, t.split, t.gold_calls
FROM task AS t
SEMI JOIN eval_trial AS r ON r.task_id = t.task_id
UNION ALL
SELECT r.task_id, any_value(h.question ORDER BY r.trial), NULL, NULL, NULL
FROM eval_trial AS r
INNER JOIN trace AS h ON h.episode_id = r.episode_id
GROUP BY r.task_id
