-- grain: collection; the graph beside links that others published (TaskBench): precision and recall of its edges of tier medium or better
WITH strong AS (
    SELECT DISTINCT src_server, src_tool, dst_server, dst_tool FROM edge WHERE tier <> 'low'
),

size AS (
    SELECT server, count(*) * (count(*) - 1) AS pairs FROM tool WHERE server IN (SELECT server FROM known_link) GROUP BY server
),

inside AS (
    SELECT src_server AS server, count(*) AS edges FROM strong WHERE src_server = dst_server GROUP BY server
)

SELECT
    k.server,
    z.pairs,
    count(*) AS links,
    coalesce(i.edges, 0) AS edges,
    count(s.src_tool) AS both,
    round(count(s.src_tool) / nullif(i.edges, 0), 4) AS precision,
    round(count(s.src_tool) / count(*), 4) AS recall,
    round(count(*) / z.pairs, 4) AS precision_by_chance
FROM known_link AS k
INNER JOIN size AS z ON z.server = k.server
LEFT JOIN inside AS i ON i.server = k.server
LEFT JOIN strong AS s
    ON s.src_server = k.server AND s.src_tool = k.src_tool AND s.dst_server = k.server AND s.dst_tool = k.dst_tool
GROUP BY k.server, z.pairs, i.edges
ORDER BY k.server
