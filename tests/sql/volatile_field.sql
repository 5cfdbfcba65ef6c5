-- grain: case; a field that differs between equal calls is volatile, and so is the clock
INSERT INTO episode BY NAME
SELECT 'e' AS episode_id, 'd' AS dag_id, 'p' AS policy, 1 AS seed, 'ok' AS status, '{}' AS servers, 2 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 90000000 AS wall_us;
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, i AS call_index, 's' AS server, 't' AS tool, '{}' AS arguments, r AS result, r AS reply, false AS is_error,
    CASE i WHEN 1 THEN 0 END AS repeat_of, '' AS state_key, md5(r) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (
    VALUES
        (0, '{"id": "a", "name": "x", "at": "2026-01-05T10:00:01Z", "made": "at 10:01:07 AM", "opens": "10:03:00", "seen": "2025-06-05T10:00:30Z", "born": "1999-01-05", "city": "Oslo", "zip": "0150", "a": 1, "b": 2, "c": 3, "d": 4}'),
        (1, '{"id": "b", "name": "x", "at": "2026-01-05T10:00:01Z", "made": "at 10:01:07 AM", "opens": "10:03:00", "seen": "2025-06-05T10:00:30Z", "born": "1999-01-05", "city": "Oslo", "zip": "0150", "a": 1, "b": 2, "c": 3, "d": 4}')
) AS v (i, r);
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, 7 AS call_index, 's' AS server, 'now' AS tool, '{}' AS arguments, '{"now": "2026-01-05 10:00:00", "day": "Monday"}' AS result,
    false AS is_error, '' AS state_key, 'h' AS result_hash, 'live' AS source, 1 AS latency_us;
-- What was taken to read and is seen to change things leaves the state key as it was: what differs after it is no clock.
INSERT INTO tool BY NAME SELECT 'g' AS server, unnest(['list', 'greet']) AS tool, '{}' AS input_schema, 0 AS position, 'h' AS tool_hash;
INSERT INTO call BY NAME
SELECT 'g' AS episode_id, i AS call_index, 'g' AS server, t AS tool, '{}' AS arguments, r AS result, false AS is_error,
    CASE WHEN i > 0 AND t = 'list' THEN 0 END AS repeat_of, '' AS state_key, md5(r) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (VALUES (0, 'list', '{"items": 3}'), (1, 'greet', '{"hello": "a"}'), (2, 'list', '{"items": 4}')) AS v (i, t, r);
INSERT INTO episode BY NAME SELECT * REPLACE ('g' AS episode_id) FROM episode;
INSERT INTO probe BY NAME SELECT 'g' AS episode_id, 1 AS call_index, 0 AS witness, true AS changed;
-- expect
SELECT string_agg(tool || pattern, ' ' ORDER BY tool, pattern) AS actual, 'now/day now/now t/at t/id t/made' AS expected FROM volatile_field
