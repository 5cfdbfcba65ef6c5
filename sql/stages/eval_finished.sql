-- grain: task × trial; those of the run `run_id` that are finished
SELECT task_id, trial FROM eval_result WHERE run_id = getvariable('run_id') ORDER BY task_id, trial
