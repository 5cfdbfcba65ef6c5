-- grain: case; what nearly all of many arguments give is constant, and so is what each of three gives
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, i AS call_index, 's' AS server, 't' AS tool, '{"n":' || i || '}' AS arguments,
    '{"always":"a","mostly":"' || CASE WHEN i = 0 THEN 'x' ELSE 'b' END || '","own":' || (i + 100) || '}' AS result,
    false AS is_error, 'fresh' AS state_key, 'live' AS source, 0 AS latency_us
FROM range(12) AS r (i);
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, 20 + i AS call_index, 's' AS server, 'few' AS tool, '{"n":' || i || '}' AS arguments,
    '{"mostly":"' || CASE WHEN i = 0 THEN 'x' ELSE 'b' END || '"}' AS result,
    false AS is_error, 'fresh' AS state_key, 'live' AS source, 0 AS latency_us
FROM range(4) AS r (i);
-- expect
SELECT string_agg(tool || field, ' ' ORDER BY tool, field) AS actual, 't/always t/mostly' AS expected
FROM constant_field
