-- grain: run × verdict; its share of the replies, and pass@1 of the trials that met with it
WITH met AS (
    SELECT run_id, task_id, trial, verdict, count(*) AS replies FROM eval_step GROUP BY run_id, task_id, trial, verdict
)

SELECT
    m.run_id,
    m.verdict,
    sum(m.replies)::BIGINT AS replies,
    round(sum(m.replies) / sum(sum(m.replies)) OVER (PARTITION BY m.run_id), 4) AS share,
    count(*) AS trials,
    round(avg((t.reward >= 1.0 - 1e-9)::INT), 4) AS pass_1
FROM met AS m
INNER JOIN eval_trial AS t ON t.run_id = m.run_id AND t.task_id = m.task_id AND t.trial = m.trial
GROUP BY m.run_id, m.verdict
ORDER BY m.run_id, replies DESC, m.verdict
