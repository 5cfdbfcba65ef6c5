-- grain: published trial × call; recorded calls of the trials that benchmarks published
SELECT r.run_id, r.task_id, r.trial, c.server, c.tool, c.arguments, left(c.result ->> '$', 600) AS result, c.error_kind
FROM eval_trial AS r
INNER JOIN call AS c ON c.episode_id = r.episode_id
ORDER BY r.run_id, r.task_id, r.trial, c.call_index
