-- grain: case; a task that asks nearly the same as one before it is found
INSERT INTO call BY NAME
SELECT
    'e' AS episode_id, call_index, 's' AS server, tool, arguments, '{}' AS result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM (VALUES (0, 'find', '{"city":"Oslo"}'), (1, 'find', '{"city":"Bergen"}'), (2, 'read', '{"city":"Oslo"}')) AS v (call_index, tool, arguments);
CREATE TEMP TABLE wording (name VARCHAR, question VARCHAR);
INSERT INTO wording VALUES
    ('base', 'Please look up the current weather of the city in Norway and then report the temperature, the wind speed, the humidity and how many hours of sun are left before the evening begins.'),
    ('comma', 'Please look up the current weather of the city in Norway, and then: report the temperature, the wind speed, the humidity and how many hours of sun are left before the evening begins!'),
    ('other', 'Which stations of the network were closed for repairs in March, and who signed the order that opened them again before the summer?');
INSERT INTO task BY NAME
SELECT
    task_id, 'e' AS episode_id, question, answer, '{}' AS answer_schema, gold_calls, 1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('a', 'base', '{"t":1}', '[{"call_index":0,"server":"s","tool":"find"}]'),
        ('b_same_arguments', 'comma', '{"t":2}', '[{"call_index":0,"server":"s","tool":"find"}]'),
        ('c_same_answer', 'comma', '{"t":1}', '[{"call_index":1,"server":"s","tool":"find"}]'),
        ('d_other_values', 'comma', '{"t":3}', '[{"call_index":1,"server":"s","tool":"find"},{"call_index":1,"server":"s","tool":"find"}]'),
        ('e_other_words', 'other', '{"t":1}', '[{"call_index":0,"server":"s","tool":"find"}]'),
        ('f_other_tool', 'base', '{"t":1}', '[{"call_index":2,"server":"s","tool":"read"}]')
) AS v (task_id, name, answer, gold_calls)
INNER JOIN wording AS w ON w.name = v.name;
-- expect
SELECT
    string_agg(task_id || '=' || coalesce(reason, 'passed'), '; ' ORDER BY task_id) AS actual,
    'a=passed; b_same_arguments=near-duplicate of a: same tools and arguments, 100% of the word pairs; '
    || 'c_same_answer=near-duplicate of a: same tools and answer, 100% of the word pairs; d_other_values=passed; '
    || 'e_other_words=passed; f_other_tool=passed' AS expected
FROM found
