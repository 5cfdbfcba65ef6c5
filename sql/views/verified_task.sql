-- grain: task; those that passed every gate
SELECT t.*
FROM task AS t
WHERE t.task_id IN (SELECT task_id FROM gate GROUP BY task_id HAVING bool_and(passed))
