-- grain: gate; how many tasks passed it
SELECT gate, count(*) FILTER (WHERE passed) AS passed, count(*) FILTER (WHERE NOT passed) AS failed
FROM gate
WHERE task_id IN (SELECT task_id FROM task)
GROUP BY gate
ORDER BY gate
