-- grain: server × tool × field pattern; fields whose value differed between calls that should have given the same
WITH
-- Where in an episode a tool was first called that was taken to read and later seen to change things: from there on the state keys of
-- its server do not tell what was changed.
unkept AS (
    SELECT c.episode_id, c.server, min(c.call_index) AS since
    FROM call AS c
    INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool
    WHERE NOT c.is_error AND s.misjudged
    GROUP BY ALL
),

-- The calls after it, by their places: results are long, and most episodes have none.
unknown AS (
    SELECT c.episode_id, c.call_index
    FROM call AS c
    INNER JOIN unkept AS u ON u.episode_id = c.episode_id AND u.server = c.server
    WHERE c.call_index > u.since
),

unsteady AS (
    SELECT server, tool, arguments, state_key
    FROM call
    ANTI JOIN unknown USING (episode_id, call_index)
    WHERE NOT is_error AND source = 'live'
    GROUP BY ALL
    HAVING count(DISTINCT result_hash) > 1
),

result AS (
    SELECT DISTINCT c.server, c.tool, c.arguments, c.state_key, c.result_hash, c.result
    FROM call AS c
    INNER JOIN unsteady AS u
        ON u.server = c.server AND u.tool = c.tool AND u.arguments = c.arguments AND u.state_key = c.state_key
    ANTI JOIN unknown AS n ON n.episode_id = c.episode_id AND n.call_index = c.call_index
    WHERE NOT c.is_error AND c.source = 'live'
),

leaf AS (
    SELECT server, tool, arguments, state_key, result_hash, unnest(json_leaves(result)) AS leaf FROM result
),

results AS (
    SELECT server, tool, arguments, state_key, count(*) AS results FROM result GROUP BY ALL
),

spread AS (
    SELECT
        server, tool, arguments, state_key, leaf.pointer AS pointer, any_value(leaf.pattern) AS pattern,
        count(DISTINCT leaf.value) AS different_values, count(*) AS found
    FROM leaf
    GROUP BY ALL
),

differing AS (
    SELECT DISTINCT s.server, s.tool, s.pattern
    FROM spread AS s
    INNER JOIN results AS r
        ON r.server = s.server AND r.tool = s.tool AND r.arguments = s.arguments AND r.state_key = s.state_key
    WHERE s.different_values > 1 OR s.found < r.results
),

-- A time close to the time of the call is the clock's, whatever it said twice within a moment; so is what was worked out from it.
told AS (
    SELECT
        c.server,
        c.tool,
        c.leaf.pattern AS pattern,
        c.leaf.value AS value,
        c.arguments,
        is_clock(c.leaf.value, c.leaf.kind, c.started_at, c.wall_us) AS now,
        tells_time(c.leaf.pattern, c.leaf.value, c.leaf.kind, c.arguments, c.started_at) AS since
    FROM seen_leaf AS c
),

field AS MATERIALIZED (
    SELECT
        server,
        tool,
        pattern,
        bool_or(now OR since) AS clock,
        -- The day of a calendar, where none was asked about.
        bool_or(
            now AND NOT contains(value, ':') AND NOT regexp_matches(arguments, '[0-9]')
            AND regexp_matches(pattern, '^/[^/]*$') AND regexp_matches(value, '^[0-9]{4}(-|年)[0-9]')
        ) AS today
    FROM told
    GROUP BY server, tool, pattern
),

-- A result that is largely the clock is all of it: the day of the week is as old as the time. So is one that says of which day it is.
timely AS (
    SELECT server, tool FROM field GROUP BY server, tool HAVING count(*) FILTER (clock) >= 0.2 * count(*) OR bool_or(today)
)

SELECT * FROM differing
UNION
SELECT server, tool, pattern FROM field WHERE clock
UNION
SELECT f.server, f.tool, f.pattern
FROM field AS f
INNER JOIN timely AS t ON t.server = f.server AND t.tool = f.tool
