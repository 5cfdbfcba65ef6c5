-- grain: server × tool; tools of running servers that are not as the lake last saw them; reads new_tool and new_server
WITH before AS (
    SELECT t.*
    FROM tool AS t
    INNER JOIN server AS s ON s.server = t.server AND s.status IN ('ok', 'failed') AND s.transport <> 'none'
),

now AS (
    SELECT t.*
    FROM new_tool AS t
    INNER JOIN new_server AS s ON s.server = t.server AND s.status = 'ok'
)

SELECT
    coalesce(n.server, b.server) AS server,
    coalesce(n.tool, b.tool) AS tool,
    CASE
        WHEN b.tool IS NULL THEN 'added'
        WHEN n.tool IS NULL THEN 'gone'
        WHEN json_canonical(n.input_schema) <> json_canonical(b.input_schema) THEN 'input schema'
        WHEN json_canonical(n.output_schema) IS DISTINCT FROM json_canonical(b.output_schema) THEN 'output schema'
        ELSE 'description'
    END AS change
FROM now AS n
FULL JOIN before AS b ON b.server = n.server AND b.tool = n.tool
WHERE n.tool_hash IS DISTINCT FROM b.tool_hash
    -- Only a server that answered now can be said to have lost a tool.
    AND coalesce(n.server, b.server) IN (SELECT server FROM new_server WHERE status = 'ok')
    -- Of a server that is new, everything is.
    AND coalesce(n.server, b.server) IN (SELECT server FROM server WHERE status IN ('ok', 'failed'))
ORDER BY ALL
