-- grain: word; in how many tools with parameters each word stands; made src/graph/words.tsv from Toucan's catalogue
WITH said AS (
    SELECT server, tool, tool || ' ' || coalesce(description, '') AS text FROM tool
    UNION ALL
    SELECT server, tool, p.param || ' ' || p.description AS text
    FROM (SELECT server, tool, unnest(schema_inputs(input_schema)) AS p FROM tool)
),

counted AS (
    SELECT word, count(DISTINCT (server, tool)) AS tools
    FROM (SELECT server, tool, unnest(string_split(text_words(text), ' ')) AS word FROM said)
    WHERE len(word) BETWEEN 2 AND 20
    GROUP BY word
)

SELECT word, tools FROM counted WHERE tools >= 5 ORDER BY tools DESC, word
