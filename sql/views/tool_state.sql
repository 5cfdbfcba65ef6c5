-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
-- misjudged: whether its name or its claims said that it reads, and it was seen to change something
WITH changing AS (
    -- What was seen to change something is not believed when it says that it only reads.
    SELECT server, tool, count(*) AS times FROM seen_change GROUP BY ALL
)

SELECT
    t.server,
    t.tool,
    t.claims AND c.tool IS NULL AS reads,
    t.claims AND c.tool IS NOT NULL AS misjudged,
    CASE
        WHEN misjudged
            THEN 'was seen to change what ' || c.times || ' other calls read'
        ELSE regexp_replace(t.purity, '^[a-z]+: ', '')
    END AS reason
FROM (
    SELECT server, tool, tool_purity(tool, coalesce(annotations, '{}')) AS purity, starts_with(purity, 'reads') AS claims FROM tool
) AS t
LEFT JOIN changing AS c ON c.server = t.server AND c.tool = t.tool
