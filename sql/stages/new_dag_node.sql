-- grain: sub-DAG × node; those of `drawn`
SELECT dag_id, i - 1 AS node, nodes[i].server AS server, nodes[i].tool AS tool
FROM (SELECT dag_id, nodes, unnest(generate_series(1, len(nodes))) AS i FROM drawn WHERE rejected IS NULL)
