-- grain: run; pass@1 with its 95% interval (bootstrap over tasks), pass@k and pass^k for the most trials that each task has, and means of a trial
WITH scored AS (
    SELECT run_id, task_id, trials, passed, pass_1, min(trials) OVER (PARTITION BY run_id) AS k FROM eval_score
),

passed AS (
    SELECT
        run_id,
        count(*) AS tasks,
        sum(trials)::BIGINT AS trials,
        avg(pass_1) AS pass_1,
        bootstrap_interval(list(pass_1 ORDER BY task_id), 7) AS bounds,
        any_value(k) AS k,
        avg(pass_at_k(trials, passed, k)) AS pass_at_k,
        avg(pass_hat_k(trials, passed, k)) AS pass_hat_k
    FROM scored
    GROUP BY run_id
),

spent AS (
    SELECT
        run_id,
        any_value(agent) AS agent,
        avg(field_score) AS fields_right,
        avg(calls) AS calls,
        avg(tokens) AS tokens,
        sum(cost) AS cost,
        median(wall_us) / 1e6 AS median_s,
        sum(model_us) / nullif(sum(wall_us), 0)::DOUBLE AS model_share
    FROM eval_trial
    GROUP BY run_id
)

SELECT
    p.run_id,
    s.agent,
    p.tasks,
    p.trials,
    round(p.pass_1, 4) AS pass_1,
    round(p.bounds[1], 4) AS low,
    round(p.bounds[2], 4) AS high,
    p.k,
    round(p.pass_at_k, 4) AS pass_at_k,
    round(p.pass_hat_k, 4) AS pass_hat_k,
    round(s.fields_right, 4) AS fields_right,
    round(s.calls, 2) AS calls,
    round(s.tokens)::BIGINT AS tokens,
    round(s.cost, 4) AS cost,
    round(s.median_s, 3) AS median_s,
    round(s.model_share, 3) AS model_share
FROM passed AS p
INNER JOIN spent AS s ON s.run_id = p.run_id
ORDER BY p.run_id
