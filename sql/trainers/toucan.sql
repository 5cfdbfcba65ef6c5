-- grain: task of the split that the variable `split` names ('all': every verified task); the columns of Toucan-1.5M
SELECT
    t.task_id AS uuid,
    'firefly' AS subset_name,
    t.question,
    list_aggregate(json_extract_string(t.gold_calls, '$[*].tool'), 'string_agg', ', ') AS target_tools,
    g.tools::VARCHAR AS available_tools,
    g.messages::VARCHAR AS messages
FROM verified_task AS t
INNER JOIN gold_transcript AS g ON g.task_id = t.task_id
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
