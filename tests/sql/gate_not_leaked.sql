-- grain: case; a question that holds what the reward would accept is found
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, 0 AS call_index, 's' AS server, 't' AS tool, '{}' AS arguments, '{"x": 55.00000000000204}' AS result,
    false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us;
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, question, '{"x": 55.00000000000204}' AS answer, '{}' AS answer_schema, '[{"call_index": 0}]' AS gold_calls,
    1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (VALUES ('leaks', 'Convert an x of 55 m there and back.'), ('holds', 'Convert an x of 54 m there and back.')) AS v (task_id, question);
INSERT INTO provenance BY NAME SELECT task_id, 'x' AS field, 0 AS call_index, '/x' AS pointer FROM task;
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'holds=true leaks=false' AS expected FROM found
