-- grain: gate
SELECT
    gate,
    count(*) FILTER (WHERE passed) AS passed,
    count(*) FILTER (WHERE NOT passed) AS failed,
    any_value(reason ORDER BY task_id) FILTER (WHERE NOT passed) AS example
FROM gate
GROUP BY gate
ORDER BY failed DESC, gate
