-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
WITH changing AS (
    -- What was seen to change something is not believed when it says that it only reads.
    SELECT server, tool, count(*) AS times FROM seen_change GROUP BY ALL
)

SELECT
    t.server,
    t.tool,
    starts_with(t.purity, 'reads') AND c.tool IS NULL AS reads,
    CASE
        WHEN starts_with(t.purity, 'reads') AND c.tool IS NOT NULL
            THEN 'was seen to change what ' || c.times || ' other calls read'
        ELSE regexp_replace(t.purity, '^[a-z]+: ', '')
    END AS reason
FROM (SELECT server, tool, tool_purity(tool, coalesce(annotations, '{}')) AS purity FROM tool) AS t
LEFT JOIN changing AS c ON c.server = t.server AND c.tool = t.tool
