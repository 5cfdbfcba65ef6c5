-- grain: server × tool × field pattern; fields that had one value in results to at least three different arguments
SELECT server, tool, leaf.pattern AS pattern
FROM (SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf FROM call WHERE NOT is_error)
GROUP BY server, tool, leaf.pattern
HAVING count(DISTINCT leaf.value) = 1 AND count(DISTINCT arguments) >= 3
