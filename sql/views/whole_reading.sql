-- grain: episode × reading; readings of walks over a state that were seen to need all that was written before them
-- episode_id: The walk.
-- call_index: The reading.
-- writes: How many writes there were.
SELECT a.episode_id, a.call_index, count(*) AS writes
FROM ablated_call AS a
INNER JOIN episode AS e ON e.episode_id = a.episode_id
INNER JOIN dag AS d ON d.dag_id = e.dag_id AND d.shape = 'state'
GROUP BY a.episode_id, a.call_index
HAVING bool_and(a.needed)
