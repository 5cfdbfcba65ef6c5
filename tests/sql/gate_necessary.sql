-- grain: case; a call that can be left out is found
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, call_index, 's' AS server, 't' AS tool, '{}' AS arguments, result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM (VALUES (0, '{"order": "ORD-2"}'), (1, '{"eta": "Friday"}'), (2, '{"eta": "Friday"}')) AS v (call_index, result);
INSERT INTO flow VALUES ('e', 0, '/order', 1, '/order');
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, question, '{"eta": "Friday"}' AS answer, '{}' AS answer_schema, gold_calls,
    2 AS calls, 1 AS servers, 1 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('needed', 'When does it arrive?', '[{"call_index": 0}, {"call_index": 1}]'),
        ('known_before', 'When does ORD-2 arrive?', '[{"call_index": 0}, {"call_index": 1}]'),
        ('said_twice', 'When does it arrive?', '[{"call_index": 0}, {"call_index": 1}, {"call_index": 2}]')
) AS v (task_id, question, gold_calls);
INSERT INTO provenance BY NAME SELECT task_id, 'eta' AS field, 1 AS call_index, '/eta' AS pointer FROM task;
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'known_before=false needed=true said_twice=false' AS expected FROM found
