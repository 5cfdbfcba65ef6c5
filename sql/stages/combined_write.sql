-- grain: episode × call; calls of two walks in which the same reading needed all that was written before it: the writes of both, and the reading
-- part: Which calls belong together.
WITH reading AS (
    SELECT
        w.episode_id,
        w.call_index,
        c.server,
        c.tool,
        c.arguments,
        row_number() OVER (PARTITION BY c.server, c.tool, c.arguments ORDER BY md5(w.episode_id)) AS place
    FROM whole_reading AS w
    INNER JOIN call AS c ON c.episode_id = w.episode_id AND c.call_index = w.call_index
    WHERE w.writes <= 3
),

pair AS (
    SELECT a.episode_id || ' ' || b.episode_id || ' ' || a.call_index AS part, a.episode_id AS former, b.episode_id AS latter, a.call_index AS reading
    FROM reading AS a
    INNER JOIN reading AS b
        ON b.server = a.server AND b.tool = a.tool AND b.arguments = a.arguments AND b.place = a.place + 1
    WHERE a.place <= 4
),

wanted AS (
    SELECT part, 0 AS turn, former AS episode_id, reading, reading AS call_index FROM pair
    UNION ALL
    SELECT p.part, 0, p.former, p.reading, a.left_out
    FROM pair AS p
    INNER JOIN ablation AS a ON a.episode_id = p.former AND a.call_index = p.reading
    UNION ALL
    SELECT DISTINCT p.part, 1, p.latter, p.reading, a.left_out
    FROM pair AS p
    INNER JOIN ablation AS a ON a.episode_id = p.latter
)

SELECT w.part, c.episode_id, c.call_index, c.server, c.tool, c.arguments, s.reads, true AS changes
FROM wanted AS w
INNER JOIN call AS c ON c.episode_id = w.episode_id AND c.call_index = w.call_index
INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
-- What both wrote is written once.
QUALIFY row_number() OVER (PARTITION BY w.part, c.server, c.tool, c.arguments ORDER BY w.turn, c.call_index) = 1
ORDER BY w.part, w.turn, c.call_index
