-- grain: task; weak tasks: a reference agent without understanding has solved them
SELECT t.task_id, e.agent, s.passed, s.trials, k.question, k.answer
FROM eval_score AS s
INNER JOIN eval_run AS e ON e.run_id = s.run_id AND e.agent IN ('empty', 'random', 'shortcut')
INNER JOIN (SELECT DISTINCT task_id FROM eval_result) AS t ON t.task_id = s.task_id
INNER JOIN task AS k ON k.task_id = s.task_id
WHERE s.passed > 0
ORDER BY s.pass_1 DESC, t.task_id, e.agent
