-- grain: case; a label that the recorded call does not hold is found
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, 0 AS call_index, 's' AS server, 't' AS tool, '{}' AS arguments, '{"a": {"b": 7}, "l": [{}, {}], "s": "It is 4."}' AS result,
    false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us;
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, 'q' AS question, answer, '{}' AS answer_schema,
    '[{"call_index": 0, "server": "s", "tool": "t", "arguments": {}}]' AS gold_calls, 1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('right', '{"b": 7, "n": 2, "s": 4}'),
        ('wrong', '{"b": 8, "n": 2, "s": 4}'),
        ('miscounted', '{"b": 7, "n": 3, "s": 4}'),
        ('more', '{"b": 7, "more": 1, "n": 2, "s": 4}'),
        ('fewer', '{"b": 7, "n": 2}')
) AS v (task_id, answer);
INSERT INTO provenance BY NAME
SELECT task_id, field, 0 AS call_index, pointer, expression
FROM task,
    (
        VALUES
            ('b', '/a/b', NULL),
            ('n', '/l', 'json_array_length(value)'),
            ('s', '/s', 'last_number(value)')
    ) AS p (field, pointer, expression);
-- expect
SELECT string_agg(task_id || '=' || passed, ' ' ORDER BY task_id) AS actual,
    'fewer=false miscounted=false more=false right=true wrong=false' AS expected
FROM found
