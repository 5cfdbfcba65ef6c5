-- grain: split of the verified tasks that is for training or testing; `all` where they are not split
WITH counted AS (
    SELECT coalesce(split, 'none') AS split, count(*)::UBIGINT AS tasks FROM verified_task GROUP BY ALL
),

whole AS (
    SELECT 'all' AS split, sum(tasks)::UBIGINT AS tasks FROM counted HAVING count(*) > 0 AND NOT bool_or(split IN ('train', 'test'))
)

SELECT split, tasks FROM counted WHERE split IN ('train', 'test')
UNION ALL
SELECT split, tasks FROM whole
ORDER BY split
