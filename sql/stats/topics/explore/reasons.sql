-- grain: reason; why tools have no success
SELECT reason, count(*) AS tools, count(DISTINCT server) AS servers, sum(calls)::BIGINT AS calls, any_value(tool) AS for_example
FROM uncovered_tool
GROUP BY reason
ORDER BY tools DESC, reason
