-- grain: task × answer field; the label and what the recorded calls say it is, by its provenance alone
SELECT
    task_id,
    field,
    call_index,
    expression,
    value AS answer,
    derived_value(expression, recorded, other, key, label, wanted) AS derived
FROM answer_field
