-- grain: call; every recorded call with its arguments and result as JSON
-- episode_id: The episode.
-- call_index: Place in the episode, from 0.
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments as JSON: `arguments ->> 'city'` reads one.
-- result: Result as JSON: `result ->> '$.items[0].name'` reads into it; null where none came back.
-- is_error: Whether the call failed.
-- error_kind: How it failed; null for a success.
-- error_text: What the error said, shortened.
-- latency_ms: Milliseconds from request to reply.
-- policy: Policy that chose the arguments.
-- source: Where the call was observed: `live` for calls firefly made itself, else the collection it was ingested from.
-- state_key: State of the server at that moment, as far as calls can tell.
SELECT
    c.episode_id,
    c.call_index,
    c.server,
    c.tool,
    CAST(c.arguments AS JSON) AS arguments,
    CAST(c.result AS JSON) AS result,
    c.is_error,
    c.error_kind,
    c.error_text,
    c.latency_us / 1000 AS latency_ms,
    e.policy,
    c.source,
    c.state_key
FROM call AS c
LEFT JOIN episode AS e ON c.episode_id = e.episode_id
