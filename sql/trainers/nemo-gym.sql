-- grain: task of the split that the variable `split` names ('all': every verified task); rows for NeMo-Gym's rollouts against `firefly serve`
SELECT
    t.task_id,
    coalesce(t.split, 'train') AS split,
    {
        input: [{
            role: 'user',
            content: t.question || chr(10) || chr(10)
                || 'Hand in the answer with the tool `submit_answer`, as a JSON object of this schema: ' || t.answer_schema::VARCHAR
        }]
    } AS responses_create_params,
    {task_id: t.task_id} AS verifier_metadata
FROM verified_task AS t
WHERE getvariable('split') = 'all' OR t.split = getvariable('split')
ORDER BY t.task_id
