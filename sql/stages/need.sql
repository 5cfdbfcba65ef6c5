-- grain: episode × reading × write left out; what the reading gave without the write, and whether it needs it
SELECT episode_id, call_index, left_out, result, needed
FROM ablated_call
ORDER BY episode_id, call_index, left_out
