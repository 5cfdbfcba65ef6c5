-- grain: truth × src tool × dst tool × input pattern; flows that happened without the tool graph's help: what it is measured by
-- truth: `trace` (recorded agents did it), `matched` (a value that a tool took in a survey, chosen without a look at results, stands in a result of another) or `survey` (the same for values that the survey took from results because the names agreed: it favours evidence by name).
-- part: Collection of the trace; `live` for surveys.
-- src_server: Server of the tool whose result held the value.
-- src_tool: That tool.
-- dst_server: Server of the tool that took it.
-- dst_tool: That tool.
-- dst_field: Where in the arguments: a JSON pointer with `*`.
-- flows: How often, or how many values.
WITH traced AS (
    SELECT
        'trace' AS truth, d.source AS part, s.server AS src_server, s.tool AS src_tool, d.server AS dst_server, d.tool AS dst_tool,
        pointer_pattern(f.dst_pointer) AS dst_field, count(*) AS flows
    FROM flow AS f
    INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
    INNER JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
    WHERE d.source <> 'live' AND NOT d.is_error AND (s.server, s.tool) <> (d.server, d.tool)
    GROUP BY ALL
),

success AS (
    SELECT c.episode_id, c.call_index, c.server, c.tool, c.arguments, c.result
    FROM call AS c
    WHERE c.source = 'live' AND NOT c.is_error AND c.repeat_of IS NULL
),

-- Values that a survey gave to tools: by themselves, or because a field of an earlier result was called alike.
asked AS (
    SELECT DISTINCT
        CASE WHEN a.origin IN ('default', 'example', 'made', 'given', 'repaired') THEN 'matched' ELSE 'survey' END AS truth,
        c.server, c.tool, pointer_pattern(c.leaf.pointer) AS dst_field, c.leaf.value AS value
    FROM (SELECT episode_id, call_index, server, tool, unnest(json_leaves(arguments)) AS leaf FROM success) AS c
    INNER JOIN episode AS e ON e.episode_id = c.episode_id
    INNER JOIN dag AS d ON d.dag_id = e.dag_id AND d.shape IN ('survey', 'cover')
    LEFT JOIN argument AS a ON a.episode_id = c.episode_id AND a.call_index = c.call_index AND a.pointer = c.leaf.pointer
    WHERE coalesce(a.origin, 'flow') NOT IN ('const', 'enum')
        -- A text of some length, or a number with some digits: others meet by chance.
        AND CASE c.leaf.kind
            WHEN 'string' THEN len(c.leaf.value) >= 4
            WHEN 'boolean' THEN false
            ELSE len(regexp_replace(c.leaf.value, '[^1-9]', '', 'g')) >= 4
        END
),

given AS (
    SELECT DISTINCT server, tool, leaf.value AS value
    FROM (SELECT server, tool, arguments, unnest(json_leaves(result)) AS leaf FROM success)
    WHERE leaf.value IN (SELECT value FROM asked)
        AND NOT contains(arguments, leaf.value)
),

-- What many tools say is no value of any of them.
telling AS (
    SELECT value FROM given GROUP BY value HAVING count(*) <= 12
),

matched AS (
    SELECT
        a.truth, 'live' AS part, g.server AS src_server, g.tool AS src_tool, a.server AS dst_server, a.tool AS dst_tool,
        a.dst_field, count(*) AS flows
    FROM asked AS a
    INNER JOIN given AS g ON g.value = a.value AND (g.server, g.tool) <> (a.server, a.tool)
    WHERE a.value IN (SELECT value FROM telling)
    GROUP BY ALL
)

FROM traced
UNION ALL
FROM matched
