-- grain: case; each failed trial stands in exactly the class that its calls and answer come to
INSERT INTO episode BY NAME
SELECT 'e' AS episode_id, 'd' AS dag_id, 'p' AS policy, 1 AS seed, 'ok' AS status, '{}' AS servers, 2 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 1 AS wall_us;
INSERT INTO call BY NAME
SELECT 'e' AS episode_id, i AS call_index, 's' AS server, t AS tool, a AS arguments, r AS result, false AS is_error, '' AS state_key,
    'live' AS source, 1 AS latency_us
FROM (VALUES (0, 'find', '{"q":"x"}', '{"id": 7}'), (1, 'get', '{"id":7}', '{"name": "Ada", "town": "Oslo"}'), (2, 'get', '{"id":8}', '{"name": "Bob"}')) AS v (i, t, a, r);
INSERT INTO task BY NAME
SELECT 't' AS task_id, 'e' AS episode_id, 'Whose?' AS question, '{"name": "Ada"}' AS answer, '{}' AS answer_schema,
    '[{"call_index": 0, "server": "s", "tool": "find", "arguments": {"q": "x"}}, {"call_index": 1, "server": "s", "tool": "get", "arguments": {"id": 7}}]' AS gold_calls,
    2 AS calls, 1 AS servers, 1 AS flows, 'easy' AS difficulty;
INSERT INTO provenance BY NAME SELECT 't' AS task_id, 'name' AS field, 1 AS call_index, '/name' AS pointer;
INSERT INTO eval_run BY NAME
SELECT 'r' AS run_id, 'model' AS agent, 'm' AS model, 'all' AS split, 1 AS snapshot, 1 AS tasks, 1 AS trials, 0 AS distractors, 0 AS temperature,
    7 AS seed, '{}' AS settings, TIMESTAMP '2026-01-05 10:00:00' AS started_at;
CREATE TEMP TABLE made AS
SELECT *
FROM (
    VALUES
        (0, 'answered', '{"name": "Ada"}', 1, []),
        (1, 'limit', NULL, 0, []),
        (2, 'loop', '{"name": "Bob"}', 0, []),
        (3, 'no_answer', NULL, 0, []),
        (4, 'answered', 'Ada', 0, []),
        (5, 'answered', '{"name": "Oslo"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'exact', matched: 1}]),
        (6, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'canonical', matched: 1}]),
        (7, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'exact', matched: 2}]),
        (8, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'invalid', matched: -1}]),
        (9, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'miss', matched: -1}]),
        (10, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'nothing', verdict: 'invalid', matched: -1}]),
        (11, 'answered', '{"name": "Eve"}', 0, [{tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'unreadable', matched: -1}]),
        (12, 'answered', '{"name": "Eve"}', 0, []),
        (13, 'refused', NULL, 0, []),
        (15, 'limit', NULL, 0, [{tool: 'get', verdict: 'exact', matched: 1}, {tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'exact', matched: 1}, {tool: 'find', verdict: 'exact', matched: 0}]),
        -- A try that failed before the call was made is no reason.
        (14, 'answered', '{"name": "Eve"}', 0, [{tool: 'get', verdict: 'invalid', matched: -1}, {tool: 'find', verdict: 'exact', matched: 0}, {tool: 'get', verdict: 'exact', matched: 1}])
) AS v (trial, status, answer, reward, steps);
CREATE TEMP TABLE step AS
SELECT trial, unnest(steps, recursive := true), unnest(range(len(steps))) AS place FROM made;
INSERT INTO sim_call BY NAME
SELECT 'r/t/' || trial AS session_id, place AS call_index, 't' AS task_id, CASE WHEN tool = 'nothing' THEN '' ELSE 's' END AS server, tool,
    '{}' AS arguments, verdict, CASE WHEN matched >= 0 THEN 'e' END AS matched_episode, CASE WHEN matched >= 0 THEN matched END AS matched_call,
    TIMESTAMP '2026-01-05 10:00:00' AS called_at
FROM step
WHERE verdict <> 'unreadable';
INSERT INTO eval_result BY NAME
SELECT 'r' AS run_id, 't' AS task_id, m.trial, m.reward, m.reward AS field_score, m.status, CASE m.status WHEN 'limit' THEN 'turns' END AS reason, m.answer,
    '[{"field": "name", "right": ' || (m.reward = 1) || ', "why": "is another"}]' AS fields, 1 AS turns, len(m.steps) AS calls,
    coalesce((SELECT to_json(list({id: 'c' || s.place, name: 's__' || s.tool, verdict: s.verdict, call_index: CASE WHEN s.verdict <> 'unreadable' THEN s.place END} ORDER BY s.place)) FROM step AS s WHERE s.trial = m.trial)::VARCHAR, '[]') AS steps,
    0 AS prompt_tokens, 0 AS answer_tokens, 0 AS cost, 1 AS seed, '[]' AS tools, '[]' AS transcript, 0 AS model_us, 1 AS wall_us,
    TIMESTAMP '2026-01-05 10:00:00' AS ended_at
FROM made AS m;
-- expect
SELECT
    string_agg(trial || ' ' || class, ', ' ORDER BY trial) AS actual,
    '1 limit hit, 2 loop, 3 no answer, 4 no answer, 5 wrong field, 6 wrong reading, 7 missing call, 8 invalid arguments, 9 simulator miss, '
    || '10 tool not found, 11 invalid arguments, 12 missing call, 13 limit hit, 14 wrong reading, 15 loop' AS expected
FROM eval_failure
