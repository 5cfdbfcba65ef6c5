-- grain: tier; edges by tier, and how many of them go between servers, were seen to flow, and can be walked
SELECT
    e.tier,
    count(*) AS edges,
    count(DISTINCT (e.src_server, e.src_tool, e.dst_server, e.dst_tool)) AS pairs,
    count(*) FILTER (WHERE e.src_server <> e.dst_server) AS crossing,
    count(*) FILTER (WHERE e.flow_evidence > 0) AS observed,
    count(*) FILTER (WHERE w.src_tool IS NOT NULL) AS walkable,
    round(min(e.score), 4) AS least_score
FROM edge AS e
LEFT JOIN walkable_edge AS w
    ON w.src_server = e.src_server AND w.src_tool = e.src_tool
    AND w.dst_server = e.dst_server AND w.dst_tool = e.dst_tool AND w.dst_param = e.dst_param
GROUP BY e.tier
ORDER BY least_score DESC
