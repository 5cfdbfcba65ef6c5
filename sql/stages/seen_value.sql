-- grain: server × words × value; values that real servers have given or taken before
WITH success AS (
    SELECT server, tool, arguments, result FROM call WHERE NOT is_error AND repeat_of IS NULL
),

given AS (
    SELECT server, field_words(leaf.pattern, tool) AS words, leaf.kind, leaf.value, 1 AS rank
    FROM (SELECT server, tool, unnest(json_leaves(result)) AS leaf FROM success)
),

taken AS (
    SELECT server, param_words(leaf.key, tool) AS words, leaf.kind, leaf.value, 0 AS rank
    FROM (SELECT server, tool, unnest(json_leaves(arguments)) AS leaf FROM success)
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
