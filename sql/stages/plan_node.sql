-- grain: sub-DAG × node; of the sub-DAGs that have no episode of the policy `policy` yet and whose tools are all known
WITH open_dag AS (
    SELECT d.*
    FROM dag AS d
    -- What has arguments of its own is walked with them alone.
    WHERE (d.shape = getvariable('shape') OR (getvariable('shape') IS NULL AND d.shape NOT IN ('miss', 'state', 'relay', 'option')))
        AND d.dag_id NOT IN (SELECT dag_id FROM episode WHERE policy = getvariable('policy'))
        AND NOT EXISTS (
            SELECT 1
            FROM dag_node AS n
            LEFT JOIN tool AS t ON t.server = n.server AND t.tool = n.tool
            WHERE n.dag_id = d.dag_id AND t.tool IS NULL
        )
)

SELECT n.dag_id, n.server, n.tool, t.description, t.input_schema, s.reads
FROM open_dag AS d
INNER JOIN dag_node AS n ON n.dag_id = d.dag_id
INNER JOIN tool AS t ON t.server = n.server AND t.tool = n.tool
INNER JOIN tool_state AS s ON s.server = n.server AND s.tool = n.tool
ORDER BY d.draw, n.dag_id, n.node
