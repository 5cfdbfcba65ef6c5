-- grain: snapshot; all of them, with the rows each added
SELECT
    s.id AS snapshot,
    strftime(s.created_at, '%Y-%m-%d %H:%M:%S') AS created_at,
    s.stage,
    coalesce(
        (
            SELECT string_agg(t.table_name || ' +' || t.rows, ', ' ORDER BY t.table_name)
            FROM (
                SELECT g.table_name, sum(g.rows) AS rows
                FROM segment AS g
                WHERE g.begin_snapshot = s.id
                GROUP BY g.table_name
            ) AS t
        ),
        ''
    ) AS tables
FROM snapshot AS s
ORDER BY s.id
