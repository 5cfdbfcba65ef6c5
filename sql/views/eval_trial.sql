-- grain: run × task × trial; trials of agents by their newest grade, and those that benchmarks published
-- origin: `firefly`, or the collection that published it.
-- run_id: The run; of a published one, the collection and its file.
-- agent: The model, or the reference agent; null where a publication does not say.
-- task_id: The task; of a published one, its name there.
-- trial: Number of the trial.
-- reward: The newest reward, 0 to 1.
-- first_reward: The reward when the trial ended.
-- field_score: Share of the answer fields that are right; null where a publication does not say.
-- fields: Each field of the label with its grade.
-- status: How it ended.
-- reason: Which limit, or what the endpoint said.
-- answer: The answer as it was graded.
-- turns: Requests to the model.
-- calls: Tool calls.
-- tokens: Tokens of prompts and replies.
-- cost: What they cost at the prices given.
-- wall_us: Wall time in microseconds.
-- model_us: Of it, time that the endpoint took.
-- episode_id: Of a published trial, the episode with its calls.
WITH graded AS (
    SELECT
        run_id,
        task_id,
        trial,
        arg_max(reward, grading) AS reward,
        arg_max(field_score, grading) AS field_score,
        arg_max(fields, grading) AS fields
    FROM eval_grade
    GROUP BY run_id, task_id, trial
),

own AS (
    SELECT
        'firefly' AS origin,
        r.run_id,
        coalesce(e.model, e.agent) AS agent,
        r.task_id,
        r.trial,
        coalesce(g.reward, r.reward) AS reward,
        r.reward AS first_reward,
        coalesce(g.field_score, r.field_score) AS field_score,
        coalesce(g.fields, r.fields) AS fields,
        r.status,
        r.reason,
        r.answer,
        r.turns,
        r.calls,
        r.prompt_tokens + r.answer_tokens AS tokens,
        r.cost,
        r.wall_us,
        r.model_us,
        CAST(NULL AS VARCHAR) AS episode_id
    FROM eval_result AS r
    INNER JOIN eval_run AS e ON e.run_id = r.run_id
    LEFT JOIN graded AS g ON g.run_id = r.run_id AND g.task_id = r.task_id AND g.trial = r.trial
),

published AS (
    SELECT
        coalesce(s.label, 'published') AS origin,
        coalesce(s.label, 'published') || '/' || regexp_extract(t.path, '([^/]*?)(\.\w+)*$', 1) AS run_id,
        e.model AS agent,
        regexp_replace(t.key, '#[0-9]+$', '') AS task_id,
        coalesce(TRY_CAST(regexp_extract(t.key, '#([0-9]+)$', 1) AS BIGINT), 0) AS trial,
        t.reward,
        t.reward AS first_reward,
        e.calls,
        t.episode_id
    FROM trace AS t
    INNER JOIN episode AS e ON e.episode_id = t.episode_id
    LEFT JOIN source AS s ON s.source_id = t.source_id
    WHERE t.reward IS NOT NULL
)

SELECT * FROM own
UNION ALL BY NAME
SELECT * FROM published
