-- grain: case; a witness that tells the time is no witness
INSERT INTO episode BY NAME
SELECT 'e' AS episode_id, 'd' AS dag_id, 'p' AS policy, 1 AS seed, 'ok' AS status, '{}' AS servers, 3 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 90000000 AS wall_us;
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, i AS call_index, 's' AS server, t AS tool, '{}' AS arguments, r AS result, false AS is_error, '' AS state_key,
    md5(r) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (
    VALUES (0, 'now', '{"now": "2026-01-05T10:00:01Z"}'), (1, 'list', '{"items": 3}'), (2, 'convert', '{"to": "km"}'), (3, 'put', '{"put": true}')
) AS v (i, t, r);
INSERT INTO probe BY NAME
SELECT 'e' AS episode_id, * FROM (VALUES (2, 0, true), (2, 1, false), (3, 0, true), (3, 1, true)) AS v (call_index, witness, changed);
-- expect
SELECT string_agg(tool || ' by ' || witness, ', ' ORDER BY call_index, witness) AS actual, 'put by 1' AS expected FROM seen_change
