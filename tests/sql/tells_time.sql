-- grain: case; what was worked out from the time at which it was asked for is found, and what was asked about is not
CREATE TEMP TABLE said AS
SELECT *
FROM (
    VALUES
        ('/order_age_days', '76.1', 'number', '{}', true),
        ('/patient/age', '76', 'integer', '{}', false),
        ('/days', '76', 'integer', '{}', false),
        ('', 'a month ago', 'string', '{"time": "08:15"}', true),
        ('/why', 'order is 76.1 days old', 'string', '{}', true),
        ('/why', 'a man 76 years old', 'string', '{}', false),
        ('/next/0', '2026-11-30T04:30:00.000Z', 'string', '{"expression": "30 4 * * 1"}', true),
        ('/due', '2026-11-30', 'string', '{"from": "2026-10-31"}', false),
        ('/opened', '2019-11-30', 'string', '{}', false),
        ('', 'The number of days in month is 30.', 'string', '{}', true),
        ('', 'The number of days in month is 31.', 'string', '{}', false),
        ('/cohorts/*/id', '2025-12', 'string', '{}', true),
        ('/cohorts/*/label', 'Dec 2025', 'string', '{}', true),
        ('/founded', '2019-12', 'string', '{}', false),
        ('', 'Week 48', 'string', '{}', true),
        ('/weekYear', '48', 'integer', '{}', true),
        ('/week', '48', 'integer', '{"week": 48}', false),
        ('/count', '30', 'integer', '{}', false),
        ('/yearFounded', '1976', 'integer', '{}', false)
) AS v (pattern, value, kind, arguments, expected);
-- expect
SELECT
    coalesce(string_agg(pattern || '=' || value, ', ' ORDER BY pattern, value) FILTER (actual <> expected), 'all as expected') AS actual,
    'all as expected' AS expected
FROM (SELECT *, tells_time(pattern, value, kind, arguments, TIMESTAMP '2026-11-25 10:00:00') AS actual FROM said)
