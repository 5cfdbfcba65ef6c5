-- grain: src tool × dst tool × dst parameter; reads the stages field and param
WITH field_word AS (
    SELECT server, tool, pattern, unnest(string_split(words, ' ')) AS word FROM new_field
),

param_word AS (
    SELECT server, tool, param, unnest(string_split(words, ' ')) AS word FROM new_param
),

-- Pairs that share a word can be named alike.
named AS (
    SELECT DISTINCT
        f.server AS src_server, f.tool AS src_tool, f.pattern AS src_field,
        p.server AS dst_server, p.tool AS dst_tool, p.param AS dst_param
    FROM field_word AS f
    INNER JOIN param_word AS p ON f.word = p.word AND len(f.word) > 1
    WHERE (f.server, f.tool) <> (p.server, p.tool)
),

-- Parameters that take any text or any number, whatever its name.
open_param (word, kind) AS (
    VALUES
        ('text', 'string'), ('input', 'string'), ('string', 'string'), ('query', 'string'), ('keyword', 'string'),
        ('number', 'number'), ('value', 'number'), ('amount', 'number'), ('a', 'number'), ('b', 'number'), ('n', 'number')
),

open AS (
    SELECT
        f.server AS src_server, f.tool AS src_tool, f.pattern AS src_field,
        p.server AS dst_server, p.tool AS dst_tool, p.param AS dst_param
    FROM new_param AS p
    INNER JOIN open_param AS o
        ON name_words(p.param) = o.word
        AND (p.kind = o.kind OR (o.kind = 'number' AND p.kind = 'integer'))
    INNER JOIN new_field AS f
        ON (f.server, f.tool) <> (p.server, p.tool)
        AND (
            (o.kind = 'string' AND f.kind = 'string' AND regexp_matches(f.words, '\b(name|title|email|city|label|category)$'))
            OR (o.kind = 'number' AND f.kind IN ('number', 'integer') AND NOT regexp_matches(f.words, '\b(id|code|zip|year|index|timestamp)\b'))
        )
    WHERE p.required
        -- A number converted from one unit to another has to have the first.
        AND NOT (
            o.kind = 'number'
            AND EXISTS (SELECT 1 FROM new_param AS u WHERE u.server = p.server AND u.tool = p.tool AND contains(u.param, 'unit'))
        )
),

candidate AS (
    SELECT *, false AS is_open FROM named
    UNION ALL
    SELECT *, true AS is_open FROM open
),

observed AS (
    SELECT
        s.server AS src_server, s.tool AS src_tool, d.server AS dst_server, d.tool AS dst_tool,
        split_part(f.dst_pointer, '/', 2) AS dst_param, count(*) AS flows
    FROM flow AS f
    INNER JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
    INNER JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
    WHERE NOT d.is_error
    GROUP BY ALL
),

weighed AS (
    SELECT
        c.*,
        CASE
            WHEN f.kind = p.kind THEN 1.0
            WHEN f.kind = 'integer' AND p.kind = 'number' THEN 1.0
            WHEN 'any' IN (f.kind, p.kind) THEN 0.7
            WHEN f.kind IN ('integer', 'number') AND p.kind IN ('integer', 'number', 'string') THEN 0.5
            ELSE 0.2
        END AS type_evidence,
        CASE WHEN c.is_open THEN 0.55 ELSE name_similarity(f.words, p.words) END AS name_evidence,
        f.source,
        p.required
    FROM candidate AS c
    INNER JOIN new_field AS f ON f.server = c.src_server AND f.tool = c.src_tool AND f.pattern = c.src_field
    INNER JOIN new_param AS p ON p.server = c.dst_server AND p.tool = c.dst_tool AND p.param = c.dst_param
),

best AS (
    SELECT *
    FROM weighed
    WHERE (name_evidence >= 0.7 OR is_open) AND type_evidence >= 0.5
    QUALIFY row_number() OVER (
        PARTITION BY src_server, src_tool, dst_server, dst_tool, dst_param
        ORDER BY name_evidence DESC, type_evidence DESC, len(src_field), src_field
    ) = 1
),

explained AS (
    SELECT
        b.src_server, b.src_tool, b.src_field, b.dst_server, b.dst_tool, b.dst_param,
        b.type_evidence,
        b.name_evidence,
        round(text_similarity(coalesce(s.description, s.tool), coalesce(d.description, d.tool)), 6) AS text_evidence,
        coalesce(o.flows, 0) AS flow_evidence,
        b.source
    FROM best AS b
    INNER JOIN tool AS s ON s.server = b.src_server AND s.tool = b.src_tool
    INNER JOIN tool AS d ON d.server = b.dst_server AND d.tool = b.dst_tool
    LEFT JOIN observed AS o
        ON o.src_server = b.src_server AND o.src_tool = b.src_tool
        AND o.dst_server = b.dst_server AND o.dst_tool = b.dst_tool AND o.dst_param = b.dst_param
),

scored AS (
    SELECT
        *,
        round(least(1.0,
            0.65 * name_evidence + 0.2 * type_evidence + 0.1 * text_evidence
            + CASE WHEN src_server = dst_server THEN 0.05 ELSE 0 END
            + CASE WHEN flow_evidence > 0 THEN 0.1 ELSE 0 END
        ), 6) AS score
    FROM explained
)

SELECT
    *,
    CASE WHEN score >= 0.75 THEN 'high' WHEN score >= 0.55 THEN 'medium' ELSE 'low' END AS tier
FROM scored
