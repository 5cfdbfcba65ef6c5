-- grain: task; verified tasks of the split `split`, in an order that the seed `seed` draws: the first 10 are among the first 20
WITH asked AS (
    SELECT * FROM verified_task WHERE getvariable('split') = 'all' OR split = getvariable('split')
),

label AS (
    SELECT
        task_id,
        to_json(list(p ORDER BY field)) AS fields
    FROM provenance AS p
    GROUP BY task_id
)

SELECT t.task_id, t.question, t.answer, t.answer_schema, t.gold_calls, coalesce(CAST(l.fields AS VARCHAR), '[]') AS fields
FROM asked AS t
LEFT JOIN label AS l ON l.task_id = t.task_id
ORDER BY md5(getvariable('seed') || '/' || t.task_id), t.task_id
