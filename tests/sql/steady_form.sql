-- grain: case; a tool that takes the day for a date that is left out is steady where one is given; a die is not steady however many sides it has
INSERT INTO episode BY NAME
SELECT 'e' AS episode_id, 'd' AS dag_id, 'p' AS policy, 1 AS seed, 'ok' AS status, '{}' AS servers, 2 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 90000000 AS wall_us;
CREATE TEMP TABLE said AS
SELECT t AS tool, a AS arguments, r AS result
FROM (
    VALUES
        ('week', '{}', '{"date": "2026-01-05", "week": 2}'),
        ('die', '{}', '4'), ('die', '{}', '3'),
        ('now', '{}', '"2026-01-05 10:00:00"'),
        ('fresh', '{}', '{"date": "2026-01-05"}')
) AS v (t, a, r)
UNION ALL
SELECT 'week', '{"date": "2024-02-' || lpad(i::VARCHAR, 2, '0') || '"}', '{"week": ' || (i // 7 + 5) || '}'
FROM range(1, 13) AS d (i), range(2)
UNION ALL
SELECT 'die', '{"sides": ' || i || '}', ((i * 7 + k * 3) % 6)::VARCHAR FROM range(1, 13) AS d (i), range(2) AS r (k)
UNION ALL
SELECT 'now', '{"zone": "z' || i || '"}', '"2026-01-05 10:00:00"' FROM range(1, 13) AS d (i), range(2)
UNION ALL
-- Never asked twice.
SELECT 'fresh', '{"date": "2024-02-' || lpad(i::VARCHAR, 2, '0') || '"}', '{"week": ' || i || '}' FROM range(1, 13) AS d (i);
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, row_number() OVER () AS call_index, 's' AS server, tool, arguments, result, false AS is_error, '' AS state_key,
    md5(result) AS result_hash, 'live' AS source, 1 AS latency_us
FROM said;
-- expect
SELECT string_agg(tool || given, ' ' ORDER BY tool, given) AS actual, 'week["date"]' AS expected FROM steady_form
