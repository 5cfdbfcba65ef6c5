//! The integration tests: one binary, because each links DuckDB.

mod cli;
mod faults;
mod lake;
mod pipeline;
mod properties;
mod reward;
mod serve;
mod sql;
mod support;
mod wording;
