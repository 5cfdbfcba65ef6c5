-- grain: task; all of them, with the splits of the variable `splits`, a JSON array of {task_id, split}, in the place of theirs
SELECT t.* REPLACE (s.split AS split)
FROM task AS t
LEFT JOIN (
    SELECT e ->> 'task_id' AS task_id, e ->> 'split' AS split
    FROM (SELECT unnest(json_extract(coalesce(getvariable('splits'), '[]')::VARCHAR, '$[*]')) AS e)
) AS s ON s.task_id = t.task_id
