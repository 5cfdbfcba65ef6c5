-- grain: src tool × dst tool × input pattern; how often values were seen to flow there, into calls that succeeded
SELECT
    s.server AS src_server,
    s.tool AS src_tool,
    mode(pointer_pattern(f.src_pointer)) AS src_field,
    d.server AS dst_server,
    d.tool AS dst_tool,
    pointer_pattern(f.dst_pointer) AS dst_field,
    count(*) AS flows
FROM flow AS f
INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
INNER JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
WHERE NOT d.is_error AND (s.server, s.tool) <> (d.server, d.tool)
GROUP BY ALL
ORDER BY ALL
