-- grain: task × gold call; with what was recorded for it
WITH listed AS (
    SELECT task_id, episode_id, question, unnest(json_extract(gold_calls, '$[*]')) AS g FROM task
)

SELECT
    l.task_id,
    l.episode_id,
    l.question,
    (l.g ->> 'call_index')::BIGINT AS call_index,
    l.g ->> 'server' AS server,
    l.g ->> 'tool' AS tool,
    -- As the task has them: options that make no difference are left out.
    json_canonical(coalesce((l.g -> 'arguments')::VARCHAR, c.arguments)) AS arguments,
    c.result,
    c.is_error,
    c.error_kind,
    c.state_key
FROM listed AS l
LEFT JOIN call AS c ON c.episode_id = l.episode_id AND c.call_index = (l.g ->> 'call_index')::BIGINT
