-- grain: episode × call; calls that succeeded on servers to which their episode wrote, in order: what could be read in a written state
-- episode_id: The episode.
-- call_index: Index in it.
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments in canonical JSON.
-- reads: Whether the tool is taken to leave the state as it is.
-- changes: Whether the same call was seen to give something else after a write of this episode.
WITH ok AS (
    SELECT c.episode_id, c.call_index, c.server, c.tool, c.arguments, s.reads
    FROM call AS c
    INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
    INNER JOIN episode AS e ON e.episode_id = c.episode_id
    INNER JOIN dag AS d ON d.dag_id = e.dag_id AND d.shape NOT IN ('miss', 'state')
    WHERE c.source = 'live' AND NOT c.is_error AND c.repeat_of IS NULL AND len(c.arguments) <= 1200
        AND (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
),

seen AS (
    SELECT DISTINCT s.episode_id, w.server, w.tool, w.arguments
    FROM seen_change AS s
    INNER JOIN call AS w ON w.episode_id = s.episode_id AND w.call_index = s.witness
)

SELECT o.episode_id, o.call_index, o.server, o.tool, o.arguments, o.reads, s.episode_id IS NOT NULL AS changes
FROM ok AS o
SEMI JOIN (SELECT DISTINCT episode_id, server FROM ok WHERE NOT reads) AS w ON w.episode_id = o.episode_id AND w.server = o.server
LEFT JOIN seen AS s ON s.episode_id = o.episode_id AND s.server = o.server AND s.tool = o.tool AND s.arguments = o.arguments
ORDER BY o.episode_id, o.server, o.call_index
