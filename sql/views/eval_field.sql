-- grain: run × task × trial × answer field; whether it is right, beside where the label was read from
-- run_id: The run.
-- task_id: The task.
-- trial: The trial.
-- field: Member of the answer.
-- is_right: Whether it is right.
-- why: Why not.
-- given: What the agent gave; null where it gave nothing.
-- server: Server whose result holds the label.
-- tool: Its tool.
-- call_index: That call's index in the task's episode.
-- pointer: JSON pointer into its result.
WITH graded AS (
    SELECT run_id, task_id, trial, answer, unnest(json_extract(fields, '$[*]')) AS f
    FROM eval_trial
    WHERE fields IS NOT NULL
),

read AS (
    SELECT
        run_id,
        task_id,
        trial,
        f ->> 'field' AS field,
        (f ->> 'right')::BOOLEAN AS is_right,
        f ->> 'why' AS why,
        CASE WHEN json_valid(answer) THEN answer END AS answer
    FROM graded
)

SELECT
    r.run_id,
    r.task_id,
    r.trial,
    r.field,
    r.is_right,
    r.why,
    json_extract(r.answer, '/' || replace(replace(r.field, '~', '~0'), '/', '~1')) AS given,
    a.server,
    a.tool,
    a.call_index,
    a.pointer
FROM read AS r
LEFT JOIN answer_field AS a ON a.task_id = r.task_id AND a.field = r.field
