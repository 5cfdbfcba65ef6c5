-- grain: server × tool; what the simulator needs of each tool
SELECT t.server, t.tool, t.title, t.description, t.input_schema, t.output_schema, t.annotations, s.reads
FROM tool AS t
INNER JOIN tool_state AS s ON s.server = t.server AND s.tool = t.tool
ORDER BY t.server, t.position
