-- grain: task of the split that the variable `split` names, of those that pass every gate, with the tools that its gold calls use
SELECT
    t.task_id,
    t.question,
    t.answer::VARCHAR AS answer,
    t.answer_schema::VARCHAR AS answer_schema,
    t.gold_calls::VARCHAR AS gold_calls,
    o.tools,
    t.calls,
    t.servers,
    t.flows,
    t.difficulty
FROM verified_task AS t
INNER JOIN (
    SELECT
        g.task_id,
        to_json(list(
            {name: g.server || '__' || g.tool, description: d.description, parameters: d.input_schema::JSON}
            ORDER BY g.server, g.tool
        ))::VARCHAR AS tools
    FROM (SELECT DISTINCT task_id, server, tool FROM gold_call) AS g
    LEFT JOIN tool AS d ON d.server = g.server AND d.tool = g.tool
    GROUP BY g.task_id
) AS o ON o.task_id = t.task_id
WHERE t.split = getvariable('split')
ORDER BY t.task_id
