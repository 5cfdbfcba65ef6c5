-- grain: case; the newest grade counts, published trials stand beside, and figures follow
INSERT INTO eval_run BY NAME
SELECT 'r' AS run_id, 'gold' AS agent, 'all' AS split, 1 AS snapshot, 2 AS tasks, 2 AS trials, 0 AS distractors, 0 AS temperature,
    7 AS seed, '{}' AS settings, TIMESTAMP '2026-01-05 10:00:00' AS started_at;
INSERT INTO eval_result BY NAME
SELECT 'r' AS run_id, t AS task_id, n AS trial, w AS reward, w AS field_score, 'answered' AS status, '{}' AS answer, '[]' AS fields, 1 AS turns,
    0 AS calls, '[]' AS steps, 0 AS prompt_tokens, 0 AS answer_tokens, 0 AS cost, 1 AS seed, '[]' AS tools, '[]' AS transcript,
    0 AS model_us, 1 AS wall_us, TIMESTAMP '2026-01-05 10:00:00' AS ended_at
FROM (VALUES ('a', 0, 1), ('a', 1, 0), ('b', 0, 0), ('b', 1, 0)) AS v (t, n, w);
INSERT INTO eval_grade BY NAME
SELECT 'r' AS run_id, 'b' AS task_id, 1 AS trial, g AS grading, w AS reward, w AS field_score, '[]' AS fields, '1' AS firefly,
    TIMESTAMP '2026-01-05 10:00:00' AS graded_at
FROM (VALUES (1, 0), (2, 1)) AS v (g, w);
INSERT INTO source BY NAME
SELECT 'f' AS source_id, 'x/runs-airline.json' AS path, 'tau-bench' AS label, 1 AS bytes, 1 AS records, 0 AS rejected, '{}' AS counts,
    TIMESTAMP '2026-01-05 10:00:00' AS ingested_at;
INSERT INTO episode BY NAME
SELECT 'e' || n AS episode_id, '' AS dag_id, 'recorded' AS policy, 0 AS seed, 'ok' AS status, '{}' AS servers, 3 AS calls,
    TIMESTAMP '2026-01-05 10:00:00' AS started_at, 1 AS wall_us
FROM range(3) AS r (n);
INSERT INTO trace BY NAME
SELECT 'e' || n AS episode_id, 'f' AS source_id, 'x/runs-airline.json' AS path, n AS position, '4#' || n AS key, CASE WHEN n < 2 THEN n END AS reward
FROM range(3) AS r (n);
-- expect
SELECT
    (SELECT string_agg(run_id || ' ' || task_id || ' ' || passed || '/' || trials, ', ' ORDER BY run_id, task_id) FROM eval_score) AS actual,
    'r a 1/2, r b 1/2, tau-bench/runs-airline 4 1/2' AS expected
UNION ALL
SELECT
    pass_at_k(4, 1, 2) || ' ' || pass_hat_k(4, 2, 2)::DECIMAL(6, 4) || ' ' || coalesce(pass_at_k(2, 1, 3)::VARCHAR, 'none'),
    '0.5 0.1667 none'
