-- grain: task × what it must not share across splits: sampled sub-DAG, own sub-DAG, gold calls, answer
-- task_id: The task.
-- kind: `sampled` (the sub-DAG that its episode walked; walks over hundreds of unrelated tools are none), `sub-DAG` (its gold tools and what flows between them), `call` (server, tool, canonical arguments), or `answer`.
-- key: Hash of it; equal things have equal keys.
WITH node AS (
    SELECT task_id, list_sort(list(server || '/' || tool)) AS nodes FROM gold_call GROUP BY task_id
),

-- Names and not places, so that calls made in another order are the same sub-DAG.
link AS (
    SELECT
        f.task_id,
        list_sort(list(
            s.server || '/' || s.tool || pointer_pattern(f.src_pointer)
            || ' > ' || d.server || '/' || d.tool || pointer_pattern(f.dst_pointer)
        )) AS links
    FROM gold_flow AS f
    INNER JOIN gold_call AS s ON s.task_id = f.task_id AND s.call_index = f.src_call
    INNER JOIN gold_call AS d ON d.task_id = f.task_id AND d.call_index = f.dst_call
    GROUP BY f.task_id
),

said AS (
    SELECT t.task_id, 'sampled' AS kind, g.dag_id AS said
    FROM task AS t
    INNER JOIN episode AS e ON e.episode_id = t.episode_id
    INNER JOIN dag AS g ON g.dag_id = e.dag_id
    WHERE g.shape NOT IN ('survey', 'cover', 'mixed')
    UNION ALL
    SELECT n.task_id, 'sub-DAG', to_json({nodes: n.nodes, links: l.links})::VARCHAR
    FROM node AS n
    LEFT JOIN link AS l ON l.task_id = n.task_id
    UNION ALL
    SELECT task_id, 'call', to_json([server, tool, json_canonical(arguments)])::VARCHAR FROM gold_call
    UNION ALL
    SELECT task_id, 'answer', json_canonical(answer) FROM task
)

SELECT DISTINCT task_id, kind, md5(kind || ' ' || said) AS key
FROM said
