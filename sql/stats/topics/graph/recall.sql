-- grain: truth × part; of the pairs of tools between which values flowed without the graph's help, how many are edges of tier medium or better by the prior, which knows no observed flow
WITH strong AS (
    SELECT DISTINCT src_server, src_tool, dst_server, dst_tool
    FROM edge
    WHERE prior >= (SELECT min(prior) FROM edge WHERE tier = 'medium' AND flow_evidence = 0)
),

catalogue AS (
    SELECT DISTINCT truth, server, tool FROM truth_tool
),

size AS (
    SELECT truth, count(*) AS tools, count(*) * (count(*) - 1) AS pairs FROM catalogue GROUP BY truth
),

edges AS (
    SELECT a.truth, count(*) AS strong
    FROM strong AS s
    INNER JOIN catalogue AS a ON a.server = s.src_server AND a.tool = s.src_tool
    INNER JOIN catalogue AS b ON b.truth = a.truth AND b.server = s.dst_server AND b.tool = s.dst_tool
    GROUP BY a.truth
),

known AS (
    SELECT DISTINCT truth, part, src_server, src_tool, dst_server, dst_tool FROM known_flow
    UNION
    SELECT DISTINCT truth, 'all' AS part, src_server, src_tool, dst_server, dst_tool FROM known_flow
),

found AS (
    SELECT k.truth, k.part, count(*) AS n, count(s.src_tool) AS hits, count(*) FILTER (WHERE k.src_server <> k.dst_server) AS crossing
    FROM known AS k
    LEFT JOIN strong AS s
        ON s.src_server = k.src_server AND s.src_tool = k.src_tool AND s.dst_server = k.dst_server AND s.dst_tool = k.dst_tool
    GROUP BY k.truth, k.part
)

SELECT
    f.truth,
    f.part,
    f.n AS flowing_pairs,
    f.crossing,
    f.hits AS found,
    round(f.hits / f.n, 4) AS recall,
    -- Wilson's interval, 95%.
    round((f.hits / f.n + 1.9208 / f.n - 1.96 * sqrt(f.hits / f.n * (1 - f.hits / f.n) / f.n + 0.9604 / f.n ** 2)) / (1 + 3.8416 / f.n), 4) AS recall_low,
    round((f.hits / f.n + 1.9208 / f.n + 1.96 * sqrt(f.hits / f.n * (1 - f.hits / f.n) / f.n + 0.9604 / f.n ** 2)) / (1 + 3.8416 / f.n), 4) AS recall_high,
    s.tools,
    s.pairs,
    coalesce(e.strong, 0) AS strong_pairs,
    round(coalesce(e.strong, 0) / s.pairs, 4) AS share_of_pairs
FROM found AS f
INNER JOIN size AS s USING (truth)
LEFT JOIN edges AS e USING (truth)
ORDER BY f.truth, f.n DESC
