-- grain: server × field pattern; fields that most tools of a server have, whatever they are asked: the envelope of its results
WITH found AS (
    SELECT server, leaf.pattern AS pattern, count(DISTINCT tool) AS tools
    FROM seen_leaf
    GROUP BY server, leaf.pattern
),

succeeded AS (
    SELECT server, count(DISTINCT tool) AS tools FROM call WHERE NOT is_error AND source = 'live' GROUP BY server
)

SELECT f.server, f.pattern
FROM found AS f
INNER JOIN succeeded AS s ON s.server = f.server
WHERE f.pattern <> '' AND f.tools >= 4 AND f.tools >= 0.6 * s.tools
