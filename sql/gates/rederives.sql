-- grain: task; the label follows from the recorded calls by provenance alone
WITH failure AS (
    SELECT task_id, 'field ' || field || ' is ' || coalesce(answer::VARCHAR, 'missing') || ' but the recorded calls say ' || coalesce(derived::VARCHAR, 'nothing') AS reason
    FROM derived_field
    WHERE answer IS NULL OR derived IS NULL
        OR json_canonical(answer::VARCHAR) IS DISTINCT FROM json_canonical(derived::VARCHAR)
    UNION ALL
    -- Each field of the answer has provenance, and nothing else has.
    SELECT t.task_id, 'its answer has ' || len(json_keys(t.answer)) || ' fields, ' || count(p.field) || ' of them with provenance' AS reason
    FROM task AS t
    LEFT JOIN provenance AS p ON p.task_id = t.task_id
    GROUP BY t.task_id, t.answer
    HAVING len(json_keys(t.answer)) <> count(p.field) OR count(p.field) = 0
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
