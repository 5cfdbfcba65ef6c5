-- grain: server × tool; quick tools that read and have succeeded, those first that no task calls and that were in fewest mixed walks, by chance among equals
WITH walked AS (
    SELECT n.server, n.tool, count(*) AS walks
    FROM dag_node AS n
    INNER JOIN dag AS d USING (dag_id)
    WHERE d.shape = 'mixed'
    GROUP BY ALL
),

proven AS (
    SELECT server, tool
    FROM call
    WHERE source = 'live'
    GROUP BY ALL
    HAVING count(*) FILTER (NOT is_error) > 0 AND count(*) FILTER (error_kind IN ('timeout', 'exit')) = 0 AND median(latency_us) < 4e6
)

SELECT
    t.server,
    t.tool,
    len(list_filter(schema_params(t.input_schema), lambda p: p.required)) AS required
FROM tool AS t
INNER JOIN server AS a USING (server)
INNER JOIN tool_state AS s USING (server, tool)
INNER JOIN proven AS p USING (server, tool)
LEFT JOIN walked AS w USING (server, tool)
LEFT JOIN (SELECT DISTINCT server, tool FROM gold_call) AS g USING (server, tool)
WHERE a.status = 'ok' AND s.reads
ORDER BY t.server, g.tool IS NOT NULL, coalesce(w.walks, 0), md5(getvariable('seed') || '/' || t.server || '/' || t.tool)
