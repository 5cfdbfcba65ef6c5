-- grain: episode × call index; the calls of all explorations in order
SELECT
    c.episode_id,
    c.call_index,
    c.server,
    c.tool,
    c.arguments,
    c.is_error,
    c.result_hash,
    -- The results themselves are in `usable_result`.
    CASE WHEN NOT c.is_error AND c.result_hash IS NULL THEN c.result END AS result,
    c.state_key,
    d.shape IN ('survey', 'cover', 'mixed', 'miss', 'option', 'state') AS survey
FROM call AS c
INNER JOIN episode AS e ON e.episode_id = c.episode_id
LEFT JOIN dag AS d ON d.dag_id = e.dag_id
WHERE c.repeat_of IS NULL AND c.source = 'live'
    -- Nobody is to learn calls that break a tool's schema, even where the tool takes them.
    AND (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
    -- What fails at other times is no answer, whatever it gave once.
    AND (
        c.is_error
        OR (c.server, c.tool, c.arguments, c.state_key) NOT IN (
            SELECT (server, tool, arguments, state_key)
            FROM call
            WHERE is_error AND error_kind IN ('tool', 'soft', 'protocol') AND source = 'live'
                AND NOT coalesce(regexp_matches(error_text, '(?i)rate limit|too many requests'), false)
        )
    )
ORDER BY coalesce(d.draw, 0), c.episode_id, c.call_index
