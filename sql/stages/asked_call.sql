-- grain: session × call; what sessions asked for that did not get it exactly from each tool that still is, in order
SELECT c.session_id, c.server, c.tool, c.arguments, c.verdict
FROM sim_call AS c
INNER JOIN tool AS t ON t.server = c.server AND t.tool = c.tool
WHERE c.session_id IN (SELECT session_id FROM sim_call WHERE verdict IN ('nearest', 'miss'))
ORDER BY c.session_id, c.call_index
