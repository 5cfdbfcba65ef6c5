-- grain: what a task for training and one for testing share; no row where the splits are apart
-- kind: What is shared: `sampled`, `sub-DAG`, `call` or `answer` (see `task_key`).
-- key: Hash of it.
-- train: Tasks for training that have it.
-- test: Tasks for testing that have it.
SELECT
    k.kind,
    k.key,
    list(t.task_id ORDER BY t.task_id) FILTER (t.split = 'train') AS train,
    list(t.task_id ORDER BY t.task_id) FILTER (t.split = 'test') AS test
FROM task_key AS k
INNER JOIN task AS t ON t.task_id = k.task_id
WHERE t.split IN ('train', 'test')
GROUP BY k.kind, k.key
HAVING count(DISTINCT t.split) = 2
ORDER BY k.kind, k.key
