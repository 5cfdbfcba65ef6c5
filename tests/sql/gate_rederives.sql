-- grain: case; a label that the recorded call does not hold is found
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, 0 AS call_index, 's' AS server, 't' AS tool, '{}' AS arguments, '{"a": {"b": 7}, "l": [{}, {}]}' AS result,
    false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us;
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, 'q' AS question, answer, '{}' AS answer_schema,
    '[{"call_index": 0, "server": "s", "tool": "t", "arguments": {}}]' AS gold_calls, 1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (VALUES ('right', '{"b": 7, "n": 2}'), ('wrong', '{"b": 8, "n": 2}'), ('bare', '{"b": 7, "more": 1, "n": 2}')) AS v (task_id, answer);
INSERT INTO provenance
SELECT task_id, 'b', 0, '/a/b', NULL FROM task
UNION ALL
SELECT task_id, 'n', 0, '/l', 'json_array_length(value)' FROM task;
INSERT INTO gate
SELECT task_id, 'rederives', passed, reason
FROM (
    SELECT t.task_id, bool_and(json_canonical(f.value::VARCHAR) = json_canonical(CASE f.expression WHEN 'json_array_length(value)' THEN json_array_length(f.recorded)::VARCHAR ELSE f.recorded::VARCHAR END)) AS passed, NULL AS reason
    FROM task AS t INNER JOIN answer_field AS f ON f.task_id = t.task_id GROUP BY t.task_id
);
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual, 'bare=true right=true wrong=false' AS expected FROM gate
