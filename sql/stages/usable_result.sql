-- grain: result; what explored calls gave, each once: most calls of a lake give what others gave
SELECT result_hash, min(result) AS result
FROM call
WHERE NOT is_error AND source = 'live' AND repeat_of IS NULL AND result_hash IS NOT NULL
GROUP BY result_hash
