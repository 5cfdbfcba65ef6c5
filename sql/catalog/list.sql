-- grain: snapshot; all of them, with the rows each added and the names it was given
WITH added AS (
    SELECT begin_snapshot, table_name, sum(rows) AS rows FROM segment GROUP BY begin_snapshot, table_name
),

told AS (
    SELECT begin_snapshot, string_agg(table_name || ' +' || rows, ', ' ORDER BY table_name) AS tables
    FROM added
    GROUP BY begin_snapshot
),

named AS (
    SELECT snapshot, string_agg(name, ', ' ORDER BY name) AS names FROM name GROUP BY snapshot
)

SELECT
    s.id AS snapshot,
    strftime(s.created_at, '%Y-%m-%d %H:%M:%S') AS created_at,
    s.stage,
    coalesce(t.tables, '') AS tables,
    n.names AS name
FROM snapshot AS s
LEFT JOIN told AS t ON s.id = t.begin_snapshot
LEFT JOIN named AS n ON s.id = n.snapshot
ORDER BY s.id
