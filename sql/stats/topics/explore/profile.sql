-- grain: what tools claim × what was measured; how many are like that
SELECT
    coalesce(claims, 'nothing') AS claims,
    coalesce(purity, 'not probed') AS purity,
    CASE deterministic WHEN true THEN 'yes' WHEN false THEN 'no' ELSE 'not repeated' END AS deterministic,
    count(*) AS tools,
    count(*) FILTER (refuted) AS refuted,
    round(median(median_ms), 2) AS median_ms,
    round(avg(error_rate), 3) AS error_rate
FROM tool_profile
GROUP BY ALL
ORDER BY tools DESC, claims, purity, deterministic
