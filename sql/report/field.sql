-- grain: run × task × trial × answer field; its grade beside where the label was read from
SELECT
    f.run_id,
    f.task_id,
    f.trial,
    f.field,
    f.is_right,
    f.why,
    CAST(f.given AS VARCHAR) AS given,
    CAST(json_extract(t.answer, '/' || replace(replace(f.field, '~', '~0'), '/', '~1')) AS VARCHAR) AS label,
    f.server,
    f.tool,
    f.call_index,
    f.pointer
FROM eval_field AS f
LEFT JOIN task AS t ON t.task_id = f.task_id
ORDER BY f.run_id, f.task_id, f.trial, f.field
