-- grain: task; three verified tasks that show the range: by number of servers and calls
SELECT task_id, question, gold_calls, answer
FROM verified_task
QUALIFY row_number() OVER (PARTITION BY least(servers, 2), least(calls, 3) ORDER BY len(question), task_id) = 1
ORDER BY servers DESC, calls DESC
LIMIT 3
