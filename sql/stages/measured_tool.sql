-- grain: server × tool; tools of which enough calls were repeated to know what of their results repeats
SELECT server, tool
FROM (
    SELECT r.server, r.tool, count(*) AS repeats, count(DISTINCT f.arguments) AS arguments
    FROM call AS r
    INNER JOIN call AS f ON f.episode_id = r.episode_id AND f.call_index = r.repeat_of AND f.state_key = r.state_key
    WHERE r.source = 'live' AND NOT r.is_error AND NOT f.is_error
    GROUP BY ALL
)
WHERE repeats >= 3 OR arguments >= 2
ORDER BY server, tool
