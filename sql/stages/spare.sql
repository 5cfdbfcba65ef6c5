-- grain: call; what calls gave from which an option was left out
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON.
-- result_hash: Hash of the result.
-- state_key: State in which it was made.
SELECT DISTINCT c.server, c.tool, c.arguments, c.result_hash, c.state_key
FROM call AS c
INNER JOIN episode AS e ON e.episode_id = c.episode_id AND e.policy = 'options'
WHERE NOT c.is_error AND c.repeat_of IS NULL AND c.source = 'live'
ORDER BY c.server, c.tool, c.arguments
