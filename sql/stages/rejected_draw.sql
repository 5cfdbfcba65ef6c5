-- grain: reason why turns of the sampler gave no sub-DAG; as rows of `gate`
SELECT
    'draw ' || getvariable('seed') || '-' || (SELECT count(*) FROM dag) || '-' || place AS task_id,
    'sample' AS gate,
    false AS passed,
    rejected || CASE WHEN turns > 1 THEN ' (' || turns || ' turns)' ELSE '' END AS reason
FROM drawn
WHERE rejected IS NOT NULL
    AND 'draw ' || getvariable('seed') || '-' || (SELECT count(*) FROM dag) || '-' || place NOT IN (SELECT task_id FROM gate)
