-- grain: text that has a near-duplicate before it; the most similar text with a smaller id, among `texts`, a list of `{id, text}`
CREATE MACRO near_duplicates(texts, threshold := 0.8) AS TABLE
    SELECT n.id AS id, n.near AS near, n.similarity AS similarity
    FROM (SELECT unnest(near_texts(texts, CAST(threshold AS DOUBLE))) AS n)
