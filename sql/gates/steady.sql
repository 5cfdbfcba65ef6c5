-- grain: task; no answer field and no value that flows is known to change between equal calls
WITH failure AS (
    SELECT f.task_id, f.field || ' is read from a field of ' || f.tool || ' that changes between equal calls' AS reason
    FROM answer_field AS f
    INNER JOIN volatile_field AS v
        ON v.server = f.server AND v.tool = f.tool
        AND (
            v.pattern = pointer_pattern(f.pointer)
            OR (f.expression IS NOT NULL AND starts_with(v.pattern, f.pointer))
        )
    UNION ALL
    SELECT f.task_id, 'call ' || f.dst_call || ' takes a value that changes between equal calls' AS reason
    FROM gold_flow AS f
    INNER JOIN call AS c ON c.episode_id = f.episode_id AND c.call_index = f.src_call
    INNER JOIN volatile_field AS v
        ON v.server = c.server AND v.tool = c.tool AND v.pattern = pointer_pattern(f.src_pointer)
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
