-- grain: server × tool; tools of running servers that no verified task calls, with the reason
-- server: Server of the tool.
-- tool: The tool.
-- successes: Different arguments to which it gave a result.
-- reason: What stands in the way, as far as its results tell.
WITH success AS (
    SELECT server, tool, arguments, arg_min(result, (episode_id, call_index)) AS result
    FROM call
    WHERE NOT is_error AND source = 'live' AND repeat_of IS NULL
        -- Nobody is to learn calls that break a tool's schema.
        AND (episode_id, call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
    GROUP BY server, tool, arguments
),

reached AS (
    SELECT server, tool, count(*) AS successes FROM success GROUP BY server, tool
),

open AS (
    SELECT t.server, t.tool, coalesce(r.successes, 0) AS successes, s.reads
    FROM tool AS t
    INNER JOIN server AS a ON a.server = t.server AND a.status = 'ok'
    INNER JOIN tool_state AS s ON s.server = t.server AND s.tool = t.tool
    LEFT JOIN reached AS r ON r.server = t.server AND r.tool = t.tool
    WHERE (t.server, t.tool) NOT IN (
        SELECT (server, tool) FROM gold_call WHERE task_id IN (SELECT task_id FROM verified_task)
    )
),

written AS (
    SELECT DISTINCT server, tool FROM gold_call
),

leaf AS (
    SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf
    FROM success
    WHERE (server, tool) IN (SELECT (server, tool) FROM open)
),

-- What each scalar of its results is like.
judged AS (
    SELECT
        l.server,
        l.tool,
        CASE
            WHEN w.reason IS NOT NULL THEN w.reason
            WHEN l.leaf.kind = 'boolean' OR lower(l.leaf.value) IN ('true', 'false', 'yes', 'no') THEN 'it says no more than yes or no'
            WHEN len(l.leaf.value) < 2 THEN 'its results say next to nothing'
            WHEN contains(lower(l.arguments), lower(l.leaf.value)) THEN 'it repeats what it was given'
            WHEN len(l.leaf.value) > 80 OR contains(l.leaf.value, chr(10)) OR regexp_matches(l.leaf.value, '(\S+\s+){4}') THEN 'it reports in sentences'
            ELSE 'no question was found'
        END AS reason
    FROM leaf AS l
    LEFT JOIN worthless_field AS w
        ON w.server = l.server AND w.tool = l.tool AND (w.pattern = l.leaf.pattern OR w.pattern = l.leaf.pointer)
),

mostly AS (
    SELECT server, tool, mode(reason) AS reason FROM judged GROUP BY server, tool
)

SELECT
    o.server,
    o.tool,
    o.successes,
    CASE
        WHEN w.tool IS NOT NULL THEN 'its tasks fail a gate'
        WHEN u.reason IS NOT NULL THEN 'no success: ' || u.reason
        WHEN o.successes = 0 THEN 'it takes only what its schema forbids'
        WHEN NOT o.reads THEN 'it writes, and no reading asks for what'
        ELSE coalesce(m.reason, 'its results are empty')
    END AS reason
FROM open AS o
LEFT JOIN written AS w ON w.server = o.server AND w.tool = o.tool
LEFT JOIN uncovered_tool AS u ON u.server = o.server AND u.tool = o.tool
LEFT JOIN mostly AS m ON m.server = o.server AND m.tool = o.tool
ORDER BY o.server, o.tool
