-- grain: episode × call index × witness; calls after which another call that reads gave something else
SELECT p.episode_id, p.call_index, p.witness, c.server, c.tool
FROM probe AS p
INNER JOIN call AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
INNER JOIN call AS w ON w.episode_id = p.episode_id AND w.call_index = p.witness
INNER JOIN episode AS e ON e.episode_id = p.episode_id
WHERE p.changed
    -- What tells the time changes by itself, sooner on a busy machine.
    AND len(list_filter(json_leaves(w.result), lambda l: is_clock(l.value, l.kind, e.started_at, e.wall_us))) = 0
