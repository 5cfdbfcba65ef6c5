-- grain: src tool × dst tool × dst parameter; edges worth walking, between tools of running servers that are not known to fail
WITH hopeless AS (
    SELECT server, tool
    FROM call
    WHERE source = 'live'
    GROUP BY server, tool
    HAVING count(*) FILTER (WHERE NOT is_error) = 0
)

SELECT e.src_server, e.src_tool, e.src_field, e.dst_server, e.dst_tool, e.dst_param, e.score, e.tier, s.reads AS dst_reads
FROM edge AS e
INNER JOIN tool_state AS s ON s.server = e.dst_server AND s.tool = e.dst_tool
INNER JOIN server AS a ON a.server = e.src_server AND a.status = 'ok'
INNER JOIN server AS b ON b.server = e.dst_server AND b.status = 'ok'
WHERE e.tier <> 'low'
    AND (e.src_server, e.src_tool) NOT IN (SELECT (server, tool) FROM hopeless)
    AND (e.dst_server, e.dst_tool) NOT IN (SELECT (server, tool) FROM hopeless)
ORDER BY ALL
