-- grain: task; no task before it, by task_id, asks nearly the same: same tools in order, same arguments or same answer, like words
WITH gold AS (
    SELECT
        task_id,
        string_agg(server || '.' || tool, ' ' ORDER BY call_index) AS tools,
        string_agg(arguments, ' ' ORDER BY call_index) AS arguments
    FROM gold_call
    GROUP BY task_id
),

-- Questions come from a grammar: tasks on the same tools with other values have most words in common, and are different tasks.
-- So only those are compared that have the arguments or the answer in common too.
block AS (
    SELECT t.task_id, t.question, g.tools, 'arguments' AS common, g.arguments AS value
    FROM task AS t
    INNER JOIN gold AS g ON g.task_id = t.task_id
    UNION ALL
    SELECT t.task_id, t.question, g.tools, 'answer' AS common, json_canonical(t.answer) AS value
    FROM task AS t
    INNER JOIN gold AS g ON g.task_id = t.task_id
),

near AS (
    SELECT common, unnest(near_texts(list({id: task_id, text: question}), 0.9)) AS n
    FROM block
    GROUP BY tools, common, value
    HAVING count(*) > 1
),

failure AS (
    SELECT
        n.id AS task_id,
        'near-duplicate of ' || n.near || ': same tools and ' || common || ', ' || round(100 * n.similarity)::INT || '% of the word pairs' AS reason
    FROM near
    QUALIFY row_number() OVER (PARTITION BY n.id ORDER BY n.similarity DESC, n.near, common) = 1
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN failure AS f ON f.task_id = t.task_id
