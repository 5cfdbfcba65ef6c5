-- grain: server × tool; tools of the newest version that explorations called, with what they say and which of their fields are not worth asking for, or only where less is given
SELECT
    t.server,
    t.tool,
    coalesce(t.description, '') AS description,
    t.input_schema,
    s.reads,
    coalesce(v.patterns, []) AS worthless,
    coalesce(v.changing, []) AS changing,
    coalesce(v.worthless_anyway, []) AS worthless_anyway,
    coalesce(f.steady, []) AS steady
FROM tool AS t
INNER JOIN tool_state AS s ON s.server = t.server AND s.tool = t.tool
LEFT JOIN (
    SELECT
        server,
        tool,
        list(DISTINCT pattern ORDER BY pattern) AS patterns,
        list(DISTINCT pattern ORDER BY pattern) FILTER (reason = 'it changes between equal calls') AS changing,
        list(DISTINCT pattern ORDER BY pattern) FILTER (reason <> 'it changes between equal calls') AS worthless_anyway
    FROM worthless_field
    GROUP BY ALL
) AS v ON v.server = t.server AND v.tool = t.tool
LEFT JOIN (
    SELECT server, tool, list(given ORDER BY given) AS steady FROM steady_form GROUP BY ALL
) AS f ON f.server = t.server AND f.tool = t.tool
WHERE (t.server, t.tool) IN (SELECT (server, tool) FROM call WHERE source = 'live')
ORDER BY t.server, t.tool
