-- grain: server × tool × field pattern; what results hold: declared in the output schema or seen in recorded results
WITH declared AS (
    SELECT server, tool, f.pattern, f.kind, 'schema' AS source
    FROM (SELECT server, tool, unnest(schema_fields(output_schema)) AS f FROM tool WHERE output_schema IS NOT NULL)
),

recorded AS (
    -- A few results of each tool show its fields.
    SELECT server, tool, arguments, result
    FROM call
    WHERE NOT is_error AND repeat_of IS NULL
    QUALIFY row_number() OVER (PARTITION BY server, tool ORDER BY episode_id, call_index) <= 5
),

observed AS (
    SELECT server, tool, f.pattern, f.kind, 'result' AS source
    FROM (SELECT server, tool, arguments, unnest(json_leaves(result)) AS f FROM recorded)
    -- An argument that comes back is no news.
    WHERE NOT list_contains(list_transform(json_leaves(arguments), lambda a: a.value), f.value)
),

either AS (
    SELECT * FROM declared
    UNION ALL
    SELECT * FROM observed
)

SELECT
    server,
    tool,
    pattern,
    arg_min(kind, source) AS kind,
    min(source) AS source,
    field_words(pattern, tool) AS words
FROM either
WHERE kind <> 'boolean'
    -- A bare text is prose, no value.
    AND NOT (pattern = '' AND kind = 'string')
    AND (server, pattern) NOT IN (SELECT (server, pattern) FROM envelope_field)
    -- What changes between equal calls makes no label, and nothing that flows into one.
    AND (server, tool, pattern) NOT IN (SELECT (server, tool, pattern) FROM volatile_field)
GROUP BY server, tool, pattern
QUALIFY row_number() OVER (PARTITION BY server, tool ORDER BY len(pattern), pattern) <= 60
