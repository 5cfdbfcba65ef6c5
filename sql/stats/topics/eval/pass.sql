-- grain: run × k; pass@k and pass^k, unbiased, with 95% intervals (bootstrap over the tasks with at least k trials)
WITH counted AS (
    SELECT run_id, task_id, trials, passed, unnest(range(1, trials + 1)) AS k FROM eval_score
),

passed AS (
    SELECT run_id, task_id, k, pass_at_k(trials, passed, k) AS any_of, pass_hat_k(trials, passed, k) AS all_of FROM counted
),

run AS (
    SELECT
        run_id,
        k,
        count(*) AS tasks,
        avg(any_of) AS pass_at_k,
        bootstrap_interval(list(any_of ORDER BY task_id), 7) AS any_bounds,
        avg(all_of) AS pass_hat_k,
        bootstrap_interval(list(all_of ORDER BY task_id), 7) AS all_bounds
    FROM passed
    GROUP BY run_id, k
)

SELECT
    run_id,
    k,
    tasks,
    round(pass_at_k, 6) AS pass_at_k,
    round(any_bounds[1], 4) AS at_low,
    round(any_bounds[2], 4) AS at_high,
    round(pass_hat_k, 6) AS pass_hat_k,
    round(all_bounds[1], 4) AS hat_low,
    round(all_bounds[2], 4) AS hat_high
FROM run
ORDER BY run_id, k
