-- grain: episode × call index × witness; calls after which another call that reads gave something else, and that are to blame for it
WITH told AS (
    SELECT p.episode_id, p.call_index, p.witness, c.server, c.tool, w.server AS witness_server
    FROM probe AS p
    INNER JOIN call AS c ON c.episode_id = p.episode_id AND c.call_index = p.call_index
    INNER JOIN call AS w ON w.episode_id = p.episode_id AND w.call_index = p.witness
    INNER JOIN episode AS e ON e.episode_id = p.episode_id
    WHERE p.changed
        -- What tells the time changes by itself, sooner on a busy machine.
        AND len(list_filter(json_leaves(w.result), lambda l: is_clock(l.value, l.kind, e.started_at, e.wall_us))) = 0
),

-- A log of calls says that there was one more, whatever it did.
logged AS (
    SELECT DISTINCT t.episode_id, t.call_index, t.witness
    FROM told AS t
    INNER JOIN call AS w ON w.episode_id = t.episode_id AND w.call_index = t.witness
    -- A witness may be a repeat itself.
    INNER JOIN call AS r
        ON r.episode_id = t.episode_id AND r.repeat_of = coalesce(w.repeat_of, w.call_index) AND r.call_index > t.call_index
    WHERE contains(r.result, '"' || t.tool || '"')
),

changed AS (
    SELECT * FROM told ANTI JOIN logged USING (episode_id, call_index, witness)
),

-- When the witness had been asked last before.
asked AS (
    SELECT c.episode_id, c.call_index, c.witness, max(r.call_index) AS last
    FROM changed AS c
    INNER JOIN call AS r
        ON r.episode_id = c.episode_id AND r.call_index < c.call_index AND (r.call_index = c.witness OR r.repeat_of = c.witness)
    GROUP BY ALL
),

-- Tools of the same servers that were called since: it may have been they.
others AS (
    SELECT DISTINCT c.episode_id, c.call_index, c.witness, b.server, b.tool
    FROM changed AS c
    INNER JOIN asked AS a ON a.episode_id = c.episode_id AND a.call_index = c.call_index AND a.witness = c.witness
    INNER JOIN call AS b ON b.episode_id = c.episode_id AND b.call_index > a.last AND b.call_index < c.call_index
    WHERE NOT b.is_error AND b.server IN (c.server, c.witness_server) AND (b.server, b.tool) <> (c.server, c.tool)
),

-- Those that change things for sure: nobody else was there, or their names say so.
sure AS (
    SELECT c.server, c.tool FROM changed AS c ANTI JOIN others AS o USING (episode_id, call_index, witness)
    UNION
    SELECT server, tool FROM tool WHERE NOT starts_with(tool_purity(tool, coalesce(annotations, '{}')), 'reads')
)

SELECT c.episode_id, c.call_index, c.witness, c.server, c.tool
FROM changed AS c
WHERE (c.episode_id, c.call_index, c.witness) NOT IN (
    SELECT (o.episode_id, o.call_index, o.witness) FROM others AS o INNER JOIN sure AS s ON s.server = o.server AND s.tool = o.tool
)
