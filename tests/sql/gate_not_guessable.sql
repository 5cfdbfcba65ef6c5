-- grain: case; answers that can be guessed are found: booleans, what the schema fixes, what the tool mostly gives
INSERT INTO tool BY NAME
SELECT 's' AS server, 't' AS tool, 0 AS position, '' AS tool_hash, '{}' AS input_schema,
    '{"type":"object","properties":{"kind":{"type":"string","const":"report"},"unit":{"enum":["C"]}}}' AS output_schema;
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, n AS call_index, 's' AS server, 't' AS tool, '{"n":' || n || '}' AS arguments,
    to_json({
        kind: 'report', unit: 'C', state: CASE WHEN n < 3 THEN 'open' ELSE 's' || n END,
        good: n % 2 = 0, city: 'c' || n, page: range(CASE n WHEN 0 THEN 3 ELSE 5 END)
    })::VARCHAR AS result,
    false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM range(6) AS r (n);
-- Equal calls count once: city c5 would else be the most frequent.
INSERT INTO call BY NAME SELECT c.* REPLACE (c.call_index + n AS call_index) FROM call AS c, range(10, 20) AS r (n) WHERE c.call_index = 5;
-- Of another tool with three results, nothing is told yet.
INSERT INTO call BY NAME
SELECT * REPLACE ('few' AS tool, call_index + 100 AS call_index, CASE call_index WHEN 2 THEN '{"state":"shut"}' ELSE '{"state":"open"}' END AS result)
FROM call WHERE call_index < 3;
INSERT INTO task BY NAME
SELECT task_id, 'e' AS episode_id, 'q' AS question, answer, '{}' AS answer_schema, '[]' AS gold_calls,
    1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty
FROM (
    VALUES
        ('a_boolean', '{"good":true}'),
        ('b_constant', '{"kind":"report"}'),
        ('c_enum_of_one', '{"unit":"C","good":true}'),
        ('d_mode', '{"state":"open"}'),
        ('e_rare', '{"state":"s4"}'),
        ('f_one_is_enough', '{"state":"open","city":"c0","good":true}'),
        ('g_repeated', '{"city":"c5"}'),
        ('h_length', '{"page":5}'),
        ('i_rare_length', '{"page":3}'),
        ('j_few', '{"few":"open"}')
) AS v (task_id, answer);
INSERT INTO provenance (task_id, field, call_index, pointer, expression)
SELECT
    task_id,
    field,
    CASE
        WHEN field = 'few' THEN 100
        WHEN task_id = 'e_rare' THEN 4
        WHEN task_id = 'g_repeated' THEN 5
        WHEN task_id = 'h_length' THEN 1
        ELSE 0
    END,
    CASE field WHEN 'few' THEN '/state' ELSE '/' || field END,
    CASE field WHEN 'page' THEN 'json_array_length(value)' END
FROM (SELECT task_id, unnest(json_keys(answer)) AS field FROM task);
-- expect
SELECT
    string_agg(task_id || CASE WHEN passed THEN '' ELSE ': ' || replace(reason, 'every field can be guessed: ', '') END, '; ' ORDER BY task_id) AS actual,
    'a_boolean: good is true or false; b_constant: kind is the schema of t allows nothing else; '
    || 'c_enum_of_one: good is true or false, unit is the schema of t allows nothing else; d_mode: state is what t gives in 50% of its results; e_rare; '
    || 'f_one_is_enough; g_repeated; h_length: page is what t gives in 83% of its results; i_rare_length; j_few' AS expected
FROM found
