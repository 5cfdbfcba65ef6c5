-- grain: sub-DAG; those of `drawn`
SELECT
    dag_id,
    shape,
    len(nodes) AS nodes,
    len(links) AS links,
    len(list_distinct(list_transform(nodes, lambda n: n.server))) AS servers,
    getvariable('seed') AS seed,
    (SELECT count(*) FROM dag) + row_number() OVER (ORDER BY place) - 1 AS draw
FROM drawn
WHERE rejected IS NULL
