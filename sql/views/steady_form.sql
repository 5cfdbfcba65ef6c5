-- grain: server × tool × arguments given; ways to call a tool whose results change with the clock or by chance in which they do not
-- server: Server of the tool.
-- tool: The tool.
-- given: Names of the arguments, in canonical JSON.
WITH called AS (
    SELECT c.server, c.tool, argument_names(c.arguments) AS given, c.arguments, c.state_key, c.result_hash
    FROM call AS c
    SEMI JOIN volatile_field AS v ON v.server = c.server AND v.tool = c.tool
    WHERE NOT c.is_error AND c.source = 'live'
),

made AS (
    SELECT server, tool, given, arguments, state_key, count(*) AS calls, count(DISTINCT result_hash) AS results
    FROM called
    GROUP BY ALL
),

timed AS (
    SELECT DISTINCT s.server, s.tool, argument_names(s.arguments) AS given
    FROM seen_leaf AS s
    SEMI JOIN volatile_field AS v ON v.server = s.server AND v.tool = s.tool
    WHERE is_clock(s.leaf.value, s.leaf.kind, s.started_at, s.wall_us)
        OR tells_time(s.leaf.pattern, s.leaf.value, s.leaf.kind, s.arguments, s.started_at)
),

form AS (
    SELECT
        m.server,
        m.tool,
        m.given,
        count(DISTINCT m.arguments) AS ways,
        count(*) FILTER (m.calls > 1) AS repeated,
        bool_or(m.results > 1) OR bool_or(t.given IS NOT NULL) AS changes
    FROM made AS m
    LEFT JOIN timed AS t ON t.server = m.server AND t.tool = m.tool AND t.given = m.given
    GROUP BY ALL
)

SELECT f.server, f.tool, f.given
FROM form AS f
INNER JOIN form AS o ON o.server = f.server AND o.tool = f.tool AND o.changes
-- Seldom asked twice, chance would go unseen.
WHERE NOT f.changes AND f.ways >= 10 AND f.repeated >= 3
GROUP BY ALL
-- In each way that changes, less is given: there the server takes the day or a number of its own.
HAVING bool_and(list_has_all(from_json(f.given, '["VARCHAR"]'), from_json(o.given, '["VARCHAR"]')))
