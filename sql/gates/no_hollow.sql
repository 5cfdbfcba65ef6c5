-- grain: task; each gold call feeds a later one or the answer, or writes what a later one reads
WITH failure AS (
    SELECT g.task_id, 'nothing uses the result of call ' || g.call_index || ' (' || g.tool || ')' AS reason
    FROM gold_call AS g
    WHERE NOT EXISTS (SELECT 1 FROM gold_flow AS f WHERE f.task_id = g.task_id AND f.src_call = g.call_index)
        AND NOT EXISTS (SELECT 1 FROM answer_call AS p WHERE p.task_id = g.task_id AND p.call_index = g.call_index)
        AND NOT EXISTS (
            SELECT 1
            FROM ablated_call AS a
            INNER JOIN gold_call AS r ON r.task_id = g.task_id AND r.call_index = a.call_index
            WHERE a.episode_id = g.episode_id AND a.left_out = g.call_index AND a.needed
        )
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
