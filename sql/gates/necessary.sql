-- grain: task; with any one gold call left out, the answer can't be had
WITH
-- What could be had from another call: of long results little is asked.
wanted AS (
    SELECT task_id, value ->> '$' AS value FROM answer_field WHERE expression IS NULL
    UNION
    SELECT task_id, value FROM gold_flow
),

said AS MATERIALIZED (
    SELECT DISTINCT g.task_id, g.call_index, g.leaf.value AS value
    FROM (SELECT task_id, call_index, unnest(json_leaves(result)) AS leaf FROM gold_call) AS g
    SEMI JOIN wanted AS w ON w.task_id = g.task_id AND w.value = g.leaf.value
),

failure AS (
    SELECT g.task_id, 'call ' || g.call_index || ' (' || g.tool || ') can be left out' AS reason
    FROM gold_call AS g
    WHERE NOT EXISTS (
            -- It gives an answer field that no other gold call gives …
            SELECT 1
            FROM answer_call AS a
            INNER JOIN answer_field AS f ON f.task_id = a.task_id AND f.field = a.field
            WHERE a.task_id = g.task_id AND a.call_index = g.call_index
                AND NOT EXISTS (
                    SELECT 1
                    FROM said AS o
                    WHERE o.task_id = g.task_id AND o.call_index <> g.call_index AND f.expression IS NULL
                        -- That something else is true as well says nothing of this.
                        AND NOT says_yes_or_no(f.value)
                        AND o.value = f.value ->> '$'
                )
        )
        AND NOT EXISTS (
            -- … or a value for a later call that neither the question nor another call before it gives.
            SELECT 1
            FROM gold_flow AS f
            WHERE f.task_id = g.task_id AND f.src_call = g.call_index
                AND NOT mentions(f.question, f.value)
                AND f.value IS DISTINCT FROM f.default_value
                AND NOT EXISTS (
                    SELECT 1
                    FROM said AS o
                    WHERE o.task_id = g.task_id AND o.call_index < f.dst_call AND o.call_index <> g.call_index AND o.value = f.value
                )
        )
        AND NOT EXISTS (
            -- … or it was seen that an answer field comes to something else where it is not made.
            SELECT 1
            FROM ablated_field AS f
            WHERE f.task_id = g.task_id AND f.left_out = g.call_index
                AND (f.derived IS NULL OR json_canonical(f.derived::VARCHAR) <> json_canonical(f.answer::VARCHAR))
        )
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN (SELECT task_id, string_agg(DISTINCT reason, '; ' ORDER BY reason) AS reason FROM failure GROUP BY task_id) AS f
    ON f.task_id = t.task_id
