-- grain: split × difficulty; verified tasks
SELECT coalesce(split, 'not split') AS split, difficulty, count(*) AS tasks FROM verified_task GROUP BY ALL ORDER BY split, difficulty
