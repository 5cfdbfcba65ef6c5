-- grain: task × benchmark task × measure; tasks whose question overlaps with a published benchmark's
-- task_id: The task.
-- benchmark: The benchmark.
-- benchmark_task: The task of the benchmark.
-- measure: `13-gram` (13 words in a row in both), `8-gram` (half of the shorter one's runs of 8 words in both), or `words` (much the same words).
-- similarity: Share of the shorter one's runs of words that both have; for `words`, the cosine of their words by rarity.
-- shared: The first run of words that both have; for `words`, the words that count most.
WITH run AS (
    SELECT n, task_id, len(runs) AS runs, unnest(runs) AS run
    FROM (SELECT n, task_id, word_ngrams(question, n) AS runs FROM task CROSS JOIN (VALUES (8), (13)) AS v (n))
),

published AS (
    SELECT n, benchmark, task_id, len(runs) AS runs, unnest(runs) AS run
    FROM (SELECT n, benchmark, task_id, word_ngrams(question, n) AS runs FROM benchmark_task CROSS JOIN (VALUES (8), (13)) AS v (n))
),

-- Thirteen words in a row are no accident (Brown et al. 2020); of texts too short for that, half the runs of eight are none.
shared_run AS (
    SELECT
        r.task_id,
        p.benchmark,
        p.task_id AS benchmark_task,
        r.n || '-gram' AS measure,
        round(count(*) / any_value(least(r.runs, p.runs)), 4) AS similarity,
        min(r.run) AS shared
    FROM run AS r
    INNER JOIN published AS p ON p.n = r.n AND p.run = r.run
    GROUP BY r.task_id, p.benchmark, p.task_id, r.n
    HAVING r.n = 13 OR count(*) >= 0.5 * any_value(least(r.runs, p.runs))
),

-- Of 12 paraphrases of real tasks, 11 come to 0.49 and more; no two of the 573 tasks of different benchmarks to more than 0.38.
alike AS (
    SELECT
        unnest(alike_texts(
            (SELECT list({id: task_id, text: question} ORDER BY task_id) FROM task),
            (SELECT list({id: benchmark || chr(31) || task_id, text: question} ORDER BY benchmark, task_id) FROM benchmark_task),
            0.45
        )) AS a
)

SELECT task_id, benchmark, benchmark_task, measure, similarity, shared FROM shared_run
UNION ALL
SELECT
    a.id AS task_id,
    split_part(a.other, chr(31), 1) AS benchmark,
    split_part(a.other, chr(31), 2) AS benchmark_task,
    'words' AS measure,
    a.similarity AS similarity,
    a.shared AS shared
FROM alike
