"""Runs the SQL of standard input, which `firefly publish --print-sql` printed, in a DuckDB with DuckLake; then reads what
is there now. Usage: run_ducklake.py CATALOG TABLE…"""

import glob
import json
import os
import sys

import duckdb
import duckdb_extension_ducklake
import duckdb_extension_postgres_scanner

catalog, tables = sys.argv[1], sys.argv[2:]
lake = duckdb.connect(config={"allow_unsigned_extensions": "true"})
for module in (duckdb_extension_ducklake, duckdb_extension_postgres_scanner):
    folder = os.path.dirname(module.__file__)
    lake.execute("LOAD '%s'" % glob.glob(folder + "/extensions/*/*.duckdb_extension")[0])
lake.execute(sys.stdin.read())
lake.execute(f"ATTACH 'ducklake:{catalog}' AS shared (READ_ONLY)")
print(json.dumps({t: lake.execute(f'SELECT count(*) FROM shared.main."{t}"').fetchone()[0] for t in tables}))
