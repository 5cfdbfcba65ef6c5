-- grain: server × tool × field; fields, by pattern or by pointer, that had one value in results to at least three different arguments
WITH leaf AS (
    SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf FROM call WHERE NOT is_error AND source = 'live'
),

either AS (
    SELECT server, tool, arguments, leaf.pattern AS field, leaf.value AS value FROM leaf
    UNION ALL
    -- The first of a list that is always the same is constant, though the list has many values.
    SELECT server, tool, arguments, leaf.pointer AS field, leaf.value AS value FROM leaf WHERE leaf.pointer <> leaf.pattern
)

SELECT server, tool, field
FROM either
GROUP BY server, tool, field
HAVING count(DISTINCT value) = 1 AND count(DISTINCT arguments) >= 3
