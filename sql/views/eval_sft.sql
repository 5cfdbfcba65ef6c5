-- grain: distinct transcript; rewarded trials of models as messages and tools in OpenAI's form, for training
-- task_id: The task.
-- run_id: A run it stands in.
-- model: The model that wrote it.
-- messages: The transcript.
-- tools: Definitions of the tools that were offered, without the one that takes the answer.
WITH kept AS (
    SELECT
        r.task_id,
        r.run_id,
        r.trial,
        e.model,
        r.transcript,
        r.tools,
        row_number() OVER (PARTITION BY r.task_id, r.transcript ORDER BY r.run_id, r.trial) AS copy
    FROM eval_result AS r
    INNER JOIN eval_run AS e ON e.run_id = r.run_id AND e.agent = 'model'
    INNER JOIN eval_trial AS t ON t.run_id = r.run_id AND t.task_id = r.task_id AND t.trial = r.trial
    WHERE t.reward >= 1.0 - 1e-9
),

offered AS (
    SELECT run_id, task_id, trial, unnest(json_extract(tools, '$[*]')) AS o FROM kept WHERE copy = 1
),

defined AS (
    SELECT
        o.run_id,
        o.task_id,
        o.trial,
        to_json(list({
            type: 'function',
            function: {name: o.o ->> 'name', description: t.description, parameters: t.input_schema::JSON}
        } ORDER BY o.o ->> 'name')) AS tools
    FROM offered AS o
    INNER JOIN tool AS t ON t.server = o.o ->> 'server' AND t.tool = o.o ->> 'tool'
    GROUP BY o.run_id, o.task_id, o.trial
)

SELECT k.task_id, k.run_id, k.model, k.transcript::JSON AS messages, d.tools
FROM kept AS k
LEFT JOIN defined AS d ON d.run_id = k.run_id AND d.task_id = k.task_id AND d.trial = k.trial
WHERE k.copy = 1
