-- grain: task; those that passed every gate, and the one called `task_id`
SELECT t.task_id, t.question, t.answer, t.answer_schema, t.gold_calls, t.difficulty, t.calls, t.servers, coalesce(t.split, 'train') AS split
FROM task AS t
WHERE t.task_id = getvariable('task_id') OR t.task_id IN (SELECT task_id FROM verified_task)
ORDER BY t.task_id
