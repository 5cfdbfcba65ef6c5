-- grain: case; what flows is part of a sub-DAG, where in a list it came from and in which order calls were made is not
INSERT INTO call BY NAME
SELECT episode_id, call_index, 's' AS server, tool, arguments, result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM (
    VALUES
        ('e1', 0, 'find', '{"q": "x"}', '[{"id": "A"}, {"id": "B"}]'), ('e1', 1, 'get', '{"id": "A"}', '{"n": 1}'), ('e1', 2, 'now', '{}', '"noon"'),
        ('e2', 0, 'now', '{}', '"noon"'), ('e2', 1, 'find', '{"q": "y"}', '[{"id": "A"}, {"id": "B"}]'), ('e2', 2, 'get', '{"id": "B"}', '{"n": 2}'),
        ('e3', 0, 'find', '{"q": "z"}', '[{"id": "A"}]'), ('e3', 1, 'get', '{"id": "B"}', '{"n": 2}'), ('e3', 2, 'now', '{}', '"noon"')
) AS v (episode_id, call_index, tool, arguments, result);
INSERT INTO flow VALUES ('e1', 0, '/0/id', 1, '/id'), ('e2', 1, '/1/id', 2, '/id');
INSERT INTO task BY NAME
SELECT
    episode_id AS task_id, episode_id, 'q' AS question, '{"n": 1}' AS answer, '{}' AS answer_schema,
    json_group_array({call_index: call_index, server: server, tool: tool}) AS gold_calls,
    3 AS calls, 1 AS servers, 1 AS flows, 'easy' AS difficulty
FROM call
GROUP BY episode_id;
-- expect
SELECT
    string_agg(kind || ' ' || tasks, ', ' ORDER BY kind, tasks) AS actual,
    'answer e1+e2+e3, call e1, call e1, call e1+e2+e3, call e2, call e2+e3, call e3, sub-DAG e1+e2, sub-DAG e3' AS expected
FROM (
    SELECT kind, string_agg(task_id, '+' ORDER BY task_id) AS tasks
    FROM task_key
    GROUP BY kind, key
)
