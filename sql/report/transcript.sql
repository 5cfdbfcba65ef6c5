-- grain: run × task × trial; what was said, and the verdict of each call
SELECT run_id, task_id, trial, transcript, steps FROM eval_result ORDER BY run_id, task_id, trial
