-- grain: server × tool; tools that could be offered beside those of a task: a real server answered them
SELECT DISTINCT t.server, t.tool
FROM tool AS t
SEMI JOIN (SELECT server, tool FROM call WHERE source = 'live' AND NOT is_error) AS c ON c.server = t.server AND c.tool = t.tool
ORDER BY t.server, t.tool
