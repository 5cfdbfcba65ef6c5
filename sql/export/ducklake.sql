-- grain: one statement a table of a DuckLake 1.0 catalog, which the attached database `frozen` becomes; the variable
-- `export` describes the snapshot, its tables, their columns and files
CREATE TEMP TABLE export_table AS
SELECT
    i AS table_id,
    e ->> 'name' AS table_name,
    e ->> 'doc' AS doc,
    e -> 'columns' AS columns,
    e -> 'files' AS files
FROM (
    SELECT unnest(range(1, len(t) + 1)) AS i, unnest(t) AS e
    FROM (SELECT CAST(getvariable('export') AS JSON) -> '$.tables[*]' AS t)
);

CREATE TEMP TABLE export_column AS
SELECT
    table_id,
    unnest(range(1, len(c) + 1)) AS column_id,
    unnest(c) AS e
FROM (SELECT table_id, columns -> '$[*]' AS c FROM export_table);

CREATE TEMP TABLE export_file AS
SELECT
    row_number() OVER (ORDER BY table_id, e ->> 'path') AS data_file_id,
    table_id,
    e ->> 'path' AS path,
    CAST(e ->> 'rows' AS BIGINT) AS rows,
    CAST(e ->> 'bytes' AS BIGINT) AS bytes,
    CAST(e ->> 'footer' AS BIGINT) AS footer
FROM (SELECT table_id, unnest(files -> '$[*]') AS e FROM export_table);

