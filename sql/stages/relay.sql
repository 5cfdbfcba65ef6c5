-- grain: relay × place; chains of calls that are known to work, each of which takes a value from the result of the one before, in the order of the chains
-- relay: The chain.
-- place: Place of the call in it, from 0.
-- server: Server called.
-- tool: Tool called.
-- arguments: Arguments with which the tool has succeeded.
-- src_pointer: Where in the result of the call before the value stands; null for the first call.
-- dst_pointer: Where in the arguments it goes.
WITH usable AS (
    SELECT c.episode_id, c.call_index, c.server, c.tool, c.arguments, c.result
    FROM call AS c
    INNER JOIN tool_state AS s ON s.server = c.server AND s.tool = c.tool AND s.reads
    WHERE c.source = 'live' AND NOT c.is_error AND c.repeat_of IS NULL AND c.latency_us < 4e6 AND len(c.arguments) <= 600
        AND (c.episode_id, c.call_index) NOT IN (SELECT (episode_id, call_index) FROM argument WHERE origin = 'beyond')
        AND len(c.result) < 60000
),

-- Some calls of each tool, by chance.
drawn AS (
    SELECT *
    FROM usable
    QUALIFY row_number() OVER (
        PARTITION BY server, tool ORDER BY md5(getvariable('seed') || arguments || episode_id)
    ) <= 24
),

-- What they gave that was not given to them, at the beginning of lists.
said AS (
    SELECT DISTINCT server, tool, arguments, leaf.pattern AS pattern, leaf.pointer AS pointer, leaf.value AS value, leaf.kind AS kind, leaves
    FROM (
        SELECT server, tool, arguments, unnest(scalars) AS leaf, len(scalars) AS leaves
        FROM (SELECT server, tool, arguments, json_leaves(result) AS scalars FROM drawn)
    )
    WHERE leaf.kind IN ('string', 'number', 'integer')
        AND len(leaf.value) BETWEEN 1 AND 60
        AND NOT contains(lower(arguments), lower(leaf.value))
        AND NOT regexp_matches(leaf.pointer, '/([1-9][0-9]+|[3-9])(/|$)')
        AND (server, tool, leaf.pattern) NOT IN (SELECT (server, tool, pattern) FROM worthless_field)
),

-- What tools took, by parameter.
taken AS (
    SELECT server, tool, leaf.pointer AS pointer, leaf.kind AS kind, leaf.value AS value
    FROM (SELECT server, tool, unnest(json_leaves(arguments)) AS leaf FROM usable)
    WHERE leaf.pointer NOT LIKE '/%/%'
),

range AS (
    SELECT
        server,
        tool,
        pointer,
        min(try_cast(value AS DOUBLE)) AS low,
        max(try_cast(value AS DOUBLE)) AS high,
        bool_and(try_cast(value AS DOUBLE) = round(try_cast(value AS DOUBLE))) AS whole
    FROM taken
    WHERE try_cast(value AS DOUBLE) IS NOT NULL
    GROUP BY ALL
    HAVING count(*) >= 3
),

-- Flows that worked: the same field into the same parameter.
observed AS (
    SELECT DISTINCT
        s.server AS src_server, s.tool AS src_tool, pointer_pattern(f.src_pointer) AS src_pattern,
        d.server AS dst_server, d.tool AS dst_tool, f.dst_pointer
    FROM flow AS f
    INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
    INNER JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
    INNER JOIN tool_state AS t ON t.server = s.server AND t.tool = s.tool AND t.reads
    INNER JOIN tool_state AS u ON u.server = d.server AND u.tool = d.tool AND u.reads
    WHERE d.source = 'live' AND NOT d.is_error AND (s.server, s.tool) <> (d.server, d.tool) AND f.dst_pointer NOT LIKE '/%/%'
),

-- Numbers that a tool comes to are numbers for another.
number AS (
    SELECT s.server, s.tool, s.arguments, s.pattern, s.pointer, try_cast(s.value AS DOUBLE) AS number
    FROM said AS s
    WHERE s.kind <> 'string' AND s.leaves <= 8 AND (s.pattern = '' OR regexp_matches(s.pattern, '(^|/)(result|value|answer|total)$'))
),

-- Servers that work with plain numbers.
reckoning AS (
    SELECT server FROM number GROUP BY server HAVING count(DISTINCT tool) >= 8
),

