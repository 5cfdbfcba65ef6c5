-- grain: task of the split that the variable `split` names ('all': every verified task); the columns that verl's RLHFDataset reads
SELECT
    'firefly' AS data_source,
    [{role: 'user', content: t.question}] AS prompt,
    'tool-calling' AS ability,
    {style: 'rule', ground_truth: t.answer::VARCHAR} AS reward_model,
    {
        split: coalesce(t.split, 'train'),
        index: row_number() OVER (ORDER BY t.task_id) - 1,
        task_id: t.task_id,
        answer_schema: t.answer_schema::VARCHAR,
        tools: g.tools::VARCHAR,
        difficulty: t.difficulty
    } AS extra_info
FROM verified_task AS t
INNER JOIN gold_transcript AS g ON g.task_id = t.task_id
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
