-- grain: task × tool it rests on that changed or went since; `later_tool` holds the tools of the later snapshot
SELECT
    g.task_id,
    g.server,
    g.tool,
    if(l.tool IS NULL, 'gone', 'changed') AS change
FROM (SELECT DISTINCT task_id, server, tool FROM gold_call) AS g
INNER JOIN tool AS t ON g.server = t.server AND g.tool = t.tool
LEFT JOIN later_tool AS l ON g.server = l.server AND g.tool = l.tool
WHERE l.tool_hash IS DISTINCT FROM t.tool_hash
ORDER BY g.task_id, g.server, g.tool
