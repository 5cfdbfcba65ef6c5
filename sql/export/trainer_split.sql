-- grain: split of the verified tasks that is for training or testing; `all` where they are not split
SELECT CASE WHEN bool_or(split IN ('train', 'test')) OVER () THEN split ELSE 'all' END AS split, count(*)::UBIGINT AS tasks
FROM verified_task
GROUP BY ALL
