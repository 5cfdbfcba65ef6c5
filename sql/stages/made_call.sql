-- grain: server × tool × arguments; calls that have succeeded
SELECT DISTINCT server, tool, arguments
FROM call
WHERE source = 'live' AND NOT is_error AND repeat_of IS NULL
