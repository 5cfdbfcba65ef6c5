-- grain: task × answer field; the label with the call and pointer it was read from
SELECT
    t.task_id,
    t.episode_id,
    p.field,
    p.call_index,
    c.server,
    c.tool,
    p.pointer,
    p.expression,
    json_extract(t.answer, '/' || p.field) AS value,
    CASE WHEN p.pointer = '' THEN c.result::JSON ELSE json_extract(c.result, p.pointer) END AS recorded
FROM task AS t
INNER JOIN provenance AS p ON p.task_id = t.task_id
LEFT JOIN call AS c ON c.episode_id = t.episode_id AND c.call_index = p.call_index
