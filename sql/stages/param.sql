-- grain: server × tool × input pattern; the scalars that tools take, however deep they stand
SELECT
    server,
    tool,
    i.param AS param,
    i.pattern AS pattern,
    i.kind AS kind,
    i.required AS required,
    i.choice AS choice,
    i.description AS description,
    field_words(i.pattern, tool) AS words
FROM (SELECT server, tool, unnest(schema_inputs(input_schema)) AS i FROM tool)
WHERE i.kind IN ('string', 'number', 'integer', 'any')
    -- How much of a list to show is the caller's choice, no value of the world.
    AND NOT is_paging(i.param)
