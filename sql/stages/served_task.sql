-- grain: task; the one called `task_id`
SELECT task_id, question, answer, answer_schema, gold_calls FROM task WHERE task_id = getvariable('task_id')
