-- grain: task; no answer field and no value that flows is known to change between equal calls
WITH
-- Calls that give all that the clock or chance would else fill in.
settled AS (
    SELECT c.episode_id, c.call_index
    FROM call AS c
    INNER JOIN steady_form AS s
        ON s.server = c.server AND s.tool = c.tool AND s.given = argument_names(c.arguments)
),

failure AS (
    SELECT a.task_id, a.field || ' is read from a field of ' || c.tool || ' that changes between equal calls' AS reason
    FROM answer_call AS a
    INNER JOIN task AS t ON t.task_id = a.task_id
    INNER JOIN call AS c ON c.episode_id = t.episode_id AND c.call_index = a.call_index
    INNER JOIN volatile_field AS v
        ON v.server = c.server AND v.tool = c.tool
        AND (
            v.pattern = pointer_pattern(a.pointer)
            OR (a.expression IS NOT NULL AND starts_with(v.pattern, pointer_pattern(a.pointer)))
        )
    WHERE (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM settled)
    UNION ALL
    SELECT f.task_id, 'call ' || f.dst_call || ' takes a value that changes between equal calls' AS reason
    FROM gold_flow AS f
    INNER JOIN call AS c ON c.episode_id = f.episode_id AND c.call_index = f.src_call
    INNER JOIN volatile_field AS v
        ON v.server = c.server AND v.tool = c.tool AND v.pattern = pointer_pattern(f.src_pointer)
    WHERE (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM settled)
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
