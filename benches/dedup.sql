-- Tasks of a lake of the size that a run is to give, made of words by number: the same each time.
CREATE TEMP TABLE word AS SELECT [$words] AS words;
CREATE TEMP MACRO said(n, seed) AS (
    SELECT string_agg(words[1 + (hash(seed, i) % len(words))::BIGINT], ' ' ORDER BY i) FROM word, range(n) AS r (i)
);
INSERT INTO call BY NAME
SELECT
    'e' || (n // 4) AS episode_id,
    n % 4 AS call_index,
    's' || (hash(n, 1) % 80) AS server,
    't' || (hash(n, 1) % 1200) AS tool,
    '{"q":"v' || (hash(n, 2) % 20000) || '"}' AS arguments,
    to_json({
        status: CASE WHEN hash(n, 3) % 3 = 0 THEN 'shut' ELSE 'open' END,
        total: hash(n, 4) % 900,
        kind: 'report',
        items: list_transform(range((4 + hash(n, 5) % 30)::BIGINT), lambda i: {name: 'n' || (hash(n, i) % 5000), price: (hash(n, i, 9) % 10000) / 100, tag: 'x'})
    })::VARCHAR AS result,
    false AS is_error,
    '' AS state_key,
    'live' AS source,
    1 AS latency_us
FROM range(40000) AS r (n);
INSERT INTO task BY NAME
SELECT
    't' || lpad(n::VARCHAR, 6, '0') AS task_id,
    'e' || own AS episode_id,
    -- Some phrases are of the grammar, the others are the task's own; every twentieth task says what the one before it says.
    'Could you help me with something? Look up the ' || said(12, own) || '. After that, get the details for ' || said(10, own + 7)
    || ' you just found. In the end, tell me the total and the status from the second step. Answer with a JSON object with the members '
    || '"total" (whole number) and "status" (text, as given).' AS question,
    json_object('total', own, 'status', 'open') AS answer,
    '{}' AS answer_schema,
    gold AS gold_calls,
    3 AS calls, 1 AS servers, 1 AS flows, 'easy' AS difficulty
FROM (
    SELECT n, CASE WHEN n % 20 = 19 THEN n - 1 ELSE n END AS own
    FROM range(10000) AS r (n)
) AS t
INNER JOIN (
    SELECT episode_id, to_json(list({call_index: call_index, server: server, tool: tool} ORDER BY call_index)) AS gold
    FROM call
    WHERE call_index < 3
    GROUP BY episode_id
) AS g ON g.episode_id = 'e' || t.own;
INSERT INTO provenance (task_id, field, call_index, pointer, expression)
SELECT task_id, unnest(['total', 'status']), unnest([1, 2]), unnest(['/total', '/status']), NULL FROM task;
INSERT INTO benchmark_task BY NAME
SELECT 'bench' AS benchmark, 'b' || n AS task_id, said((40 + n % 120)::BIGINT, n + 1000000) AS question, 'f' AS source_id FROM range(600) AS r (n);
