-- grain: case; an argument that is neither in the question nor flows is found
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, call_index, 's' AS server, 't' AS tool, arguments, result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM (VALUES (0, '{"user": "ada_7"}', '{"order": "ORD-2"}'), (1, '{"order": "ORD-2"}', '{"eta": "Friday"}')) AS v (call_index, arguments, result);
INSERT INTO flow VALUES ('e', 0, '/order', 1, '/order');
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, question, '{"eta": "Friday"}' AS answer, '{}' AS answer_schema,
    '[{"call_index": 0, "server": "s", "tool": "t"}, {"call_index": 1, "server": "s", "tool": "t"}]' AS gold_calls,
    2 AS calls, 1 AS servers, 1 AS flows, 'easy' AS difficulty
FROM (VALUES ('given', 'When does the order of ada_7 arrive?'), ('not_given', 'When does the order of ada_77 arrive?')) AS v (task_id, question);
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'given=true not_given=false' AS expected FROM found
