-- grain: task × gate; rows that verification does not make anew: what sampling rejected, and what servers said of tasks that are still there
SELECT task_id, gate, passed, reason
FROM gate
WHERE gate = 'sample' OR (gate = 'live' AND task_id IN (SELECT task_id FROM task))
