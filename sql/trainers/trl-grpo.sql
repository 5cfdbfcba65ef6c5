-- grain: task of the split that the variable `split` names ('all': every verified task); prompt, tools and label for TRL's GRPOTrainer
SELECT
    [{role: 'user', content: t.question}] AS prompt,
    g.tools::VARCHAR AS tools,
    t.answer::VARCHAR AS answer,
    t.answer_schema::VARCHAR AS answer_schema,
    t.task_id,
    t.difficulty
FROM verified_task AS t
INNER JOIN gold_transcript AS g ON g.task_id = t.task_id
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
