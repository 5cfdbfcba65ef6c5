-- grain: server × tool; tools of which it was looked at twice whether they change anything
SELECT c.server, c.tool
FROM probe AS p
INNER JOIN call AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
GROUP BY ALL
HAVING count(*) >= 2
ORDER BY c.server, c.tool
