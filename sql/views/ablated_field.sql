-- grain: task × answer field × gold call left out; what the field comes to where a write is not made; null where it comes to nothing
SELECT
    f.task_id,
    f.field,
    g.call_index AS left_out,
    f.value AS answer,
    derived_value(
        f.expression,
        CASE
            WHEN a.left_out IS NULL THEN f.recorded
            WHEN f.pointer = '' THEN a.result::JSON
            ELSE json_extract(a.result, f.pointer)
        END,
        CASE
            WHEN b.left_out IS NULL THEN f.other
            WHEN f.other_pointer = '' THEN b.result::JSON
            ELSE json_extract(b.result, f.other_pointer)
        END,
        f.key,
        f.label,
        f.wanted
    ) AS derived
FROM answer_field AS f
INNER JOIN gold_call AS g ON g.task_id = f.task_id
LEFT JOIN ablated_call AS a
    ON a.episode_id = f.episode_id AND a.call_index = f.call_index AND a.left_out = g.call_index
LEFT JOIN ablated_call AS b
    ON b.episode_id = f.episode_id AND b.call_index = f.other_call AND b.left_out = g.call_index
WHERE a.left_out IS NOT NULL OR b.left_out IS NOT NULL
