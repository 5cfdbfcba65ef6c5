-- grain: task; those that pass every gate but perhaps `live`, in an order drawn by the variable `seed`
SELECT task_id
FROM task
WHERE task_id NOT IN (SELECT task_id FROM gate WHERE NOT passed AND gate <> 'live')
    AND task_id IN (SELECT task_id FROM gate)
ORDER BY md5(getvariable('seed') || task_id)
