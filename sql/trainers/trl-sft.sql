-- grain: task of the split that the variable `split` names ('all': every verified task); conversation and tools for TRL's SFTTrainer
SELECT
    from_json(g.messages, '[{"role": "VARCHAR", "content": "VARCHAR", "tool_call_id": "VARCHAR", "tool_calls": [{"id": "VARCHAR", "type": "VARCHAR", "function": {"name": "VARCHAR", "arguments": "VARCHAR"}}]}]') AS messages,
    g.tools::VARCHAR AS tools,
    t.task_id
FROM verified_task AS t
INNER JOIN gold_transcript AS g ON g.task_id = t.task_id
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
