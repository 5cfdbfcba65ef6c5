-- grain: server × words × value; values that real servers have given or taken before
WITH success AS (
    SELECT episode_id, call_index, server, tool, arguments, result FROM call WHERE NOT is_error AND repeat_of IS NULL
),

given AS (
    SELECT server, field_words(leaf.pattern, tool) AS words, leaf.kind, leaf.value, 1 AS rank
    FROM (SELECT server, tool, unnest(json_leaves(result)) AS leaf FROM success)
    -- A whole text is no value of anything.
    WHERE leaf.pattern <> ''
    -- Values that change between equal calls would make no two explorations alike.
        AND (server, tool, leaf.pattern) NOT IN (SELECT (server, tool, pattern) FROM volatile_field)
        AND (server, leaf.pattern) NOT IN (SELECT (server, pattern) FROM envelope_field)
),

taken AS (
    SELECT server, param_words(leaf.key, tool) AS words, leaf.kind, leaf.value, 0 AS rank
    FROM (SELECT episode_id, call_index, server, tool, unnest(json_leaves(arguments)) AS leaf FROM success)
    -- What flowed into an argument is known from the result it came from.
    WHERE (episode_id, call_index, leaf.pointer) NOT IN (SELECT (episode_id, dst_call, dst_pointer) FROM flow)
),

either AS (
    SELECT * FROM given
    UNION ALL
    SELECT * FROM taken
)

SELECT server, words, any_value(kind) AS kind, value
FROM either
WHERE kind <> 'boolean' AND len(value) BETWEEN 1 AND 120 AND words <> ''
GROUP BY server, words, value
QUALIFY row_number() OVER (PARTITION BY server, words ORDER BY min(rank), md5(value)) <= 12
ORDER BY server, words, min(rank), md5(value)
