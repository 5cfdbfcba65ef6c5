-- grain: episode × reading × write left out; what the reading gave without the write
-- episode_id: The episode.
-- call_index: The reading, made after all writes.
-- left_out: Call index of the write that was left out.
-- result: What the reading gave without it; null where it failed.
-- needed: Whether it failed or gave something else, beside fields that change by themselves; where a tool has such fields, by its scalars alone.
WITH made AS (
    SELECT
        a.episode_id,
        a.call_index,
        a.left_out,
        c.server,
        c.tool,
        c.result AS whole,
        CASE WHEN NOT x.is_error THEN x.result END AS result,
        x.is_error OR x.result_hash IS DISTINCT FROM c.result_hash AS differs
    FROM ablation AS a
    INNER JOIN call AS c ON c.episode_id = a.episode_id AND c.call_index = a.call_index
    INNER JOIN call AS x ON x.episode_id = a.episode_id AND x.call_index = a.again
    WHERE NOT c.is_error
),

changing AS (
    SELECT server, tool, list(pattern) AS patterns FROM volatile_field GROUP BY server, tool
)

SELECT
    m.episode_id,
    m.call_index,
    m.left_out,
    m.result,
    m.differs AND (
        m.result IS NULL
        OR v.patterns IS NULL
        -- More leaves than are looked at: what is beyond them may differ.
        OR len(json_leaves(m.whole)) >= 400
        OR list_filter(json_leaves(m.whole), lambda l: NOT list_contains(v.patterns, l.pattern))
        IS DISTINCT FROM list_filter(json_leaves(m.result), lambda l: NOT list_contains(v.patterns, l.pattern))
    ) AS needed
FROM made AS m
LEFT JOIN changing AS v ON v.server = m.server AND v.tool = m.tool
