-- grain: server
WITH made AS (
    SELECT server, count(*) AS calls, count(*) FILTER (WHERE NOT is_error) AS ok, count(DISTINCT tool) FILTER (WHERE NOT is_error) AS tools_ok
    FROM call
    GROUP BY server
),

used AS (
    SELECT server, count(DISTINCT task_id) AS tasks
    FROM gold_call
    WHERE task_id IN (SELECT task_id FROM verified_task)
    GROUP BY server
)

SELECT
    s.server, s.status, s.version, s.protocol_version, s.tools,
    coalesce(m.tools_ok, 0) AS tools_ok, coalesce(m.calls, 0) AS calls, coalesce(m.ok, 0) AS calls_ok, coalesce(u.tasks, 0) AS tasks, s.reason
FROM server AS s
LEFT JOIN made AS m ON m.server = s.server
LEFT JOIN used AS u ON u.server = s.server
ORDER BY s.server
