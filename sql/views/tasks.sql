-- grain: task; every task with its gold calls, its answer as JSON and what the gates said
-- task_id: The task.
-- question: What the person asks.
-- answer: The label as JSON: one member per answer field.
-- gold: The calls that lead to the answer, in order: server, tool, arguments, result.
-- verified: Whether it passed every gate.
-- failed: Gates it did not pass.
-- difficulty: `easy`, `medium` or `hard`.
-- calls: Number of gold calls.
-- servers: Number of servers they cross.
-- flows: Number of values that flow between gold calls.
-- split: `train` or `test`, `held_back` where it would leak between them or was not wanted, or null.
-- episode_id: Episode it was written from.
WITH gold AS (
    SELECT
        task_id,
        list(
            {server: server, tool: tool, arguments: CAST(arguments AS JSON), result: CAST(result AS JSON)}
            ORDER BY call_index
        ) AS calls
    FROM gold_call
    GROUP BY task_id
),

judged AS (
    SELECT
        task_id,
        bool_and(passed) AS verified,
        coalesce(list(gate ORDER BY gate) FILTER (NOT passed), []) AS failed
    FROM gate
    GROUP BY task_id
)

SELECT
    t.task_id,
    t.question,
    CAST(t.answer AS JSON) AS answer,
    g.calls AS gold,
    coalesce(j.verified, false) AS verified,
    j.failed,
    t.difficulty,
    t.calls,
    t.servers,
    t.flows,
    t.split,
    t.episode_id
FROM task AS t
LEFT JOIN gold AS g ON t.task_id = g.task_id
LEFT JOIN judged AS j ON t.task_id = j.task_id
