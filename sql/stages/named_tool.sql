-- grain: server × tool; the tools that the variable `names` lists as JSON
SELECT n.server, n.tool
FROM (SELECT unnest(from_json(getvariable('names'), '[{"server": "VARCHAR", "tool": "VARCHAR"}]')) AS n)
