-- grain: server × tool without a success, with the reason
SELECT server, tool, calls, reason, left(replace(detail, chr(10), ' '), 100) AS said
FROM uncovered_tool
ORDER BY server, tool
