//! The integration tests: one binary, because each links DuckDB.

mod cli;
mod concurrency;
mod contained;
mod crash;
mod docs;
mod export;
mod faults;
mod graph;
mod hostile;
mod hostile_ingest;
mod ingest;
mod lake;
mod mcp;
mod pipeline;
mod properties;
mod repair;
mod reward;
mod serve;
mod serve_doors;
mod serve_misses;
mod serve_world;
mod sql;
mod support;
mod wording;
