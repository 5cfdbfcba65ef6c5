-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
WITH verbs (verb, reads) AS (
    VALUES
        ('get', true), ('list', true), ('search', true), ('find', true), ('read', true), ('show', true), ('describe', true),
        ('count', true), ('calculate', true), ('compute', true), ('calc', true), ('convert', true), ('compare', true),
        ('validate', true), ('check', true), ('parse', true), ('format', true), ('encode', true), ('decode', true),
        ('analyze', true), ('estimate', true), ('lookup', true), ('look', true), ('query', true), ('view', true),
        ('echo', true), ('hash', true), ('math', true), ('base64', true), ('diff', true), ('inspect', true), ('explain', true),
        ('summarize', true), ('solve', true), ('evaluate', true), ('suggest', true), ('recommend', true), ('status', true),
        ('create', false), ('update', false), ('delete', false), ('add', false), ('set', false), ('remove', false),
        ('save', false), ('write', false), ('send', false), ('cancel', false), ('modify', false), ('insert', false),
        ('append', false), ('edit', false), ('move', false), ('copy', false), ('rename', false), ('reset', false),
        ('flag', false), ('release', false), ('upsert', false), ('merge', false), ('commit', false), ('init', false),
        ('open', false), ('close', false), ('import', false), ('load', false), ('register', false), ('book', false),
        ('place', false), ('request', false), ('return', false), ('exchange', false), ('transfer', false), ('file', false),
        ('assign', false), ('start', false), ('stop', false), ('clear', false), ('execute', false), ('run', false)
),

words AS (
    SELECT
        server,
        tool,
        coalesce(json_extract(annotations, '$.readOnlyHint')::BOOLEAN, false) AS claims_to_read,
        list_transform(string_split(name_words(tool), ' '), lambda w: w) AS words
    FROM tool
),

named AS (
    SELECT
        w.server,
        w.tool,
        w.claims_to_read,
        bool_or(v.reads) FILTER (WHERE v.reads) AS has_reading,
        bool_or(NOT v.reads) FILTER (WHERE NOT v.reads) AS has_writing,
        arg_min(v.reads, list_position(w.words, v.verb)) AS first_reads
    FROM words AS w
    LEFT JOIN verbs AS v ON list_contains(w.words, v.verb)
    GROUP BY ALL
)

SELECT
    server,
    tool,
    CASE
        WHEN first_reads IS NOT NULL AND first_reads THEN true
        WHEN coalesce(has_writing, false) THEN false
        ELSE claims_to_read
    END AS reads,
    CASE
        WHEN first_reads IS NOT NULL AND first_reads THEN 'its name begins with a reading verb'
        WHEN coalesce(has_writing, false) THEN 'its name has a writing verb'
        WHEN claims_to_read THEN 'it claims to read only'
        ELSE 'nothing says that it only reads'
    END AS reason
FROM named
