-- grain: server × tool; the tools without a success that may still get one, and those that prepare for them, in the order of calling
WITH wanted AS (
    SELECT server, tool FROM uncovered_tool WHERE open
),

timed AS (
    SELECT server, tool, count(*) FILTER (error_kind IN ('timeout', 'exit')) > 0 AS slow
    FROM call
    WHERE source = 'live'
    GROUP BY ALL
),

candidate AS (
    SELECT
        t.server,
        t.tool,
        t.position,
        p.reads,
        w.tool IS NULL AS prepares,
        coalesce(d.slow, false) AS slow,
        len(list_filter(schema_params(t.input_schema), lambda p: p.required)) AS required,
        regexp_matches(
            lower(t.tool), '(^|[_.-])(create|load|open|add|init|import|start|new|build|insert|write|register|upload|place|make|set)'
        ) AS makes,
        regexp_matches(
            lower(t.tool), '(^|[_.-])(delete|remove|drop|clear|destroy|close|reset|revert|cancel|end|finish|stop|merge|move|rename)'
        ) AS ends
    FROM tool AS t
    INNER JOIN tool_state AS p USING (server, tool)
    LEFT JOIN wanted AS w USING (server, tool)
    LEFT JOIN timed AS d USING (server, tool)
    WHERE t.server IN (SELECT server FROM wanted)
),

chosen AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY server, prepares, makes, reads ORDER BY required, position) AS place
    FROM candidate
    WHERE NOT prepares OR (NOT slow AND NOT ends AND (makes OR reads))
)

SELECT server, tool, prepares
FROM chosen
-- What makes things and what lists them; the rest has been seen.
WHERE NOT prepares OR (makes AND NOT reads AND place <= 10) OR (reads AND place <= 10)
ORDER BY server, prepares DESC, slow, ends, makes DESC, reads DESC, required, position
