-- grain: server × tool; tools with an edge from one of `stale_tool`
SELECT DISTINCT e.dst_server AS server, e.dst_tool AS tool
FROM edge AS e
SEMI JOIN stale_tool AS s ON s.server = e.src_server AND s.tool = e.src_tool
