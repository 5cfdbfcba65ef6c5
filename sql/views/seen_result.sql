-- grain: server × tool × arguments × result; what explored calls gave, each once, with when first: most calls of a lake are made again and again
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON.
-- result: The result.
-- started_at: When the first episode that saw it began.
-- wall_us: How long that episode took, in microseconds.
SELECT
    c.server,
    c.tool,
    c.arguments,
    any_value(c.result) AS result,
    min(e.started_at) AS started_at,
    arg_min(e.wall_us, e.started_at) AS wall_us
FROM call AS c
LEFT JOIN episode AS e ON e.episode_id = c.episode_id
WHERE NOT c.is_error AND c.source = 'live' AND c.repeat_of IS NULL
GROUP BY c.server, c.tool, c.arguments, coalesce(c.result_hash, c.result)
