-- grain: task × trial; answers of the run `run_id` with their newest grade
WITH newest AS (
    SELECT task_id, trial, max(grading) AS grading FROM eval_grade WHERE run_id = getvariable('run_id') GROUP BY task_id, trial
)

SELECT t.task_id, t.trial, t.answer, t.reward, t.fields, coalesce(n.grading, 0) AS grading
FROM eval_trial AS t
LEFT JOIN newest AS n ON n.task_id = t.task_id AND n.trial = t.trial
WHERE t.origin = 'firefly' AND t.run_id = getvariable('run_id')
ORDER BY t.task_id, t.trial
