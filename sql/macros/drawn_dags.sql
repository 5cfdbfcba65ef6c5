-- grain: sub-DAG, or reason why turns of the sampler gave none; in the order of drawing
-- What it reads stands in tables of their own: a macro can't read a Parquet column that is called like one of its parameters.
CREATE OR REPLACE TEMP TABLE drawn_before AS SELECT dag_id FROM dag;
CREATE OR REPLACE TEMP TABLE drawn_along AS FROM walkable_edge;

CREATE MACRO drawn_dags(seed := 7, n := 100, multi_server := 0.385, max_nodes := 6, max_share := 0.05) AS TABLE
    SELECT
        row_number() OVER () - 1 AS place,
        d.dag_id AS dag_id,
        d.shape AS shape,
        CAST(from_json(d.nodes, '[{"server": "VARCHAR", "tool": "VARCHAR"}]') AS STRUCT(server VARCHAR, tool VARCHAR)[]) AS nodes,
        CAST(
            from_json(d.links, '[{"src": "BIGINT", "field": "VARCHAR", "dst": "BIGINT", "param": "VARCHAR"}]')
            AS STRUCT(src BIGINT, field VARCHAR, dst BIGINT, param VARCHAR)[]
        ) AS links,
        nullif(d.rejected, '') AS rejected,
        CAST(d.turns AS BIGINT) AS turns
    FROM (
        SELECT
            unnest(draw_dags(
                coalesce((SELECT list(e ORDER BY e.src_server, e.src_tool, e.dst_server, e.dst_tool, e.dst_param) FROM drawn_along AS e), []),
                coalesce((SELECT list(dag_id) FROM drawn_before), []),
                CAST(seed AS BIGINT), CAST(n AS BIGINT), CAST(multi_server AS DOUBLE), CAST(max_nodes AS BIGINT), CAST(max_share AS DOUBLE)
            )) AS d
    )
