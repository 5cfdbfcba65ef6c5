-- grain: run × task × trial; what a report lists of each trial
SELECT
    t.run_id,
    t.task_id,
    t.trial,
    t.reward,
    t.first_reward,
    t.field_score,
    t.status,
    t.reason,
    t.turns,
    t.calls,
    t.tokens,
    t.cost,
    t.wall_us,
    t.answer,
    f.class,
    f.detail,
    t.episode_id
FROM eval_trial AS t
LEFT JOIN eval_failure AS f ON f.run_id = t.run_id AND f.task_id = t.task_id AND f.trial = t.trial
ORDER BY t.run_id, t.task_id, t.trial
