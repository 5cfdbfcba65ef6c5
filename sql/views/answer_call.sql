-- grain: task × answer field × call it is read from; one row a field, two where it is derived from two results
SELECT task_id, field, call_index, pointer, expression FROM provenance
UNION ALL
SELECT task_id, field, other_call AS call_index, other_pointer AS pointer, expression FROM provenance WHERE other_call IS NOT NULL
