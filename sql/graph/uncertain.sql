-- grain: edge; edges whose score leaves most open, the most open first, that the model has not judged in these words; `verdict` joined by the caller's hash
SELECT
    e.src_server, e.src_tool, coalesce(s.description, '') AS src_about, e.src_field,
    e.dst_server, e.dst_tool, coalesce(d.description, '') AS dst_about, e.dst_param, e.dst_field, e.score
FROM edge AS e
INNER JOIN tool AS s ON s.server = e.src_server AND s.tool = e.src_tool
INNER JOIN tool AS d ON d.server = e.dst_server AND d.tool = e.dst_tool
WHERE e.flow_evidence = 0 AND e.score BETWEEN getvariable('least') AND getvariable('most')
ORDER BY e.score DESC, e.src_server, e.src_tool, e.dst_server, e.dst_tool, e.dst_param
