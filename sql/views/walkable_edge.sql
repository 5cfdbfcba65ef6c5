-- grain: src tool × dst tool × dst parameter; edges worth walking: between tools of running servers that are not known to fail, with a field to take the value from
-- src_server: Server of the tool whose result is read.
-- src_tool: That tool.
-- src_field: Field of its result.
-- dst_server: Server of the tool that takes the value.
-- dst_tool: That tool.
-- dst_param: Parameter that takes it.
-- score: Chance that a value flows.
-- high: Whether it is of tier high.
-- dst_reads: Whether the tool that takes the value is taken to leave its server's state as it is.
WITH hopeless AS (
    SELECT server, tool
    FROM call
    WHERE source = 'live'
    GROUP BY server, tool
    HAVING count(*) FILTER (WHERE NOT is_error) = 0
)

SELECT
    e.src_server, e.src_tool, e.src_field, e.dst_server, e.dst_tool, e.dst_param, e.score, e.tier = 'high' AS high, s.reads AS dst_reads
FROM edge AS e
INNER JOIN tool_state AS s ON s.server = e.dst_server AND s.tool = e.dst_tool
INNER JOIN server AS a ON a.server = e.src_server AND a.status = 'ok'
INNER JOIN server AS b ON b.server = e.dst_server AND b.status = 'ok'
WHERE e.source <> 'described'
    -- A value is worth passing on where the names agree, or where it was seen to work: between servers that is rarely likely.
    AND ((e.name_evidence >= 0.5 AND e.type_evidence >= 0.5) OR e.flow_evidence > 0)
    -- Objects in arguments are filled as a whole.
    AND e.dst_field IN ('/' || e.dst_param, '/' || e.dst_param || '/*')
    AND (e.src_server, e.src_tool) NOT IN (SELECT (server, tool) FROM hopeless)
    AND (e.dst_server, e.dst_tool) NOT IN (SELECT (server, tool) FROM hopeless)