required AS (
    SELECT server, tool, '/' || param.name AS pointer
    FROM (SELECT server, tool, unnest(schema_params(input_schema)) AS param FROM tool)
    WHERE param.required
),

link AS (
    SELECT DISTINCT
        true AS seen, s.server AS src_server, s.tool AS src_tool, s.arguments AS src_arguments, s.pointer AS src_pointer,
        o.dst_server, o.dst_tool, o.dst_pointer
    FROM observed AS o
    INNER JOIN said AS s ON s.server = o.src_server AND s.tool = o.src_tool AND s.pattern = o.src_pattern
    UNION ALL
    SELECT false, n.server, n.tool, n.arguments, n.pointer, r.server, r.tool, r.pointer
    FROM number AS n
    INNER JOIN range AS r
        ON (r.server, r.tool) <> (n.server, n.tool)
        AND n.number BETWEEN r.low AND 3 * r.high
        AND (NOT r.whole OR n.number = round(n.number))
        AND abs(n.number) >= 2
    SEMI JOIN reckoning AS c ON c.server = r.server
    SEMI JOIN required AS q ON q.server = r.server AND q.tool = r.tool AND q.pointer = r.pointer
    -- What may be any number: a sum is no speed.
    WHERE regexp_matches(r.pointer, '^/(n|x|a|b|m|k|num|number|value|val|integer|base|limit)$')
),

-- The call that takes the value: one that asks for little beside it.
taker AS (
    SELECT d.server, d.tool, p.pointer, arg_min(d.arguments, (len(json_keys(d.arguments)), md5(getvariable('seed') || d.arguments))) AS arguments
    FROM drawn AS d
    INNER JOIN (SELECT DISTINCT server, tool, pointer FROM taken) AS p ON p.server = d.server AND p.tool = d.tool
    WHERE json_extract(d.arguments, p.pointer) IS NOT NULL
    GROUP BY ALL
),

ranked AS (
    SELECT
        l.*,
        t.arguments AS dst_arguments,
        md5(getvariable('seed') || l.src_server || l.src_tool || l.src_arguments || l.src_pointer || l.dst_server || l.dst_tool || l.dst_pointer) AS draw
    FROM link AS l
    INNER JOIN taker AS t ON t.server = l.dst_server AND t.tool = l.dst_tool AND t.pointer = l.dst_pointer
    QUALIFY row_number() OVER (PARTITION BY l.src_server, l.src_tool, l.dst_server, l.dst_tool, l.dst_pointer ORDER BY draw)
        <= CASE WHEN l.seen THEN 6 ELSE 2 END
),

-- Each tool takes values from several, and each gives some to several.
chosen AS (
    SELECT *
    FROM (
        SELECT
            *,
            row_number() OVER (PARTITION BY dst_server, dst_tool ORDER BY seen DESC, draw) AS taken,
            row_number() OVER (PARTITION BY src_server, src_tool ORDER BY seen DESC, draw) AS given
        FROM ranked
    )
    WHERE taken <= 14 AND given <= 40
    -- No server is in most of them.
    QUALIFY row_number() OVER (PARTITION BY dst_server, src_server = dst_server ORDER BY taken, draw) <= 320
),

-- Every other chain goes on.
longer AS (
    SELECT
        c.draw,
        n.src_pointer,
        n.dst_server,
        n.dst_tool,
        n.dst_pointer,
        n.dst_arguments
    FROM chosen AS c
    INNER JOIN chosen AS n
        ON n.src_server = c.dst_server AND n.src_tool = c.dst_tool AND (n.dst_server, n.dst_tool) <> (c.src_server, c.src_tool)
    WHERE c.draw < '8'
    QUALIFY row_number() OVER (PARTITION BY c.draw ORDER BY md5(c.draw || n.draw)) = 1
)

SELECT draw AS relay, 0 AS place, src_server AS server, src_tool AS tool, src_arguments AS arguments, NULL AS src_pointer, NULL AS dst_pointer
FROM chosen
UNION ALL
SELECT draw, 1, dst_server, dst_tool, dst_arguments, src_pointer, dst_pointer FROM chosen
UNION ALL
SELECT draw, 2, dst_server, dst_tool, dst_arguments, src_pointer, dst_pointer FROM longer
ORDER BY relay, place
