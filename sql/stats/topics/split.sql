-- grain: split; tasks that pass every gate, by what they are for
WITH v AS (
    SELECT t.*, coalesce(t.split, 'none') AS part, f.fields
    FROM verified_task AS t
    INNER JOIN (SELECT task_id, count(*) AS fields FROM provenance GROUP BY task_id) AS f ON f.task_id = t.task_id
),

used AS (
    SELECT v.part, count(DISTINCT g.server) AS servers, count(DISTINCT (g.server, g.tool)) AS tools
    FROM v
    INNER JOIN gold_call AS g ON g.task_id = v.task_id
    GROUP BY v.part
)

SELECT
    v.part AS split,
    count(*) AS tasks,
    round(avg((v.difficulty = 'easy')::INT), 3) AS easy,
    round(avg((v.difficulty = 'medium')::INT), 3) AS medium,
    round(avg((v.difficulty = 'hard')::INT), 3) AS hard,
    any_value(u.servers) AS servers,
    any_value(u.tools) AS tools,
    round(avg((v.servers > 1)::INT), 3) AS crossing,
    round(avg(v.calls), 2) AS calls,
    round(avg(v.fields), 2) AS fields
FROM v
INNER JOIN used AS u ON u.part = v.part
GROUP BY v.part
ORDER BY list_position(['train', 'test', 'held_back', 'none'], v.part)
