-- grain: stage; what the lake holds, in the order of the pipeline
SELECT stage, what, rows
FROM (
    VALUES
        (1, 'ingest', 'servers', (SELECT count(*) FROM server WHERE status = 'ok')),
        (2, 'ingest', 'tools', (SELECT count(*) FROM tool)),
        (3, 'graph', 'edges of tier medium or better', (SELECT count(*) FROM edge WHERE tier <> 'low')),
        (4, 'sample', 'sub-DAGs', (SELECT count(*) FROM dag)),
        (5, 'explore', 'episodes', (SELECT count(*) FROM episode)),
        (6, 'explore', 'calls', (SELECT count(*) FROM call)),
        (7, 'explore', 'of them successful', (SELECT count(*) FROM call WHERE NOT is_error)),
        (8, 'explore', 'observed flows', (SELECT count(*) FROM flow)),
        (9, 'synthesize', 'tasks', (SELECT count(*) FROM task)),
        (10, 'verify', 'tasks that pass every gate', (SELECT count(*) FROM verified_task)),
        (11, 'verify', 'of them crossing servers', (SELECT count(*) FROM verified_task WHERE servers > 1)),
        (12, 'verify', 'servers in them', (
            SELECT count(DISTINCT server) FROM gold_call WHERE task_id IN (SELECT task_id FROM verified_task)
        ))
) AS made (place, stage, what, rows)
ORDER BY place
