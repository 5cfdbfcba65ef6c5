-- grain: server × tool × field × expression × value; what a tool gives so often that an answer could be guessed, where tasks ask for it
-- server: The server.
-- tool: The tool.
-- field: Field of its results, by pattern or by pointer.
-- expression: Null for the value itself; `json_array_length(value)` for the length of a list.
-- value: What it gives to half or more of different arguments, and to four at least; or to each of three at least.
-- share: To what share of the arguments, or of the entries of lists.
-- results: Number of different arguments.
WITH asked AS (
    SELECT DISTINCT server, tool, pointer, pointer_pattern(pointer) AS pattern, expression FROM answer_field
),

-- Equal calls count once.
result AS (
    SELECT server, tool, arguments, arg_min(result, (episode_id, call_index)) AS result
    FROM call
    WHERE NOT is_error AND source = 'live' AND (server, tool) IN (SELECT (server, tool) FROM asked)
    GROUP BY server, tool, arguments
),

leaf AS (
    SELECT server, tool, arguments, leaf.pointer AS pointer, leaf.pattern AS pattern, leaf.value AS value
    FROM (SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf FROM result)
    WHERE (server, tool, leaf.pattern) IN (SELECT (server, tool, pattern) FROM asked)
),

found AS (
    SELECT server, tool, arguments, pattern AS field, NULL AS expression, value FROM leaf
    UNION ALL
    -- The first of a list may always be the same, though the list has many values.
    SELECT server, tool, arguments, pointer AS field, NULL AS expression, value
    FROM leaf
    WHERE pointer <> pattern AND (server, tool, pointer) IN (SELECT (server, tool, pointer) FROM asked)
    UNION ALL
    -- Lists that are cut to a page have the length of the page.
    SELECT r.server, r.tool, r.arguments, a.pointer AS field, a.expression, json_array_length(r.result, a.pointer)::VARCHAR AS value
    FROM result AS r
    INNER JOIN asked AS a ON a.server = r.server AND a.tool = r.tool
    WHERE a.expression = 'json_array_length(value)' AND json_type(r.result, a.pointer) = 'ARRAY'
),

field AS (
    SELECT server, tool, field, expression, count(*) AS found, count(DISTINCT arguments) AS results FROM found GROUP BY ALL
),

given AS (
    SELECT server, tool, field, expression, value, count(*) AS times FROM found GROUP BY ALL
)

SELECT g.server, g.tool, g.field, g.expression, g.value, g.times / f.found AS share, f.results
FROM given AS g
INNER JOIN field AS f
    ON f.server = g.server AND f.tool = g.tool AND f.field = g.field AND f.expression IS NOT DISTINCT FROM g.expression
WHERE (f.results >= 4 AND g.times >= 0.5 * f.found) OR (f.results >= 3 AND g.times = f.found)
