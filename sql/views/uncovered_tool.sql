-- grain: server × tool; tools of running servers that have not succeeded yet, with the reason
-- server: Server of the tool.
-- tool: The tool.
-- calls: Calls made to it.
-- reason: Why it has no success, as far as its errors tell.
-- open: Whether other arguments may still help.
-- detail: The error said most often.
WITH live AS (
    SELECT server, tool, is_error, error_kind, coalesce(error_text, '') AS error_text
    FROM call
    WHERE source = 'live' AND repeat_of IS NULL
),

told AS (
    SELECT
        server,
        tool,
        count(*) AS calls,
        count(*) FILTER (error_kind IN ('timeout', 'exit')) AS lost,
        mode(left(error_text, 300)) AS detail,
        bool_or(regexp_matches(error_text, '(?i)name resolution|getaddrinfo|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|fetch failed|network[ _](error|failure|is unreachable)|urlopen error|ConnectError|connection (refused|error)|could not (reach|fetch)')) AS network,
        bool_or(regexp_matches(error_text, '(?i)api[ _-]?key|credential|unauthorized|\b401\b|must be set|not configured|disabled\. set|is not enabled')) AS settings,
        bool_or(regexp_matches(error_text, '(?i)not installed|no module named|executable|command not found|requires additional dependenc|\b(chrome|chromium|ffmpeg|libreoffice|graphviz)\b')) AS program,
        bool_or(regexp_matches(error_text, '(?i)requires task augmentation|not implemented|does not support|shows the environment|Dict key must be str|is not callable')) AS never,
        bool_or(regexp_matches(error_text, '(?i)not[ _]found|no such|does ?n.t exist|unknown|no .{1,30} (with|has|named)')) AS absent
    FROM live
    GROUP BY ALL
    HAVING bool_and(is_error)
),

judged AS (
    SELECT
        t.server,
        t.tool,
        coalesce(c.calls, 0) AS calls,
        CASE
            WHEN c.calls IS NULL THEN 'never called'
            WHEN c.network THEN 'needs the network'
            WHEN c.settings THEN 'needs credentials or settings'
            WHEN c.program THEN 'needs a program that is not there'
            WHEN c.never THEN 'can not be called this way'
            WHEN c.lost >= 2 THEN 'no reply in time'
            WHEN c.absent THEN 'needs something that nothing gave'
            ELSE 'arguments refused'
        END AS reason,
        c.detail
    FROM tool AS t
    INNER JOIN server AS s USING (server)
    LEFT JOIN told AS c USING (server, tool)
    WHERE s.status = 'ok'
        AND (t.server, t.tool) NOT IN (SELECT (server, tool) FROM live WHERE NOT is_error)
)

SELECT
    server,
    tool,
    calls,
    reason,
    reason IN ('never called', 'needs something that nothing gave', 'arguments refused') OR calls < 6 AS open,
    detail
FROM judged
ORDER BY server, tool
