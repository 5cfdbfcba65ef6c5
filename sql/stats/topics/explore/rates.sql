-- grain: kind of walk × seed it was drawn with; how fast its calls succeeded, and how many of them nobody had made before
WITH walk AS (
    SELECT
        e.episode_id,
        e.started_at::TIMESTAMP AS started_at,
        e.started_at::TIMESTAMP + to_microseconds(e.wall_us) AS ended_at,
        CASE d.shape WHEN 'cover' THEN 'to tools without a success' WHEN 'survey' THEN 'over all tools' WHEN 'mixed' THEN 'mixed' WHEN 'state' THEN 'writes and readings' ELSE 'drawn' END AS walk,
        d.seed
    FROM episode AS e
    INNER JOIN dag AS d ON d.dag_id = e.dag_id
    WHERE e.wall_us IS NOT NULL
),

run AS (
    SELECT walk, seed, count(*) AS episodes, sum(busy) AS seconds
    FROM (SELECT walk, seed, busy_seconds(started_at, ended_at, (walk, seed)) AS busy FROM walk)
    GROUP BY ALL
),

made AS (
    SELECT
        w.walk,
        w.seed,
        c.server,
        c.is_error,
        row_number() OVER (
            PARTITION BY c.server, c.tool, c.arguments ORDER BY w.started_at NULLS FIRST, c.episode_id, c.call_index
        ) = 1 AS new
    FROM call AS c
    LEFT JOIN walk AS w ON w.episode_id = c.episode_id
    WHERE c.source = 'live'
)

SELECT
    m.walk,
    m.seed,
    any_value(r.episodes) AS episodes,
    count(*) AS calls,
    count(*) FILTER (NOT m.is_error) AS ok,
    round(100 * avg(m.new::INT) FILTER (NOT m.is_error), 1) AS new_percent,
    round(count(*) FILTER (NOT m.is_error) * 3600 / any_value(r.seconds)) AS ok_per_hour,
    count(DISTINCT m.server) FILTER (NOT m.is_error) AS servers
FROM made AS m
INNER JOIN run AS r ON r.walk = m.walk AND r.seed = m.seed
GROUP BY m.walk, m.seed
ORDER BY m.walk, m.seed
