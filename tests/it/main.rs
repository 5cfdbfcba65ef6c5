//! The integration tests: one binary, because each links DuckDB.

mod cli;
mod concurrency;
mod contained;
mod crash;
mod docs;
mod eval;
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
mod report;
mod reward;
mod serve;
mod sql;
mod support;
mod wording;
