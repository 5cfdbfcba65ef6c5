-- grain: episode × call index; calls that can be replayed, in no order
SELECT
    c.episode_id,
    c.call_index,
    c.server,
    c.tool,
    c.arguments::VARCHAR AS arguments,
    c.state_key,
    -- What has no reply of its own was a text, and the result is that text.
    coalesce(
        c.reply,
        CASE
            WHEN c.result IS NOT NULL
                THEN json_object('content', json_array(json_object('type', 'text', 'text', c.result ->> '$')), 'isError', coalesce(c.error_kind = 'tool', false))
        END
    )::VARCHAR AS reply,
    c.error_text,
    c.is_error,
    c.repeat_of IS NOT NULL AS repeat
FROM call AS c
WHERE (c.reply IS NOT NULL OR c.result IS NOT NULL OR c.error_kind = 'protocol')
    -- A call that came too soon after others was not answered at all: the same call is, a minute later.
    AND NOT coalesce(c.is_error AND regexp_matches(c.error_text, '(?i)rate limit|too many requests'), false)
