-- grain: server × tool; whether calls of the tool are taken to leave the server's state as it is
WITH writing (verb) AS (
    VALUES
        ('create'), ('update'), ('delete'), ('add'), ('set'), ('remove'), ('save'), ('write'), ('send'), ('cancel'), ('modify'),
        ('insert'), ('append'), ('edit'), ('move'), ('copy'), ('rename'), ('reset'), ('flag'), ('release'), ('upsert'), ('merge'),
        ('commit'), ('init'), ('import'), ('load'), ('register'), ('book'), ('place'), ('request'), ('return'), ('exchange'),
        ('transfer'), ('file'), ('assign'), ('start'), ('stop'), ('clear'), ('execute'), ('run'), ('apply'), ('checkout'), ('pull'),
        ('push'), ('stage'), ('install'), ('enable'), ('disable'), ('close'), ('open'), ('step'), ('record'), ('destroy'), ('capture'),
        ('moderate'), ('issue'), ('complete'), ('archive'), ('restore'), ('store'), ('put'), ('post'), ('patch'), ('define')
),

reading (verb) AS (
    VALUES
        ('get'), ('list'), ('search'), ('find'), ('read'), ('show'), ('describe'), ('count'), ('calculate'), ('compute'), ('convert'),
        ('compare'), ('validate'), ('check'), ('parse'), ('format'), ('encode'), ('decode'), ('analyze'), ('estimate'), ('lookup'),
        ('query'), ('view'), ('inspect'), ('explain'), ('summarize'), ('solve'), ('evaluate'), ('suggest'), ('recommend'), ('status')
),

words AS (
    SELECT
        server,
        tool,
        string_split(name_words(tool), ' ') AS words,
        json_extract(annotations, '$.readOnlyHint')::BOOLEAN AS claims_to_read,
        coalesce(json_extract(annotations, '$.destructiveHint')::BOOLEAN, false) AS claims_to_destroy
    FROM tool
),

named AS (
    SELECT
        server,
        tool,
        claims_to_read,
        claims_to_destroy,
        (SELECT min(list_position(words, verb)) FROM writing WHERE list_contains(words, verb)) AS writes_at,
        (SELECT min(list_position(words, verb)) FROM reading WHERE list_contains(words, verb)) AS reads_at
    FROM words
)

SELECT
    server,
    tool,
    CASE
        -- A name is believed before a claim: servers say readOnlyHint of tools that create things.
        WHEN writes_at IS NOT NULL AND coalesce(writes_at < reads_at, true) THEN false
        WHEN reads_at IS NOT NULL THEN true
        WHEN claims_to_destroy AND NOT coalesce(claims_to_read, false) THEN false
        ELSE coalesce(claims_to_read, true)
    END AS reads,
    CASE
        WHEN writes_at IS NOT NULL AND coalesce(writes_at < reads_at, true) THEN 'its name has a writing verb'
        WHEN reads_at IS NOT NULL THEN 'its name has a reading verb'
        WHEN claims_to_destroy AND NOT coalesce(claims_to_read, false) THEN 'it claims to destroy'
        WHEN claims_to_read IS NOT NULL THEN 'it claims so'
        ELSE 'nothing says that it writes; results that do not repeat would show it'
    END AS reason
FROM named
