"""Flattens recorded conversations into calls with Polars: a row a call with its arguments and its result, paired by place."""

import sys

import polars as pl

function = pl.Struct({"name": pl.String, "arguments": pl.String})
message = pl.Struct({"role": pl.String, "content": pl.String, "name": pl.String, "tool_calls": pl.List(pl.Struct({"id": pl.String, "function": function}))})
runs = pl.scan_ndjson(sys.argv[1], schema={"task_id": pl.Int64, "trial": pl.Int64, "reward": pl.Float64, "traj": pl.List(message)})
said = runs.with_row_index("run").explode("traj").unnest("traj").with_columns(place=pl.int_range(pl.len()).over("run"))
calls = (
    said.filter(pl.col("tool_calls").list.len() > 0)
    .with_columns(call=pl.int_range(pl.len()).over("run"))
    .with_columns(function=pl.col("tool_calls").list.first().struct.field("function"))
    .select("run", "call", "task_id", "trial", "reward", tool=pl.col("function").struct.field("name"), arguments=pl.col("function").struct.field("arguments"))
)
results = said.filter(pl.col("role") == "tool").with_columns(call=pl.int_range(pl.len()).over("run")).select("run", "call", result="content")
flat = calls.join(results, on=["run", "call"], how="left").with_columns(
    failed=pl.col("result").str.contains("^(?i)error"),
    hash=pl.col("result").hash(),
)
flat.collect().write_parquet(sys.argv[2])
