-- grain: server; how many of its tools have succeeded, `all` for the whole
WITH reached AS (
    SELECT
        t.server,
        t.tool,
        coalesce(bool_or(NOT c.is_error), false) AS ok,
        count(c.tool) AS calls,
        count(*) FILTER (NOT c.is_error) AS succeeded
    FROM tool AS t
    INNER JOIN server AS s ON s.server = t.server AND s.status = 'ok'
    LEFT JOIN call AS c ON c.server = t.server AND c.tool = t.tool AND c.source = 'live'
    GROUP BY ALL
)

SELECT
    CASE WHEN grouping(server) = 1 THEN 'all' ELSE server END AS server,
    count(*) AS tools,
    count(*) FILTER (ok) AS reached,
    round(100 * avg(ok::INT), 1) AS percent,
    sum(calls)::BIGINT AS calls,
    sum(succeeded)::BIGINT AS ok_calls
FROM reached
GROUP BY ROLLUP (server)
ORDER BY grouping(server) DESC, percent, server
