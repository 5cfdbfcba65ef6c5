-- grain: truth × server × tool; the catalogues whose pairs are judged by `known_flow`
-- truth: `trace` (tools of the collections that traces are of) or `matched` and `survey` (tools of running servers).
-- server: The server.
-- tool: The tool.
WITH collection AS (
    SELECT DISTINCT source AS label FROM call WHERE source <> 'live'
)

SELECT 'trace' AS truth, t.server, t.tool
FROM tool AS t
WHERE (t.server, t.tool) IN (
        SELECT (g.known_server, g.known_tool)
        FROM sighting AS g
        INNER JOIN source AS s USING (source_id)
        SEMI JOIN collection AS c ON c.label = s.label
    )
    OR (t.server, t.tool) IN (SELECT (server, tool) FROM call WHERE source <> 'live')
UNION ALL
SELECT k.truth, t.server, t.tool
FROM tool AS t
CROSS JOIN (VALUES ('matched'), ('survey')) AS k (truth)
INNER JOIN server AS s ON s.server = t.server AND s.status = 'ok'
