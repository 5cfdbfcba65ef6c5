-- grain: case; a witness that tells the time or logs calls is no witness, and what somebody else was seen to do is nobody's
INSERT INTO episode BY NAME
SELECT 'e' AS episode_id, 'd' AS dag_id, 'p' AS policy, 1 AS seed, 'ok' AS status, '{}' AS servers, 3 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 90000000 AS wall_us;
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, i AS call_index, 's' AS server, t AS tool, '{}' AS arguments, r AS result, false AS is_error, w AS repeat_of,
    '' AS state_key, md5(r) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (
    VALUES
        (0, 'now', '{"now": "2026-01-05T10:00:01Z"}', NULL),
        (1, 'list', '{"items": 3}', NULL),
        (2, 'convert', '{"to": "km"}', NULL),
        (3, 'put', '{"put": true}', NULL),
        (4, 'list', '{"items": 4}', 1),
        (5, 'greet', '{"hello": "a"}', NULL),
        (6, 'list', '{"items": 5}', 1),
        (7, 'greet', '{"hello": "b"}', NULL),
        (8, 'look', '{"seen": "c"}', NULL),
        (9, 'list', '{"items": 6}', 1),
        (10, 'log', '{"calls": ["list"]}', NULL),
        (11, 'hear', '{"heard": "d"}', NULL),
        (12, 'log', '{"calls": ["list", "log", "hear"]}', 10)
) AS v (i, t, r, w);
INSERT INTO probe BY NAME
SELECT 'e' AS episode_id, *
FROM (
    VALUES (2, 0, true), (2, 1, false), (3, 0, true), (3, 1, true), (5, 1, true), (8, 1, true), (11, 10, true)
) AS v (call_index, witness, changed);
-- expect
SELECT
    string_agg(tool || ' by ' || witness, ', ' ORDER BY call_index, witness) AS actual, 'put by 1, greet by 1' AS expected
FROM seen_change
