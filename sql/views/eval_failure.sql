-- grain: run × task × trial; each failed trial of firefly's own in the one class that says best why, the first that holds
-- run_id: The run.
-- task_id: The task.
-- trial: The trial.
-- class: `limit hit`, `loop`, `no answer`; where a gold call is missing, `tool not found` (a name that was not offered was called), `invalid arguments` or `simulator miss` (what became of a try at a missing gold tool), else `missing call`; where none is, `wrong field` (each wrong value stands elsewhere in the results) or `wrong reading`.
-- gold_calls: Number of gold calls.
-- gold_made: Of them, those that were made.
-- wrong: Fields that are wrong.
-- detail: Which limit, which gold tools are missing, or what is wrong with a field.
WITH failed AS (
    SELECT * FROM eval_trial WHERE origin = 'firefly' AND reward < 1.0 - 1e-9
),

step AS (
    SELECT s.* FROM eval_step AS s SEMI JOIN failed AS f ON f.run_id = s.run_id AND f.task_id = s.task_id AND f.trial = s.trial
),

gold AS (
    SELECT f.run_id, f.task_id, f.trial, g.call_index, g.server, g.tool, json_canonical(g.arguments) AS arguments
    FROM failed AS f
    INNER JOIN gold_call AS g ON g.task_id = f.task_id
),

-- A gold call is made where the simulator answered it, whatever form its arguments had.
judged AS (
    SELECT
        g.run_id,
        g.task_id,
        g.trial,
        g.call_index,
        g.server,
        g.tool,
        coalesce(bool_or(s.verdict IN ('exact', 'canonical', 'live') AND json_canonical(s.recorded) = g.arguments), false) AS made,
        coalesce(bool_or(s.verdict = 'invalid'), false) AS tried_invalid,
        coalesce(bool_or(s.verdict NOT IN ('exact', 'canonical', 'live', 'invalid', 'unreadable')), false) AS tried_missing
    FROM gold AS g
    LEFT JOIN step AS s
        ON s.run_id = g.run_id AND s.task_id = g.task_id AND s.trial = g.trial AND s.server = g.server AND s.tool = g.tool
    GROUP BY ALL
),

path AS (
    SELECT
        run_id,
        task_id,
        trial,
        count(*) AS gold_calls,
        count(*) FILTER (made) AS gold_made,
        coalesce(bool_or(tried_invalid) FILTER (NOT made), false) AS invalid,
        coalesce(bool_or(tried_missing) FILTER (NOT made), false) AS missed,
        string_agg(server || '/' || tool, ', ' ORDER BY call_index) FILTER (NOT made) AS missing
    FROM judged
    GROUP BY run_id, task_id, trial
),

odd AS (
    SELECT
        run_id,
        task_id,
        trial,
        bool_or(coalesce(server, 'x') = '') AS unknown,
        bool_or(verdict = 'unreadable') AS unreadable,
        count(*) AS calls,
        count(DISTINCT (server, tool, arguments)) AS different_calls
    FROM step
    GROUP BY run_id, task_id, trial
),

seen AS (
    SELECT DISTINCT task_id, lower(trim(leaf.value)) AS value
    FROM (
        SELECT g.task_id, unnest(json_leaves(g.result)) AS leaf
        FROM gold_call AS g
        SEMI JOIN failed AS f ON f.task_id = g.task_id
        WHERE g.result IS NOT NULL
    )
),

wrong AS (
    SELECT
        w.run_id,
        w.task_id,
        w.trial,
        count(*) AS fields,
        count(*) FILTER (w.given IS NOT NULL) AS given,
        bool_and(s.value IS NOT NULL) AS elsewhere,
        string_agg(w.field || ' ' || w.why, '; ' ORDER BY w.field) AS why
    FROM eval_field AS w
    SEMI JOIN failed AS f ON f.run_id = w.run_id AND f.task_id = w.task_id AND f.trial = w.trial
    LEFT JOIN seen AS s ON s.task_id = w.task_id AND s.value = lower(trim(w.given ->> '$'))
    WHERE NOT w.is_right
    GROUP BY w.run_id, w.task_id, w.trial
),

told AS (
    SELECT
        f.run_id,
        f.task_id,
        f.trial,
        f.status,
        f.reason,
        coalesce(p.gold_calls, 0) AS gold_calls,
        coalesce(p.gold_made, 0) AS gold_made,
        coalesce(w.fields, 0) AS wrong,
        p.missing,
        w.why,
        o.calls,
        o.different_calls,
        CASE
            -- Who goes round in circles meets a limit in the end.
            WHEN f.status = 'loop' OR (f.status = 'limit' AND o.calls >= 4 AND 2 * o.different_calls <= o.calls) THEN 'loop'
            WHEN f.status IN ('limit', 'refused') THEN 'limit hit'
            WHEN f.answer IS NULL OR NOT json_valid(f.answer) OR json_type(f.answer) <> 'OBJECT' OR f.answer = '{}' THEN 'no answer'
            WHEN coalesce(p.gold_made, 0) < coalesce(p.gold_calls, 0) THEN CASE
                WHEN o.unknown THEN 'tool not found'
                WHEN p.invalid OR o.unreadable THEN 'invalid arguments'
                WHEN p.missed THEN 'simulator miss'
                ELSE 'missing call'
            END
            WHEN w.elsewhere AND w.given = w.fields THEN 'wrong field'
            ELSE 'wrong reading'
        END AS class
    FROM failed AS f
    LEFT JOIN path AS p ON p.run_id = f.run_id AND p.task_id = f.task_id AND p.trial = f.trial
    LEFT JOIN odd AS o ON o.run_id = f.run_id AND o.task_id = f.task_id AND o.trial = f.trial
    LEFT JOIN wrong AS w ON w.run_id = f.run_id AND w.task_id = f.task_id AND w.trial = f.trial
)

SELECT
    run_id,
    task_id,
    trial,
    class,
    gold_calls,
    gold_made,
    wrong,
    CASE class
        WHEN 'limit hit' THEN reason
        WHEN 'loop' THEN different_calls || ' different calls of ' || calls || coalesce('; missing: ' || missing, '')
        WHEN 'no answer' THEN status
        WHEN 'wrong field' THEN why
        WHEN 'wrong reading' THEN why
        ELSE missing
    END AS detail
FROM told
