-- grain: episode × call index; the calls of all explorations in order, with what their tools say
SELECT
    c.episode_id,
    c.call_index,
    c.server,
    c.tool,
    coalesce(t.description, '') AS description,
    t.input_schema,
    c.arguments,
    c.result,
    c.is_error,
    c.repeat_of,
    c.state_key,
    s.reads,
    coalesce(v.patterns, []) AS worthless,
    coalesce(v.changing, []) AS changing,
    d.shape IN ('survey', 'cover', 'mixed', 'miss') AS survey
FROM call AS c
INNER JOIN episode AS e ON e.episode_id = c.episode_id
INNER JOIN tool AS t ON t.server = c.server AND t.tool = c.tool
INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
LEFT JOIN dag AS d ON d.dag_id = e.dag_id
LEFT JOIN (
    SELECT
        server,
        tool,
        list(DISTINCT pattern ORDER BY pattern) AS patterns,
        list(DISTINCT pattern ORDER BY pattern) FILTER (reason = 'it changes between equal calls') AS changing
    FROM worthless_field
    GROUP BY ALL
) AS v ON v.server = c.server AND v.tool = c.tool
WHERE c.repeat_of IS NULL AND c.source = 'live'
    -- Nobody is to learn calls that break a tool's schema, even where the tool takes them.
    AND (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
ORDER BY coalesce(d.draw, 0), c.episode_id, c.call_index
