-- grain: task; no call on the gold path failed in any way
WITH failure AS (
    SELECT task_id, 'call ' || call_index || ' (' || tool || ') failed: ' || coalesce(error_kind, 'it was not recorded') AS reason
    FROM gold_call
    WHERE coalesce(is_error, true)
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
