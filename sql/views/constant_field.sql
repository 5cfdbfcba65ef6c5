-- grain: server × tool × field; fields, by pattern or by pointer, that had one value in results to at least three different arguments, or nearly always to many
WITH either AS (
    SELECT server, tool, arguments, leaf.pattern AS field, leaf.value AS value FROM seen_leaf
    UNION ALL
    -- The first of a list that is always the same is constant, though the list has many values.
    SELECT server, tool, arguments, leaf.pointer AS field, leaf.value AS value FROM seen_leaf WHERE leaf.pointer <> leaf.pattern
),

given AS (
    SELECT server, tool, field, value, count(DISTINCT arguments) AS results FROM either GROUP BY ALL
)

SELECT server, tool, field
FROM given
GROUP BY server, tool, field
HAVING (count(*) = 1 AND sum(results) >= 3) OR (sum(results) >= 10 AND max(results) >= 0.9 * sum(results))
