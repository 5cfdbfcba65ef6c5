-- grain: value; whether a scalar of a result was worked out from the time at which it was asked for: it will be another one some day
-- Each CASE keeps the patterns behind it from being tried on what can't match: most scalars are no words of time.
CREATE MACRO tells_time(pattern, value, kind, arguments, started_at) AS (
    coalesce(
        CASE
            -- How long ago, or how long until.
            WHEN kind = 'string' AND regexp_matches(value, '(?i)ago|left|remaining|overdue|now|old|^in |yesterday|today|tomorrow')
                THEN regexp_matches(
                    value,
                    '(?i)\b([0-9.]+|an?|a few) (second|minute|hour|day|week|month|year)s? (ago|left|remaining|overdue|from now)\b'
                    || '|\b[0-9.]+ (second|minute|hour|day|week)s? old\b'
                    || '|^in ([0-9.]+|an?|a few) (second|minute|hour|day|week|month|year)s?$|^(just now|yesterday|today|tomorrow)$'
                )
            WHEN kind IN ('integer', 'number') AND regexp_matches(pattern, '(?i)age|since|until|ago|elapsed|remaining|left|overdue')
                THEN regexp_matches(key_words(pattern), '_(age|since|until|ago|elapsed|remaining|left|overdue)_')
                    AND regexp_matches(key_words(pattern), '_(seconds?|minutes?|hours?|days?|weeks?|months?)_')
            ELSE false
        END
        -- A day to come, of which nothing was said.
        OR CASE
            WHEN kind = 'string' AND regexp_matches(value, '^20[0-9]{2}-[0-9]{2}-[0-9]{2}')
                THEN NOT regexp_matches(arguments, '(19|20)[0-9]{2}')
                    AND try_cast(left(value, 10) AS DATE) BETWEEN started_at::DATE AND started_at::DATE + 400
            ELSE false
        END
        -- A month of the year before, where none was asked about: "2025-12", "Dec 2025".
        OR CASE
            WHEN kind = 'string' AND len(value) <= 8 AND regexp_matches(value, '^(20[0-9]{2}-[0-9]{2}|[A-Z][a-z]{2} 20[0-9]{2})$')
                THEN NOT regexp_matches(arguments, '(19|20)[0-9]{2}')
                    AND coalesce(try_strptime(value, '%Y-%m'), try_strptime(value, '%b %Y')) BETWEEN started_at - INTERVAL 13 MONTH AND started_at
            ELSE false
        END
        -- What the calendar says of the day, where no other was asked about.
        OR CASE
            WHEN regexp_matches(arguments, '[0-9]') THEN false
            WHEN len(value) <= 9 AND calendar_says(regexp_extract(pattern, '[^/]*$'), value, started_at) THEN true
            -- "The number of days in the month is 30."
            WHEN kind = 'string' AND len(value) <= 120 AND regexp_matches(value, '(?i)(day|week|month|quarter|year).*[0-9]\.?$')
                THEN calendar_says(value, regexp_extract(value, '([0-9]+)\.?$', 1), started_at)
            ELSE false
        END,
        false
    )
);
