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
    p.other_call,
    p.other_pointer,
    p.key,
    p.label,
    p.wanted,
    json_extract(t.answer, '/' || p.field) AS value,
    CASE WHEN p.pointer = '' THEN c.result::JSON ELSE json_extract(c.result, p.pointer) END AS recorded,
    CASE WHEN p.other_pointer = '' THEN o.result::JSON ELSE json_extract(o.result, p.other_pointer) END AS other
FROM task AS t
INNER JOIN provenance AS p ON p.task_id = t.task_id
LEFT JOIN call AS c ON c.episode_id = t.episode_id AND c.call_index = p.call_index
LEFT JOIN call AS o ON o.episode_id = t.episode_id AND o.call_index = p.other_call
