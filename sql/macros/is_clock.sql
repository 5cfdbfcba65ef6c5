-- grain: value; whether a scalar of a result is the time at which its episode ran
CREATE MACRO is_clock(value, kind, started_at, wall_us) AS (
    coalesce(
        CASE
            WHEN kind IN ('integer', 'number')
                THEN abs(try_cast(value AS DOUBLE) - epoch(started_at)) < 129600
                    OR abs(try_cast(value AS DOUBLE) / 1000 - epoch(started_at)) < 129600
            WHEN kind <> 'string' THEN false
            WHEN regexp_matches(value, '^[0-9]{4}-[0-9]{2}-[0-9]{2}')
                THEN abs(epoch(try_cast(left(replace(value, 'T', ' '), 19) AS TIMESTAMP)) - epoch(started_at)) < 129600
            WHEN regexp_matches(value, '^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日')
                THEN abs(epoch(try_strptime(regexp_extract(value, '^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日'), '%Y年%m月%d日')) - epoch(started_at))
                    < 129600
            -- A time of day in a text, on a clock of twelve or of 24 hours, while the episode ran (servers live in UTC). Anything
            -- wider would take a shop's opening hours for the clock whenever the run is near them.
            WHEN regexp_matches(value, '[0-9]{1,2}:[0-9]{2}:[0-9]{2}')
                THEN NOT regexp_matches(value, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
                    AND (
                        3600 * try_cast(regexp_extract(value, '([0-9]{1,2}):[0-9]{2}:[0-9]{2}', 1) AS INT)
                        + 60 * try_cast(regexp_extract(value, '[0-9]{1,2}:([0-9]{2}):[0-9]{2}', 1) AS INT)
                        + try_cast(regexp_extract(value, '[0-9]{1,2}:[0-9]{2}:([0-9]{2})', 1) AS INT)
                        - epoch(started_at)::BIGINT % 43200 + 43202
                    ) % 43200 <= wall_us / 1000000 + 4
            ELSE false
        END,
        false
    )
);
