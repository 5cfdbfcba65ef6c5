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
-- A write that a reading needs, and one that it does not.
INSERT INTO call BY NAME
SELECT 'w' AS episode_id, call_index, 's' AS server, tool, '{}' AS arguments, result, false AS is_error, repeat_of, state_key, md5(result) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (
    VALUES
        (0, 'put', '{}', NULL, ''), (1, 'put', '{}', NULL, 'a'), (2, 'list', '{"notes": ["x"], "by": "Ada"}', NULL, 'ab'),
        (3, 'list', '{"notes": [], "by": "Ada"}', 2, 'b'), (4, 'list', '{"notes": ["x"], "by": "Ada"}', 2, 'a')
) AS v (call_index, tool, result, repeat_of, state_key);
INSERT INTO ablation VALUES ('w', 2, 0, 3), ('w', 2, 1, 4);
INSERT INTO task BY NAME
SELECT task_id, 'w' AS episode_id, 'What is there?' AS question, answer, '{}' AS answer_schema, gold_calls,
    2 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('written', '{"count": 1}', '[{"call_index": 0}, {"call_index": 2}]'),
        ('written_idle', '{"count": 1}', '[{"call_index": 1}, {"call_index": 2}]'),
        ('written_other', '{"by": "Ada"}', '[{"call_index": 0}, {"call_index": 2}]')
) AS v (task_id, answer, gold_calls);
INSERT INTO provenance BY NAME
SELECT task_id, 'count' AS field, 2 AS call_index, '/notes' AS pointer, 'json_array_length(value)' AS expression FROM task WHERE answer LIKE '%count%'
UNION ALL BY NAME
SELECT task_id, 'by' AS field, 2 AS call_index, '/by' AS pointer, NULL AS expression FROM task WHERE answer LIKE '%by%';
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'known_before=false needed=true said_twice=false written=true written_idle=false written_other=false' AS expected FROM found
