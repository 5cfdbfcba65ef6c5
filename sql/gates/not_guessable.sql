-- grain: task; the answer is more than booleans, what the schema fixes and what the tool mostly gives
WITH field AS (
    SELECT
        task_id, field, server, tool, pointer, pointer_pattern(pointer) AS pattern, value, expression,
        CASE expression WHEN 'json_array_length(value)' THEN expression END AS counted,
        CASE WHEN json_type(recorded) IN ('ARRAY', 'OBJECT') THEN value ELSE recorded END ->> '$' AS given
    FROM answer_field
),

common AS (
    SELECT f.task_id, f.field, max(c.share) AS share
    FROM field AS f
    INNER JOIN common_value AS c
        ON c.server = f.server AND c.tool = f.tool AND c.value = f.given AND c.expression IS NOT DISTINCT FROM f.counted
    WHERE c.field IN (f.pointer, f.pattern)
    GROUP BY f.task_id, f.field
),

fixed AS (
    SELECT server, tool, f.pattern AS pattern
    FROM (SELECT server, tool, unnest(schema_fields(output_schema)) AS f FROM tool WHERE output_schema IS NOT NULL)
    WHERE f.constant <> ''
),

judged AS (
    SELECT
        f.task_id,
        f.field,
        CASE
            WHEN says_yes_or_no(f.value) THEN 'true or false'
            WHEN x.pattern IS NOT NULL THEN 'the schema of ' || f.tool || ' allows nothing else'
            WHEN c.share IS NOT NULL THEN 'what ' || f.tool || ' gives in ' || round(100 * c.share)::INT || '% of its results'
        END AS guess
    FROM field AS f
    LEFT JOIN common AS c ON c.task_id = f.task_id AND c.field = f.field
    LEFT JOIN fixed AS x ON x.server = f.server AND x.tool = f.tool AND x.pattern = f.pattern AND f.counted IS NULL
),

failure AS (
    SELECT task_id, 'every field can be guessed: ' || string_agg(field || ' is ' || guess, ', ' ORDER BY field) AS reason
    FROM judged
    GROUP BY task_id
    HAVING bool_and(guess IS NOT NULL)
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN failure AS f ON f.task_id = t.task_id
