-- grain: server × tool; in the order in which a survey calls them: reading tools first, then those that need least
WITH needs AS (
    SELECT
        t.server,
        t.tool,
        t.position,
        s.reads,
        len(list_filter(schema_params(t.input_schema), lambda p: p.required)) AS required
    FROM tool AS t
    INNER JOIN tool_state AS s USING (server, tool)
    INNER JOIN server AS a USING (server)
    WHERE a.status = 'ok'
)

SELECT
    server,
    tool,
    (row_number() OVER (PARTITION BY server ORDER BY reads DESC, required, position) - 1) // 60 AS part
FROM needs
ORDER BY server, part, reads DESC, required, position
