-- grain: task that passes every gate, with what splitting looks at
SELECT t.task_id, t.difficulty, g.servers, g.tools, k.keys
FROM verified_task AS t
INNER JOIN (
    SELECT
        task_id,
        list(DISTINCT server ORDER BY server) AS servers,
        list(DISTINCT server || '/' || tool ORDER BY server || '/' || tool) AS tools
    FROM gold_call
    GROUP BY task_id
) AS g ON g.task_id = t.task_id
INNER JOIN (SELECT task_id, list(key ORDER BY key) AS keys FROM task_key GROUP BY task_id) AS k ON k.task_id = t.task_id
ORDER BY t.task_id
