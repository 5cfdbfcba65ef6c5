-- grain: task; no other task has the same calls and the same answer
WITH failure AS (
    SELECT task_id, 'same calls and answer as ' || first_task AS reason
    FROM (
        SELECT
            t.task_id,
            min(t.task_id) OVER (PARTITION BY c.calls, t.answer) AS first_task
        FROM task AS t
        LEFT JOIN (
            SELECT task_id, string_agg(server || '.' || tool || arguments, ' ' ORDER BY call_index) AS calls
            FROM gold_call
            GROUP BY task_id
        ) AS c ON c.task_id = t.task_id
    )
    WHERE task_id <> first_task
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
