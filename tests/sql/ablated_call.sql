-- grain: case; a reading needs a write where it then gives something else, and not where only what changes by itself differs
INSERT INTO call BY NAME
SELECT
    episode_id, call_index, 's' AS server, 'read' AS tool, '{}' AS arguments, result, is_error, state_key, md5(result) AS result_hash,
    'live' AS source, 1 AS latency_us
FROM (
    VALUES
        -- Twice the same call: the seed changes by itself.
        ('e', 1, 'ab', false, '{"notes": 2, "seed": 11}'),
        ('f', 1, 'ab', false, '{"notes": 2, "seed": 12}'),
        ('e', 2, 'b', false, '{"notes": 1, "seed": 13}'),
        ('e', 3, 'a', false, '{"notes": 2, "seed": 14}'),
        ('e', 4, 'c', true, NULL)
) AS v (episode_id, call_index, state_key, is_error, result);
INSERT INTO ablation VALUES ('e', 1, 100, 2), ('e', 1, 101, 3), ('e', 1, 102, 4);
-- expect
SELECT string_agg(left_out || '=' || needed, ' ' ORDER BY left_out) AS actual, '100=true 101=false 102=true' AS expected FROM ablated_call
