-- grain: policy × model; what each has done
WITH made AS (
    SELECT
        coalesce(e.policy, 'recorded') AS policy,
        coalesce(e.model, '') AS model,
        c.*,
        row_number() OVER (PARTITION BY c.server, c.tool, c.arguments ORDER BY e.started_at, c.episode_id, c.call_index) = 1 AS new
    FROM call AS c
    INNER JOIN episode AS e ON e.episode_id = c.episode_id
    WHERE c.source = 'live'
),

run AS (
    SELECT
        coalesce(policy, 'recorded') AS policy,
        coalesce(model, '') AS model,
        count(*) AS episodes,
        sum(busy) AS seconds
    FROM (
        SELECT *, busy_seconds(started_at, ended_at, (policy, model)) AS busy
        FROM (
            SELECT policy, model, started_at::TIMESTAMP AS started_at, started_at::TIMESTAMP + to_microseconds(wall_us) AS ended_at
            FROM episode
            WHERE wall_us IS NOT NULL
        )
    )
    GROUP BY ALL
),

beyond AS (
    SELECT DISTINCT episode_id, call_index FROM argument WHERE origin = 'beyond'
)

SELECT
    m.policy,
    m.model,
    any_value(r.episodes) AS episodes,
    count(*) AS calls,
    count(*) FILTER (NOT m.is_error) AS ok,
    round(100 * avg((NOT m.is_error)::INT), 1) AS ok_percent,
    round(100 * avg(m.new::INT) FILTER (NOT m.is_error), 1) AS new_percent,
    round(count(*) FILTER (NOT m.is_error) * 3600 / any_value(r.seconds)) AS ok_per_hour,
    count(DISTINCT (m.server, m.tool)) FILTER (NOT m.is_error) AS tools,
    count(DISTINCT (m.server, m.tool)) FILTER (
        NOT m.is_error AND m.repeat_of IS NULL AND b.episode_id IS NULL
    ) AS tools_in_schema,
    count(DISTINCT m.server) FILTER (NOT m.is_error) AS servers
FROM made AS m
LEFT JOIN run AS r ON r.policy = m.policy AND r.model = m.model
LEFT JOIN beyond AS b ON b.episode_id = m.episode_id AND b.call_index = m.call_index
GROUP BY m.policy, m.model
ORDER BY m.policy, m.model
