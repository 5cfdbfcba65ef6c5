-- grain: episode × call index; calls that can be replayed, first takes before repeats
SELECT
    c.episode_id,
    c.call_index,
    c.server,
    c.tool,
    c.arguments,
    c.state_key,
    c.reply,
    c.error_text
FROM call AS c
WHERE c.reply IS NOT NULL OR c.error_kind = 'protocol'
ORDER BY c.repeat_of IS NOT NULL, c.episode_id, c.call_index
