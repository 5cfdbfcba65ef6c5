-- grain: episode × call; calls of walks that showed a reading to need some but not all of the writes before it: each such group of readings with its writes
-- part: Which readings, and with them which writes, belong together.
WITH need AS (
    SELECT
        a.episode_id,
        a.call_index,
        list(a.left_out ORDER BY a.left_out) FILTER (a.needed) AS writes,
        count(*) FILTER (NOT a.needed) AS idle
    FROM ablated_call AS a
    INNER JOIN episode AS e ON e.episode_id = a.episode_id
    INNER JOIN dag AS d ON d.dag_id = e.dag_id AND d.shape = 'state'
    GROUP BY a.episode_id, a.call_index
    HAVING writes IS NOT NULL AND idle > 0
),

wanted AS (
    SELECT episode_id, writes::VARCHAR AS part, call_index FROM need
    UNION
    SELECT episode_id, writes::VARCHAR, unnest(writes) FROM need
)

SELECT w.episode_id || ' ' || w.part AS part, c.episode_id, c.call_index, c.server, c.tool, c.arguments, s.reads, true AS changes
FROM wanted AS w
INNER JOIN call AS c ON c.episode_id = w.episode_id AND c.call_index = w.call_index
INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
ORDER BY w.episode_id, w.part, c.call_index
