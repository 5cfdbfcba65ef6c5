-- grain: task; verified tasks as the conversation that solves them: the question, each gold call with what was recorded for it, the answer
-- task_id: The task.
-- tools: JSON: definitions of the tools it needs, in OpenAI's form; called as the doors of `firefly serve` call them.
-- messages: JSON: the conversation, in OpenAI's form; arguments are JSON in a text.
WITH made AS (
    SELECT
        t.task_id,
        g.call_index,
        'call_' || row_number() OVER (PARTITION BY t.task_id ORDER BY g.call_index) AS id,
        g.server || '__' || g.tool AS name,
        g.arguments,
        coalesce(
            nullif(array_to_string(list_transform(json_extract(c.reply, '$.content[*]'), lambda b: b ->> 'text'), chr(10)), ''),
            json_extract(c.reply, '$.structuredContent')::VARCHAR,
            c.result,
            ''
        ) AS said
    FROM verified_task AS t
    INNER JOIN gold_call AS g ON g.task_id = t.task_id
    INNER JOIN call AS c ON c.episode_id = t.episode_id AND c.call_index = g.call_index
),

message AS (
    SELECT task_id, -1 AS place, 0 AS part, to_json({role: 'user', content: question}) AS message FROM verified_task
    UNION ALL
    SELECT
        task_id,
        call_index AS place,
        0 AS part,
        to_json({role: 'assistant', content: '', tool_calls: [{id: id, type: 'function', function: {name: name, arguments: arguments}}]}) AS message
    FROM made
    UNION ALL
    SELECT task_id, call_index AS place, 1 AS part, to_json({role: 'tool', tool_call_id: id, content: said}) AS message FROM made
    UNION ALL
    SELECT task_id, 1e9::BIGINT AS place, 0 AS part, to_json({role: 'assistant', content: answer::VARCHAR}) AS message FROM verified_task
),

offered AS (
    SELECT
        g.task_id,
        to_json(list({
            type: 'function',
            function: {name: g.server || '__' || g.tool, description: coalesce(d.description, ''), parameters: d.input_schema::JSON}
        } ORDER BY g.server, g.tool)) AS tools
    FROM (SELECT DISTINCT task_id, server, tool FROM gold_call) AS g
    INNER JOIN tool AS d ON d.server = g.server AND d.tool = g.tool
    GROUP BY g.task_id
)

SELECT m.task_id, any_value(o.tools) AS tools, to_json(list(m.message ORDER BY m.place, m.part)) AS messages
FROM message AS m
INNER JOIN offered AS o ON o.task_id = m.task_id
GROUP BY m.task_id
