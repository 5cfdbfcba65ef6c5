-- grain: server × kind of outcome
SELECT
    server,
    coalesce(error_kind, 'ok') AS outcome,
    count(*) AS calls,
    count(DISTINCT tool) AS tools,
    round(median(latency_us) / 1000.0, 1) AS median_ms
FROM call
GROUP BY ALL
ORDER BY server, outcome
