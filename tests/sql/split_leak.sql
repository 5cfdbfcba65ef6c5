-- grain: case; each kind of thing that training and testing share is found, and nothing else
INSERT INTO dag BY NAME
SELECT dag_id, shape, 2 AS nodes, 1 AS links, 1 AS servers, 7 AS seed, 0 AS draw
FROM (VALUES ('d', 'chain'), ('w', 'survey')) AS v (dag_id, shape);
INSERT INTO episode BY NAME
SELECT episode_id, dag_id, 'value-flow' AS policy, 7 AS seed, 'ok' AS status, '{}' AS servers, 2 AS calls, TIMESTAMP '2026-01-05 10:00:00' AS started_at, 1 AS wall_us
FROM (VALUES ('e1', 'd'), ('e2', 'd'), ('w1', 'w'), ('w2', 'w')) AS v (episode_id, dag_id);
INSERT INTO call BY NAME
SELECT episode_id, call_index, 's' AS server, tool, arguments, '{"v": 1}' AS result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us
FROM (
    VALUES
        ('e1', 0, 'a', '{"x": 1}'), ('e2', 0, 'b', '{"x": 2}'), ('e2', 1, 'i', '{"x": 3}'),
        ('w1', 0, 'c', '{"x": 1, "y": 2.0}'), ('w2', 0, 'c', '{"y": 2, "x": 1}'), ('w2', 1, 'f', '{}'),
        ('w1', 2, 'g', '{"x": 1}'), ('w2', 2, 'h', '{"x": 1}'), ('w1', 4, 'k', '{"x": 4}'), ('w2', 4, 'k', '{"x": 5}')
) AS v (episode_id, call_index, tool, arguments);
INSERT INTO task BY NAME
SELECT task_id, episode_id, 'q' AS question, answer, '{}' AS answer_schema, gold AS gold_calls, 1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty, split
FROM (
    VALUES
        ('episode_train', 'e1', '{"a": 1}', '[{"call_index": 0, "server": "s", "tool": "a"}]', 'train'),
        ('episode_test', 'e2', '{"a": 2}', '[{"call_index": 0, "server": "s", "tool": "b"}]', 'test'),
        ('episode_not_split', 'e2', '{"a": 1}', '[{"call_index": 1, "server": "s", "tool": "i"}]', NULL),
        ('call_train', 'w1', '{"a": 3}', '[{"call_index": 0, "server": "s", "tool": "c"}]', 'train'),
        ('call_test', 'w2', '{"a": 4}', '[{"call_index": 0, "server": "s", "tool": "c"}, {"call_index": 1, "server": "s", "tool": "f"}]', 'test'),
        ('answer_train', 'w1', '{"a": 5, "b": 1.0}', '[{"call_index": 2, "server": "s", "tool": "g"}]', 'train'),
        ('answer_test', 'w2', '{"b": 1, "a": 5}', '[{"call_index": 2, "server": "s", "tool": "h"}]', 'test'),
        ('dag_train', 'w1', '{"a": 6}', '[{"call_index": 4, "server": "s", "tool": "k"}]', 'train'),
        ('dag_test', 'w2', '{"a": 7}', '[{"call_index": 4, "server": "s", "tool": "k"}]', 'test'),
        ('held_back', 'w2', '{"a": 3}', '[{"call_index": 4, "server": "s", "tool": "k"}]', 'held_back')
) AS v (task_id, episode_id, answer, gold, split);
-- expect
SELECT
    string_agg(kind || ' ' || train[1] || ' ' || test[1] || ' ' || (len(train) + len(test)), ', ' ORDER BY kind) AS actual,
    'answer answer_train answer_test 2, call call_train call_test 2, sampled episode_train episode_test 2, sub-DAG dag_train dag_test 2' AS expected
FROM split_leak
