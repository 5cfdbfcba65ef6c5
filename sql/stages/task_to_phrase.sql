-- grain: task; with what a new wording has to keep and must not say, and the tools a reader may pick from: those of its servers, its own among them
WITH gold AS (
    SELECT task_id, list(tool ORDER BY call_index) AS gold
    FROM gold_call
    GROUP BY task_id
),

given AS (
    SELECT g.task_id, list(DISTINCT g.leaf.value ORDER BY g.leaf.value) AS given
    FROM (SELECT task_id, call_index, unnest(json_leaves(arguments)) AS leaf FROM gold_call) AS g
    WHERE g.leaf.kind <> 'boolean' AND g.leaf.value <> ''
        AND (g.task_id, g.call_index, g.leaf.pointer) NOT IN (SELECT (task_id, dst_call, dst_pointer) FROM gold_flow)
    GROUP BY g.task_id
),

answer AS (
    SELECT task_id, list(DISTINCT value ->> '$') AS answers
    FROM answer_field
    WHERE json_type(value) <> 'BOOLEAN'
    GROUP BY task_id
),

offered AS (
    SELECT task_id, list({tool: tool, about: description} ORDER BY md5(task_id || tool)) AS offered
    FROM (
        SELECT s.task_id, t.tool, t.description
        FROM (SELECT DISTINCT task_id, server FROM gold_call) AS s
        INNER JOIN tool AS t ON t.server = s.server
        LEFT JOIN (SELECT DISTINCT task_id, server, tool FROM gold_call) AS g
            ON g.task_id = s.task_id AND g.server = t.server AND g.tool = t.tool
        QUALIFY row_number() OVER (PARTITION BY s.task_id ORDER BY g.tool IS NULL, md5(s.task_id || t.tool)) <= 12
    )
    GROUP BY task_id
)

SELECT
    t.task_id,
    t.question,
    coalesce(v.given, []) AS given,
    coalesce(a.answers, []) AS answers,
    g.gold,
    o.offered
FROM task AS t
INNER JOIN gold AS g ON g.task_id = t.task_id
INNER JOIN offered AS o ON o.task_id = t.task_id
LEFT JOIN given AS v ON v.task_id = t.task_id
LEFT JOIN answer AS a ON a.task_id = t.task_id
ORDER BY t.task_id
