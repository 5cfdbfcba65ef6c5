-- grain: run × task × trial × tool call; with the simulator's verdict
-- run_id: The run.
-- task_id: The task.
-- trial: The trial.
-- step: Place among the trial's calls, from 0.
-- name: Name that was called.
-- verdict: How the simulator replied; `unreadable` for arguments that are no JSON object.
-- server: Server of the tool; empty for a name that was not offered.
-- tool: The tool.
-- arguments: Arguments in canonical JSON.
-- recorded: Arguments of the recorded call that answered.
WITH listed AS (
    SELECT run_id, task_id, trial, unnest(json_extract(steps, '$[*]')) AS s, unnest(range(json_array_length(steps)::BIGINT)) AS step
    FROM eval_result
)

SELECT
    l.run_id,
    l.task_id,
    l.trial,
    l.step,
    l.s ->> 'name' AS name,
    l.s ->> 'verdict' AS verdict,
    c.server,
    c.tool,
    c.arguments,
    m.arguments AS recorded
FROM listed AS l
LEFT JOIN sim_call AS c
    ON c.session_id = l.run_id || '/' || l.task_id || '/' || l.trial AND c.call_index = (l.s ->> 'call_index')::BIGINT
LEFT JOIN call AS m ON m.episode_id = c.matched_episode AND m.call_index = c.matched_call
