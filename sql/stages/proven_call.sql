-- grain: server × tool × arguments; arguments with which tools succeeded, those first that stood on least
SELECT c.server, c.tool, c.arguments
FROM call AS c
LEFT JOIN flow AS f ON f.episode_id = c.episode_id AND f.dst_call = c.call_index
WHERE NOT c.is_error AND c.source = 'live' AND c.repeat_of IS NULL AND len(c.arguments) < 4000
GROUP BY c.server, c.tool, c.arguments
QUALIFY row_number() OVER (PARTITION BY c.server, c.tool ORDER BY count(f.dst_call), count(DISTINCT c.episode_id) DESC, md5(c.arguments)) <= 3
ORDER BY c.server, c.tool, count(f.dst_call), count(DISTINCT c.episode_id) DESC, md5(c.arguments)
