-- grain: server × tool × parameter; what tools take
SELECT
    server,
    tool,
    p.name AS param,
    p.kind AS kind,
    p.required AS required,
    p.description AS description,
    param_words(p.name, tool) AS words
FROM (SELECT server, tool, unnest(schema_params(input_schema)) AS p FROM tool)
WHERE p.kind IN ('string', 'number', 'integer', 'any')
    -- How much of a list to show is the caller's choice, no value of the world.
    AND p.name NOT IN ('limit', 'offset', 'page', 'page_size', 'per_page', 'cursor', 'count', 'max_results', 'top_k', 'skip')
