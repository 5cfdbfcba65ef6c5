-- grain: snapshot; how each version of the lake came about
-- snapshot: Its number.
-- created_at: When it was committed, UTC; takes part in no hash.
-- stage: Stage of the pipeline that made it.
-- parameters: The stage's parameters.
-- seed: Seed, where chance plays a part.
-- input: Snapshot the stage read.
-- sql: SHA-256 of each SQL file it ran, by path.
-- firefly: Version of firefly.
-- duckdb: Version of DuckDB.
-- names: Names this commit gave to snapshots.
SELECT
    snapshot,
    CAST(created_at AS TIMESTAMP) AS created_at,
    lineage ->> 'stage' AS stage,
    lineage -> 'parameters' AS parameters,
    CAST(lineage ->> 'seed' AS UBIGINT) AS seed,
    CAST(lineage ->> 'input' AS BIGINT) AS input,
    lineage -> 'sql' AS sql,
    lineage ->> 'firefly' AS firefly,
    lineage ->> 'duckdb' AS duckdb,
    names
FROM read_json(
    getvariable('manifests'),
    columns = {snapshot: 'BIGINT', created_at: 'VARCHAR', lineage: 'JSON', names: 'JSON'},
    format = 'unstructured',
    maximum_object_size = 268435456
)
WHERE snapshot <= getvariable('at')
