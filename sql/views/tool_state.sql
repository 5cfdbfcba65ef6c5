-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
SELECT
    server,
    tool,
    starts_with(purity, 'reads') AS reads,
    regexp_replace(purity, '^[a-z]+: ', '') AS reason
FROM (SELECT server, tool, tool_purity(tool, coalesce(annotations, '{}')) AS purity FROM tool)
