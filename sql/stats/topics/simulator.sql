-- grain: round × verdict; how the simulator answered, by how often `explore --misses` had run before the session
WITH asked AS (
    SELECT session_id, min(called_at) AS began FROM sim_call GROUP BY session_id
),

made_up AS (
    SELECT seed, min(started_at) AS began FROM episode WHERE policy = 'misses' GROUP BY seed
),

session AS (
    SELECT a.session_id, 1 + count(m.seed) AS round
    FROM asked AS a
    LEFT JOIN made_up AS m ON m.began < a.began
    GROUP BY a.session_id
),

answered AS (
    SELECT s.round, c.verdict, count(*) AS calls, count(DISTINCT c.session_id) AS sessions
    FROM sim_call AS c
    INNER JOIN session AS s ON s.session_id = c.session_id
    GROUP BY ALL
)

SELECT round, verdict, calls, sessions, round(calls / sum(calls) OVER (PARTITION BY round), 4) AS share
FROM answered
ORDER BY round, list_position(['exact', 'canonical', 'nearest', 'invalid', 'live', 'generated', 'miss'], verdict)
