-- grain: src tool × dst tool; pairs of which one was called after the other in a recorded episode, both with success: a value could have flowed
SELECT DISTINCT s.server AS src_server, s.tool AS src_tool, d.server AS dst_server, d.tool AS dst_tool
FROM call AS s
INNER JOIN call AS d ON d.episode_id = s.episode_id AND d.call_index > s.call_index
WHERE s.source <> 'live' AND NOT s.is_error AND NOT d.is_error AND (s.server, s.tool) <> (d.server, d.tool)
ORDER BY ALL
