-- grain: server × tool × field pattern; fields whose value differed between calls that should have given the same
WITH unsteady AS (
    SELECT server, tool, arguments, state_key
    FROM call
    WHERE NOT is_error
    GROUP BY ALL
    HAVING count(DISTINCT result_hash) > 1
),

result AS (
    SELECT DISTINCT c.server, c.tool, c.arguments, c.state_key, c.result_hash, c.result
    FROM call AS c
    INNER JOIN unsteady AS u
        ON u.server = c.server AND u.tool = c.tool AND u.arguments = c.arguments AND u.state_key = c.state_key
    WHERE NOT c.is_error
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
)

SELECT DISTINCT s.server, s.tool, s.pattern
FROM spread AS s
INNER JOIN results AS r
    ON r.server = s.server AND r.tool = s.tool AND r.arguments = s.arguments AND r.state_key = s.state_key
WHERE s.different_values > 1 OR s.found < r.results
