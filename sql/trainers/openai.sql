-- grain: task of the split that the variable `split` names ('all': every verified task); OpenAI's messages and tools
SELECT g.messages, g.tools, t.task_id
FROM verified_task AS t
INNER JOIN gold_transcript AS g ON g.task_id = t.task_id
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
