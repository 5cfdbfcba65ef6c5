-- grain: task; each argument of each gold call is given in the question or flows from an earlier result
WITH failure AS (
    SELECT task_id, tool || ' needs ' || leaf.pointer || ' = ' || leaf.value || ', which the question does not give' AS reason
    FROM (SELECT task_id, episode_id, question, call_index, tool, unnest(json_leaves(arguments)) AS leaf FROM gold_call) AS g
    WHERE NOT EXISTS (
            SELECT 1
            FROM gold_flow AS f
            WHERE f.task_id = g.task_id AND f.dst_call = g.call_index AND f.dst_pointer = g.leaf.pointer
        )
        AND NOT mentions(question, CASE leaf.kind WHEN 'boolean' THEN CASE leaf.value WHEN 'true' THEN 'yes' ELSE 'no' END ELSE leaf.value END)
    UNION ALL
    SELECT task_id, 'call ' || dst_call || ' takes a value from call ' || src_call || ', which comes after it' AS reason
    FROM gold_flow
    WHERE src_call >= dst_call
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
