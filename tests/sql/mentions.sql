-- grain: case; what counts as standing in a question
-- expect
SELECT mentions(text, value) AS actual, expected
FROM (
    VALUES
        ('order ORD-2 please', 'ORD-2', true),
        ('order ORD-21 please', 'ORD-2', false),
        ('pay 1,200.50 now', '1200.5', true),
        ('pay 1200 now', '1200.5', false),
        ('version 2.5', '2', false),
        ('for “Ada Lovelace”', 'ada lovelace', true),
        ('the cat', 'at', false)
) AS v (text, value, expected)
