-- grain: task; no value of the answer stands in the question
WITH failure AS (
    SELECT f.task_id, 'the question gives away ' || f.field || ' = ' || (f.value ->> '$') AS reason
    FROM answer_field AS f
    INNER JOIN task AS t ON t.task_id = f.task_id
    WHERE json_type(f.value) <> 'BOOLEAN' AND gives_away(t.question, f.value ->> '$')
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
