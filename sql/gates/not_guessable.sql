-- grain: task; the answer is more than booleans and values that the tool always gives
WITH failure AS (
    SELECT f.task_id, 'every field is a boolean or what ' || any_value(f.tool) || ' always gives' AS reason
    FROM answer_field AS f
    LEFT JOIN constant_field AS k
        ON k.server = f.server AND k.tool = f.tool AND k.field IN (f.pointer, pointer_pattern(f.pointer))
    GROUP BY f.task_id
    HAVING bool_and(json_type(f.value) = 'BOOLEAN' OR k.field IS NOT NULL)
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
