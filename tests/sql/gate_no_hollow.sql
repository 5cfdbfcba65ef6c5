-- grain: case; a step that leads nowhere is found, and a write that is read later is none
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, call_index, 's' AS server, tool, '{}' AS arguments, result, false AS is_error, state_key, md5(result) AS result_hash, 'live' AS source, 1 AS latency_us
FROM (VALUES (0, 'put', '', '{"put": true}'), (1, 'read', 'put', '{"notes": 1}'), (2, 'read', '', '{"notes": 0}'), (3, 'read', 'put', '{"notes": 1}')) AS v (call_index, tool, state_key, result);
INSERT INTO ablation VALUES ('e', 1, 0, 2);
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, 'How many?' AS question, '{"notes": 1}' AS answer, '{}' AS answer_schema, gold_calls,
    2 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (VALUES ('read', '[{"call_index": 0}, {"call_index": 1}]'), ('unread', '[{"call_index": 1}, {"call_index": 3}]')) AS v (task_id, gold_calls);
INSERT INTO provenance BY NAME SELECT task_id, 'notes' AS field, 1 AS call_index, '/notes' AS pointer FROM task;
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'read=true unread=false' AS expected FROM found
