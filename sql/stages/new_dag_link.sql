-- grain: sub-DAG × link; those of `drawn`
SELECT dag_id, link.src AS src_node, link.field AS src_field, link.dst AS dst_node, link.param AS dst_param
FROM (SELECT dag_id, unnest(links) AS link FROM drawn WHERE rejected IS NULL)
