-- grain: reason; why tools of running servers are in no verified task: `untasked_tool` has them one by one
SELECT reason, count(*) AS tools, count(DISTINCT server) AS servers, any_value(server || '.' || tool ORDER BY server, tool) AS one_of_them
FROM untasked_tool
GROUP BY reason
ORDER BY tools DESC, reason
