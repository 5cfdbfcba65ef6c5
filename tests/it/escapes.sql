-- Files
SELECT * FROM read_csv('OUT')
SELECT * FROM read_csv_auto('OUT')
SELECT * FROM 'OUT'
SELECT * FROM "OUT"
SELECT * FROM read_text('OUT')
SELECT * FROM read_blob('OUT')
SELECT * FROM read_json('OUT')
SELECT * FROM read_json_auto('OUT')
SELECT * FROM read_ndjson('OUT')
SELECT * FROM read_json_objects('OUT')
SELECT * FROM read_parquet('OUT')
SELECT * FROM parquet_scan('OUT')
SELECT * FROM parquet_metadata('OUT')
SELECT * FROM parquet_schema('OUT')
SELECT * FROM parquet_kv_metadata('LAKE/data/tool/*.parquet')
SELECT * FROM read_parquet('LAKE/data/tool/*.parquet')
SELECT * FROM read_text('LAKE/firefly.toml')
SELECT * FROM sniff_csv('OUT')
SELECT * FROM glob('DIR/*')
SELECT * FROM glob('LAKE/data/*/*')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM '/proc/self/environ'
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM "file:///etc/passwd"
WITH "OUT" AS (SELECT 1) SELECT * FROM (SELECT * FROM 'OUT.gz')
WITH t AS (SELECT * FROM 'OUT') SELECT * FROM t
SELECT (SELECT count(*) FROM 'OUT')
SELECT * FROM tool WHERE server IN (SELECT secret::VARCHAR FROM 'OUT')
SELECT * FROM tool UNION ALL SELECT * FROM read_csv('OUT')
SELECT * FROM query('SELECT * FROM ''OUT''')
SELECT * FROM query_table('OUT')
SELECT * FROM query_table(['OUT'])
SUMMARIZE 'OUT'
DESCRIBE 'OUT'
DESCRIBE SELECT * FROM 'OUT'
FROM read_csv('OUT') SELECT *
TABLE 'OUT'
PIVOT 'OUT' ON secret
-- Writing
COPY (SELECT 1) TO 'DIR/x.csv'
COPY tool TO 'DIR/x.parquet'
COPY (SELECT 1) TO 'LAKE/data/tool/x.parquet'
COPY FROM DATABASE memory TO other
EXPORT DATABASE 'DIR/x'
IMPORT DATABASE 'DIR/x'
ATTACH 'DIR/other.db'
ATTACH 'LAKE/firefly.duckdb' AS c (READ_ONLY)
ATTACH ':memory:' AS m
CREATE TABLE t (a INT)
CREATE TEMP TABLE t AS SELECT 1
CREATE OR REPLACE VIEW tool AS SELECT 1
CREATE MACRO f(x) AS x
DROP VIEW tool
DELETE FROM tool
UPDATE tool SET server = 'x'
INSERT INTO gate VALUES ('a', 'b', true, NULL)
VACUUM
CHECKPOINT
BEGIN; DROP VIEW tool; COMMIT
SELECT 1; DROP VIEW tool
EXPLAIN ANALYZE COPY (SELECT 1) TO 'DIR/x.csv'
PREPARE p AS SELECT 1
EXECUTE p
-- Network and extensions
SELECT * FROM read_parquet('https://example.com/a.parquet')
SELECT * FROM 'https://example.com/a.csv'
SELECT * FROM 's3://bucket/a.parquet'
INSTALL httpfs
LOAD httpfs
LOAD 'DIR/evil.duckdb_extension'
FORCE INSTALL json
UPDATE EXTENSIONS
-- Settings, secrets, the environment
SET enable_external_access = true
SET allowed_directories = ['/']
SET memory_limit = '1TB'
SET threads = 64
RESET allowed_directories
RESET memory_limit
SET VARIABLE manifests = '/etc/*'
PRAGMA database_list
PRAGMA enable_profiling
PRAGMA disable_verification
CALL pragma_version()
CALL enable_logging()
CREATE SECRET s (TYPE s3)
SELECT * FROM duckdb_secrets()
SELECT * FROM which_secret('s3://b', 's3')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_extensions()
SELECT * FROM pragma_database_list
SELECT * FROM pragma_show('tool')
SELECT * FROM pg_catalog.pg_tables
SELECT * FROM main.sqlite_master
SELECT * FROM sqlite_master
SELECT * FROM system.information_schema.tables
SELECT current_setting('allowed_directories')
SELECT getenv('FIREFLY_ESCAPE_TEST')
SELECT getvariable('manifests')
SELECT current_database()
SELECT write_log('x')
SELECT nextval('s')
SHOW DATABASES
USE memory
-- Names that count in another place only, and SQL inside functions
SELECT * FROM pragma_database_list, (WITH pragma_database_list AS (SELECT 1) SELECT 1)
SELECT * FROM duckdb_databases, (WITH duckdb_databases AS (SELECT 1) SELECT 1)
WITH "OUT" AS (SELECT 1) SELECT * FROM "OUT"
SELECT json_serialize_plan('SELECT getvariable(''manifests'')', optimize := true)
SELECT json_serialize_sql('SELECT 1')
SELECT * FROM json_execute_serialized_sql('{}')
