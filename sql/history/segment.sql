-- grain: snapshot × segment it added; the files behind each version of each table
-- snapshot: Snapshot that added it.
-- stage: Stage that wrote it.
-- name: Table it belongs to.
-- rows: Number of rows.
-- bytes: Size in bytes.
-- logical_hash: Hash of its rows, whatever their order.
-- file_sha256: SHA-256 of the file.
-- ended: Snapshot that put other rows in its place; null while it counts.
WITH manifest AS (
    SELECT snapshot, lineage.stage AS stage, added, ended
    FROM read_json(
        getvariable('manifests'),
        columns = {snapshot: 'BIGINT', lineage: 'STRUCT(stage VARCHAR)', added: 'JSON[]', ended: 'VARCHAR[]'},
        format = 'unstructured',
        maximum_object_size = 268435456
    )
    WHERE snapshot <= getvariable('at')
),

added AS (
    SELECT snapshot, stage, unnest(added) AS s FROM manifest
),

ended AS (
    SELECT snapshot, unnest(ended) AS path FROM manifest
)

SELECT
    a.snapshot,
    a.stage,
    a.s ->> 'table' AS name,
    CAST(a.s ->> 'rows' AS BIGINT) AS rows,
    CAST(a.s ->> 'bytes' AS BIGINT) AS bytes,
    a.s ->> 'logical_hash' AS logical_hash,
    a.s ->> 'file_sha256' AS file_sha256,
    (SELECT min(e.snapshot) FROM ended AS e WHERE e.path = a.s ->> 'path' AND e.snapshot > a.snapshot) AS ended
FROM added AS a
