-- grain: server × tool × arguments × result × state; calls that were made to see whether an option makes a difference
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON, less what was left out.
-- result_hash: Hash of the result.
-- state_key: State in which it was made.
-- is_error: Whether it failed: what was left out is needed.
SELECT DISTINCT c.server, c.tool, c.arguments, c.result_hash, c.state_key, c.is_error
FROM call AS c
INNER JOIN episode AS e ON e.episode_id = c.episode_id AND e.policy = 'options'
WHERE c.repeat_of IS NULL AND c.source = 'live'
