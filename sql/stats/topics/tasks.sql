-- grain: figure; of the tasks that pass every gate, unless it says otherwise
WITH v AS (
    SELECT t.*, f.fields
    FROM verified_task AS t
    INNER JOIN (SELECT task_id, count(*) AS fields FROM provenance GROUP BY task_id) AS f ON f.task_id = t.task_id
),

g AS (
    SELECT DISTINCT task_id, server, tool FROM gold_call WHERE task_id IN (SELECT task_id FROM v)
),

share AS (
    SELECT server, count(DISTINCT task_id) AS tasks FROM g GROUP BY server
),

live AS (
    SELECT count(*) AS checked, count(*) FILTER (WHERE passed) AS same FROM gate WHERE gate = 'live'
)

SELECT figure, value
FROM (
    VALUES
        (1, 'tasks written', (SELECT count(*)::DOUBLE FROM task)),
        (2, 'tasks that pass every gate', (SELECT count(*)::DOUBLE FROM v)),
        (3, 'servers in them', (SELECT count(DISTINCT server)::DOUBLE FROM g)),
        (4, 'tools in them', (SELECT count(DISTINCT (server, tool))::DOUBLE FROM g)),
        (5, 'crossing servers', (SELECT count(*)::DOUBLE FROM v WHERE servers > 1)),
        (6, 'share crossing servers', (SELECT round(avg((servers > 1)::INT), 3) FROM v)),
        (7, 'largest share of one server', (SELECT round(max(tasks) / (SELECT count(*) FROM v), 3) FROM share)),
        (8, 'mean gold calls', (SELECT round(avg(calls), 2) FROM v)),
        (9, 'most gold calls', (SELECT max(calls)::DOUBLE FROM v)),
        (10, 'mean flows', (SELECT round(avg(flows), 2) FROM v)),
        (11, 'mean answer fields', (SELECT round(avg(fields), 2) FROM v)),
        (12, 'share with a derived field', (SELECT round(avg((derived > 0)::INT), 3) FROM v)),
        (13, 'easy', (SELECT count(*)::DOUBLE FROM v WHERE difficulty = 'easy')),
        (14, 'medium', (SELECT count(*)::DOUBLE FROM v WHERE difficulty = 'medium')),
        (15, 'hard', (SELECT count(*)::DOUBLE FROM v WHERE difficulty = 'hard')),
        (16, 'made again live, of all that were written', (SELECT checked::DOUBLE FROM live)),
        (17, 'share with the same answer', (SELECT round(same / nullif(checked, 0), 3) FROM live))
) AS figures (place, figure, value)
ORDER BY place
