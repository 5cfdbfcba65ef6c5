-- grain: task; all of them, with the splits of the variable `splits`, a JSON array of {task_id, split}, in the place of theirs
SELECT t.* REPLACE (s.split AS split)
FROM task AS t
LEFT JOIN (
    SELECT unnest(from_json(getvariable('splits')::VARCHAR, '[{"task_id": "VARCHAR", "split": "VARCHAR"}]'), recursive := true)
) AS s ON s.task_id = t.task_id
