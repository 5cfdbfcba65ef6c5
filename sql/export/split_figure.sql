-- grain: split with verified tasks for training or testing
SELECT
    t.split,
    count(*) AS tasks,
    count(*) FILTER (WHERE t.difficulty = 'easy') AS easy,
    count(*) FILTER (WHERE t.difficulty = 'medium') AS medium,
    count(*) FILTER (WHERE t.difficulty = 'hard') AS hard,
    any_value(u.servers) AS servers,
    any_value(u.tools) AS tools,
    count(*) FILTER (WHERE t.servers > 1) AS crossing,
    round(avg(t.calls), 2) AS calls,
    round(avg(f.fields), 2) AS fields
FROM verified_task AS t
INNER JOIN (SELECT task_id, count(*) AS fields FROM provenance GROUP BY task_id) AS f ON f.task_id = t.task_id
INNER JOIN (
    SELECT v.split, count(DISTINCT g.server) AS servers, count(DISTINCT (g.server, g.tool)) AS tools
    FROM verified_task AS v
    INNER JOIN gold_call AS g ON g.task_id = v.task_id
    GROUP BY v.split
) AS u ON u.split = t.split
WHERE t.split IN ('train', 'test')
GROUP BY t.split
ORDER BY t.split DESC
