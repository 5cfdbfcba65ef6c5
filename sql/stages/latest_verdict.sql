-- grain: src tool × dst tool × dst parameter; what models said of an edge, most of them or the doubtful no
SELECT src_server, src_tool, dst_server, dst_tool, dst_param, count(*) FILTER (WHERE feeds) * 2 > count(*) AS feeds
FROM verdict
WHERE feeds IS NOT NULL
GROUP BY ALL
ORDER BY ALL
