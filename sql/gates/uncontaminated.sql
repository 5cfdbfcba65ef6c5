-- grain: task; its question overlaps with no task of a published benchmark in the lake
WITH failure AS (
    SELECT
        task_id,
        'overlaps with ' || benchmark || ' ' || benchmark_task || ' (' || measure || ', ' || round(100 * similarity)::INT || '%): ' || shared AS reason
    FROM benchmark_overlap
    QUALIFY row_number() OVER (PARTITION BY task_id ORDER BY similarity DESC, measure, benchmark, benchmark_task) = 1
)

SELECT t.task_id, f.task_id IS NULL AS passed, f.reason
FROM task AS t
LEFT JOIN failure AS f ON f.task_id = t.task_id
