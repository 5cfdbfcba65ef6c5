-- grain: sub-DAG; new sub-DAGs of the tool graph, in the order of drawing: what `firefly sample` would store
CREATE MACRO sample_dags(seed := 7, n := 100, multi_server := 0.385, max_nodes := 6, max_share := 0.05) AS TABLE
    SELECT dag_id, shape, nodes, links
    FROM drawn_dags(seed := seed, n := n, multi_server := multi_server, max_nodes := max_nodes, max_share := max_share)
    WHERE rejected IS NULL
    ORDER BY place
