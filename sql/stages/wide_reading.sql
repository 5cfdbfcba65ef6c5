-- grain: part × call; writes that a reading was seen to need all of, and with them much else that can be read of their server: what one state has to say
-- part: Which calls belong together: the writes of one walk.
WITH
-- The writes before them.
written AS (
    SELECT DISTINCT w.episode_id, a.left_out AS call_index, c.server, c.tool, c.arguments
    FROM whole_reading AS w
    INNER JOIN ablation AS a ON a.episode_id = w.episode_id AND a.call_index = w.call_index
    INNER JOIN call AS c ON c.episode_id = a.episode_id AND c.call_index = a.left_out
),

-- The same writes once; few of them before many, and of each server those that end with the most different tools. Nobody writes nothing.
state AS (
    SELECT server, min(episode_id) AS episode_id, last_tool, len(writes) AS size
    FROM (
        SELECT
            episode_id,
            server,
            list(tool || ' ' || arguments ORDER BY call_index) AS writes,
            arg_max(tool, call_index) AS last_tool
        FROM written
        GROUP BY episode_id, server
        HAVING NOT bool_or(contains(arguments, ':{}'))
    )
    GROUP BY server, last_tool, writes
    QUALIFY row_number() OVER (PARTITION BY server, last_tool ORDER BY size, md5(min(episode_id))) <= 3
),

chosen AS (
    SELECT * FROM state QUALIFY row_number() OVER (PARTITION BY server ORDER BY size, md5(episode_id)) <= 16
),

-- What can be read there.
reading AS (
    SELECT c.server, c.tool, c.arguments, min((c.episode_id, c.call_index)) AS first
    FROM call AS c
    SEMI JOIN chosen AS h ON h.server = c.server
    INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool AND s.reads
    WHERE c.source = 'live' AND NOT c.is_error AND c.repeat_of IS NULL AND len(c.arguments) <= 1200
        AND (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
    GROUP BY c.server, c.tool, c.arguments
    QUALIFY row_number() OVER (PARTITION BY c.server, c.tool ORDER BY md5(c.arguments)) <= 5
),

part AS (
    SELECT h.episode_id AS part, w.episode_id, w.call_index, 0 AS turn
    FROM chosen AS h
    INNER JOIN written AS w ON w.episode_id = h.episode_id AND w.server = h.server
    UNION ALL
    SELECT h.episode_id AS part, r.first[1] AS episode_id, r.first[2] AS call_index, 1 AS turn
    FROM chosen AS h
    INNER JOIN reading AS r ON r.server = h.server
    QUALIFY row_number() OVER (PARTITION BY h.episode_id, r.server ORDER BY md5(h.episode_id || r.tool || r.arguments)) <= 48
)

SELECT p.part, c.episode_id, c.call_index, c.server, c.tool, c.arguments, s.reads, true AS changes
FROM part AS p
INNER JOIN call AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
ORDER BY p.part, p.turn, c.episode_id, c.call_index
