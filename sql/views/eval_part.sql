-- grain: task × kind of part × part; what figures are broken down by
-- task_id: The task.
-- kind: `difficulty`, `servers` (how many), `shape` (of the sub-DAG), `server` (each that a gold call is made to), `calls` (how many).
-- part: Which.
SELECT task_id, 'difficulty' AS kind, difficulty AS part FROM task
UNION ALL
SELECT task_id, 'servers', CASE WHEN servers >= 3 THEN '3 or more' ELSE servers::VARCHAR END FROM task
UNION ALL
SELECT task_id, 'calls', CASE WHEN calls >= 5 THEN '5 or more' ELSE calls::VARCHAR END FROM task
UNION ALL
SELECT t.task_id, 'shape', d.shape
FROM task AS t
INNER JOIN episode AS e ON e.episode_id = t.episode_id
INNER JOIN dag AS d ON d.dag_id = e.dag_id
UNION ALL
SELECT DISTINCT task_id, 'server', server FROM gold_call WHERE server IS NOT NULL