CREATE TABLE frozen.ducklake_column (column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, table_id BIGINT, column_order BIGINT, column_name VARCHAR, column_type VARCHAR, initial_default VARCHAR, default_value VARCHAR, nulls_allowed BOOLEAN, parent_column BIGINT, default_value_type VARCHAR, default_value_dialect VARCHAR);
CREATE TABLE frozen.ducklake_column_mapping (mapping_id BIGINT, table_id BIGINT, "type" VARCHAR);
CREATE TABLE frozen.ducklake_column_tag (table_id BIGINT, column_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, "key" VARCHAR, "value" VARCHAR);
CREATE TABLE frozen.ducklake_data_file (data_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, file_order BIGINT, path VARCHAR, path_is_relative BOOLEAN, file_format VARCHAR, record_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, row_id_start BIGINT, partition_id BIGINT, encryption_key VARCHAR, mapping_id BIGINT, partial_max BIGINT);
CREATE TABLE frozen.ducklake_delete_file (delete_file_id BIGINT PRIMARY KEY, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, data_file_id BIGINT, path VARCHAR, path_is_relative BOOLEAN, format VARCHAR, delete_count BIGINT, file_size_bytes BIGINT, footer_size BIGINT, encryption_key VARCHAR, partial_max BIGINT);
CREATE TABLE frozen.ducklake_files_scheduled_for_deletion (data_file_id BIGINT, path VARCHAR, path_is_relative BOOLEAN, schedule_start TIMESTAMP WITH TIME ZONE);
CREATE TABLE frozen.ducklake_file_column_stats (data_file_id BIGINT, table_id BIGINT, column_id BIGINT, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BOOLEAN, extra_stats VARCHAR);
CREATE TABLE frozen.ducklake_file_partition_value (data_file_id BIGINT, table_id BIGINT, partition_key_index BIGINT, partition_value VARCHAR);
CREATE TABLE frozen.ducklake_file_variant_stats (data_file_id BIGINT, table_id BIGINT, column_id BIGINT, variant_path VARCHAR, shredded_type VARCHAR, column_size_bytes BIGINT, value_count BIGINT, null_count BIGINT, min_value VARCHAR, max_value VARCHAR, contains_nan BOOLEAN, extra_stats VARCHAR);
CREATE TABLE frozen.ducklake_inlined_data_tables (table_id BIGINT, table_name VARCHAR, schema_version BIGINT);
CREATE TABLE frozen.ducklake_macro (schema_id BIGINT, macro_id BIGINT, macro_name VARCHAR, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE frozen.ducklake_macro_impl (macro_id BIGINT, impl_id BIGINT, dialect VARCHAR, "sql" VARCHAR, "type" VARCHAR);
CREATE TABLE frozen.ducklake_macro_parameters (macro_id BIGINT, impl_id BIGINT, column_id BIGINT, parameter_name VARCHAR, parameter_type VARCHAR, default_value VARCHAR, default_value_type VARCHAR);
CREATE TABLE frozen.ducklake_metadata ("key" VARCHAR NOT NULL, "value" VARCHAR NOT NULL, "scope" VARCHAR, scope_id BIGINT);
CREATE TABLE frozen.ducklake_name_mapping (mapping_id BIGINT, column_id BIGINT, source_name VARCHAR, target_field_id BIGINT, parent_column BIGINT, is_partition BOOLEAN);
CREATE TABLE frozen.ducklake_partition_column (partition_id BIGINT, table_id BIGINT, partition_key_index BIGINT, column_id BIGINT, "transform" VARCHAR);
CREATE TABLE frozen.ducklake_partition_info (partition_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE frozen.ducklake_schema (schema_id BIGINT PRIMARY KEY, schema_uuid UUID, begin_snapshot BIGINT, end_snapshot BIGINT, schema_name VARCHAR, path VARCHAR, path_is_relative BOOLEAN);
CREATE TABLE frozen.ducklake_schema_versions (begin_snapshot BIGINT, schema_version BIGINT, table_id BIGINT);
CREATE TABLE frozen.ducklake_snapshot (snapshot_id BIGINT PRIMARY KEY, snapshot_time TIMESTAMP WITH TIME ZONE, schema_version BIGINT, next_catalog_id BIGINT, next_file_id BIGINT);
CREATE TABLE frozen.ducklake_snapshot_changes (snapshot_id BIGINT PRIMARY KEY, changes_made VARCHAR, author VARCHAR, commit_message VARCHAR, commit_extra_info VARCHAR);
CREATE TABLE frozen.ducklake_sort_expression (sort_id BIGINT, table_id BIGINT, sort_key_index BIGINT, expression VARCHAR, dialect VARCHAR, sort_direction VARCHAR, null_order VARCHAR);
CREATE TABLE frozen.ducklake_sort_info (sort_id BIGINT, table_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT);
CREATE TABLE frozen.ducklake_table (table_id BIGINT, table_uuid UUID, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, table_name VARCHAR, path VARCHAR, path_is_relative BOOLEAN);
CREATE TABLE frozen.ducklake_table_column_stats (table_id BIGINT, column_id BIGINT, contains_null BOOLEAN, contains_nan BOOLEAN, min_value VARCHAR, max_value VARCHAR, extra_stats VARCHAR);
CREATE TABLE frozen.ducklake_table_stats (table_id BIGINT, record_count BIGINT, next_row_id BIGINT, file_size_bytes BIGINT);
CREATE TABLE frozen.ducklake_tag (object_id BIGINT, begin_snapshot BIGINT, end_snapshot BIGINT, "key" VARCHAR, "value" VARCHAR);
CREATE TABLE frozen.ducklake_view (view_id BIGINT, view_uuid UUID, begin_snapshot BIGINT, end_snapshot BIGINT, schema_id BIGINT, view_name VARCHAR, dialect VARCHAR, "sql" VARCHAR, column_aliases VARCHAR);

INSERT INTO frozen.ducklake_metadata VALUES
('version', '1.0', NULL, NULL),
('created_by', getvariable('export') ->> 'created_by', NULL, NULL),
('data_path', '', NULL, NULL),
('encrypted', 'false', NULL, NULL);

INSERT INTO frozen.ducklake_snapshot VALUES
(0, CAST(getvariable('export') ->> 'created_at' AS TIMESTAMPTZ), 0, 1, 0),
(
    1,
    CAST(getvariable('export') ->> 'created_at' AS TIMESTAMPTZ),
    1,
    (SELECT count(*) + 1 FROM export_table),
    (SELECT count(*) + 1 FROM export_file)
);

INSERT INTO frozen.ducklake_snapshot_changes VALUES
(0, 'created_schema:"main"', NULL, NULL, NULL),
(
    1,
    (
        SELECT string_agg(change, ',' ORDER BY kind, table_id)
        FROM (
            SELECT 0 AS kind, table_id, 'created_table:"main"."' || table_name || '"' AS change FROM export_table
            UNION ALL
            SELECT DISTINCT 1, table_id, 'inserted_into_table:' || table_id FROM export_file
        )
    ),
    'firefly',
    getvariable('export') ->> 'message',
    NULL
);

INSERT INTO frozen.ducklake_schema VALUES
(0, CAST(md5(getvariable('export') || 'main') AS UUID), 0, NULL, 'main', '', true);

INSERT INTO frozen.ducklake_table
SELECT table_id, CAST(md5(getvariable('export') || table_name) AS UUID), 1, NULL, 0, table_name, '', true
FROM export_table
ORDER BY table_id;

INSERT INTO frozen.ducklake_schema_versions
SELECT 1, 1, table_id FROM export_table ORDER BY table_id;

INSERT INTO frozen.ducklake_column
SELECT column_id, 1, NULL, table_id, column_id, e ->> 'name', e ->> 'type', NULL, 'NULL', CAST(e ->> 'null' AS BOOLEAN), NULL, 'literal', 'duckdb'
FROM export_column
ORDER BY table_id, column_id;

INSERT INTO frozen.ducklake_tag
SELECT table_id, 1, NULL, 'comment', doc FROM export_table ORDER BY table_id;

INSERT INTO frozen.ducklake_column_tag
SELECT table_id, column_id, 1, NULL, 'comment', e ->> 'doc' FROM export_column ORDER BY table_id, column_id;

INSERT INTO frozen.ducklake_data_file
SELECT
    data_file_id,
    table_id,
    1,
    NULL,
    NULL,
    path,
    true,
    'parquet',
    rows,
    bytes,
    footer,
    coalesce(sum(rows) OVER (PARTITION BY table_id ORDER BY data_file_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
    NULL,
    NULL,
    NULL,
    NULL
FROM export_file
ORDER BY data_file_id;

INSERT INTO frozen.ducklake_table_stats
SELECT table_id, sum(rows), sum(rows), sum(bytes) FROM export_file GROUP BY table_id ORDER BY table_id;
