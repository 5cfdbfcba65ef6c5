-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
-- misjudged: whether its name or its claims said that it reads, and it was seen to change something
WITH changing AS (
    -- What was seen to change something is not believed when it says that it only reads.
    SELECT server, tool, count(*) AS times FROM seen_change GROUP BY ALL
),

said AS (
    SELECT
        server,
        tool,
        tool_purity(tool, coalesce(annotations, '{}')) AS purity,
        starts_with(purity, 'reads') AS claims,
        coalesce(bool_or(annotations ->> 'readOnlyHint' = 'true') OVER (PARTITION BY server), false) AS telling
    FROM tool
),

probed AS (
    SELECT c.server, c.tool, count(*) AS probes
    FROM probe AS p
    INNER JOIN call AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
    GROUP BY ALL
),

-- Servers that keep no state, as far as many probes tell: nothing was seen to change, and next to no tool is called as if it wrote.
-- What transfers, cancels or adds there is said of orbits, fractions and matrices.
stateless AS (
    SELECT s.server
    FROM said AS s
    LEFT JOIN probed AS p ON p.server = s.server AND p.tool = s.tool
    LEFT JOIN changing AS c ON c.server = s.server AND c.tool = s.tool
    GROUP BY s.server
    HAVING coalesce(sum(p.probes), 0) >= 50
        AND 500 * coalesce(sum(c.times), 0) <= sum(p.probes)
        AND 12 * count(*) FILTER (NOT s.claims) <= count(*)
)

SELECT
    t.server,
    t.tool,
    c.tool IS NULL AND (
        t.claims
        OR k.server IS NOT NULL
        -- Where no tool is said to read, none is said to write either: many frameworks put the same on all.
        OR t.purity = 'writes: it claims so' AND coalesce(p.probes, 0) > 0 AND NOT t.telling
    ) AS reads,
    t.claims AND c.tool IS NOT NULL AS misjudged,
    CASE
        WHEN c.tool IS NOT NULL AND t.claims
            THEN 'was seen to change what ' || c.times || ' other calls read'
        WHEN NOT t.claims AND k.server IS NOT NULL THEN 'its server was not seen to keep any state'
        WHEN reads AND NOT t.claims THEN 'was not seen to change anything'
        ELSE regexp_replace(t.purity, '^[a-z]+: ', '')
    END AS reason
FROM said AS t
LEFT JOIN changing AS c ON c.server = t.server AND c.tool = t.tool
LEFT JOIN probed AS p ON p.server = t.server AND p.tool = t.tool
LEFT JOIN stateless AS k ON k.server = t.server
