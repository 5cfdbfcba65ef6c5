"""Reads an export with the tools people have, and says what each found, as JSON. Usage: read_export.py DIR TABLE"""

import glob
import json
import os
import subprocess
import sys
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_OFFLINE"] = "1"
warnings.simplefilter("ignore")
export, table = sys.argv[1:3]
os.chdir(export)


def say(found):
    """Says what was found and ends: threads of these libraries now and then abort a process that winds down."""
    print(json.dumps(found), flush=True)
    os._exit(0)


found = {}

import mlcroissant
from datasets import get_dataset_split_names, load_dataset

if table == "tasks":
    # Split tasks: a file a split, each row with all a trainer needs.
    dataset = mlcroissant.Dataset("croissant.json")
    found["croissant_errors"] = sorted(dataset.metadata.ctx.issues.errors)
    found["default"] = get_dataset_split_names(os.getcwd())
    for split in ("train", "test"):
        rows = load_dataset(os.getcwd(), "tasks", split=split)
        whole = [r for r in rows if json.loads(r["answer"]) and len(json.loads(r["gold_calls"])) == r["calls"]
                 and all(t["name"] and t["parameters"]["type"] == "object" for t in json.loads(r["tools"]))]
        found[split] = {
            "task_ids": rows["task_id"][:],
            "whole": len(whole),
            "croissant": sum(1 for _ in dataset.records(f"tasks_{split}")),
        }
    say(found)

import polars

found["polars"] = polars.read_parquet(f"data/{table}/*.parquet").height

rows = load_dataset(os.getcwd(), table, split="train")
found["datasets"] = rows.num_rows
found["columns"] = rows.column_names

cli = os.path.join(os.path.dirname(sys.executable), "duckdb")
out = subprocess.run([cli, "-json", "-c", f"SELECT count(*) AS n FROM 'data/{table}/*.parquet'"], capture_output=True, text=True, check=True)
found["duckdb_cli"] = json.loads(out.stdout)[0]["n"]

import duckdb
import duckdb_extension_ducklake

lake = duckdb.connect(config={"allow_unsigned_extensions": "true"})
folder = os.path.dirname(duckdb_extension_ducklake.__file__)
lake.execute("LOAD '%s'" % glob.glob(folder + "/extensions/*/ducklake.duckdb_extension")[0])
lake.execute("ATTACH 'ducklake:catalog.ducklake' AS lake (READ_ONLY)")
found["ducklake"] = lake.execute(f'SELECT count(*) FROM lake."{table}" AT (VERSION => 1)').fetchone()[0]
found["ducklake_tables"] = lake.execute("SELECT count(*) FROM duckdb_tables() WHERE database_name = 'lake'").fetchone()[0]
found["comment"] = lake.execute(f"SELECT comment FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = '{table}'").fetchone()[0]

dataset = mlcroissant.Dataset("croissant.json")
found["croissant_errors"] = sorted(dataset.metadata.ctx.issues.errors)
found["croissant"] = sum(1 for _ in dataset.records(table))
say(found)
