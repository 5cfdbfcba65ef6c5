-- grain: call; calls that tasks are made of and that could do with fewer arguments, with what their tools need
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON.
-- required: Parameters that the tool's schema requires.
-- idle: Arguments of which it was seen that the result is the same without each.
WITH gold AS (
    SELECT DISTINCT g.server, g.tool, g.arguments, c.result_hash
    FROM gold_call AS g
    INNER JOIN call AS c ON c.episode_id = g.episode_id AND c.call_index = g.call_index
    INNER JOIN tool_state AS s ON s.server = g.server AND s.tool = g.tool AND s.reads
),

needed AS (
    SELECT
        server,
        tool,
        list_transform(list_filter(schema_params(input_schema), lambda p: p.required), lambda p: p.name) AS required
    FROM tool
),

without AS (
    SELECT
        g.server,
        g.tool,
        g.arguments,
        list_distinct(flatten(list(list_filter(json_keys(g.arguments), lambda k: NOT list_contains(json_keys(f.arguments), k))))) AS idle
    FROM gold AS g
    -- What was seen with fewer arguments.
    INNER JOIN fewer_call AS f
        ON NOT f.is_error AND f.server = g.server AND f.tool = g.tool AND f.result_hash = g.result_hash AND f.arguments <> g.arguments
        AND json_contains(g.arguments, f.arguments) AND len(json_keys(f.arguments)) = len(json_keys(g.arguments)) - 1
    GROUP BY ALL
)

SELECT g.server, g.tool, g.arguments, to_json(n.required) AS required, to_json(coalesce(w.idle, [])) AS idle
FROM gold AS g
INNER JOIN needed AS n ON n.server = g.server AND n.tool = g.tool
LEFT JOIN without AS w ON w.server = g.server AND w.tool = g.tool AND w.arguments = g.arguments
WHERE len(list_filter(json_keys(g.arguments), lambda k: NOT list_contains(n.required, k))) > 0
ORDER BY g.server, g.tool, g.arguments
