-- grain: episode × reading × write left out; what the reading gave without the write
-- episode_id: The episode.
-- call_index: The reading, made after all writes.
-- left_out: Call index of the write that was left out.
-- result: What the reading gave without it; null where it failed.
-- needed: Whether it failed or gave something else, beside fields that change by themselves.
SELECT
    a.episode_id,
    a.call_index,
    a.left_out,
    CASE WHEN NOT x.is_error THEN x.result END AS result,
    x.is_error OR x.result_hash IS DISTINCT FROM c.result_hash AS needed
FROM ablation AS a
INNER JOIN call AS c ON c.episode_id = a.episode_id AND c.call_index = a.call_index
INNER JOIN call AS x ON x.episode_id = a.episode_id AND x.call_index = a.again
WHERE NOT c.is_error
