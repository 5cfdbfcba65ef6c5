//! firefly turns real MCP servers into verified tool-call tasks, in an embedded, versioned, queryable lake.
//!
//! The pipeline is `ingest → graph → sample → explore → synthesize → verify → serve`; each stage reads
//! tables of a [`lake`] and commits tables to it, and knows no other stage. [`pipeline`] runs them all.

#![deny(clippy::unwrap_used)]

pub mod alike;
pub mod derive;
pub mod error;
pub mod eval;
pub mod explore;
pub mod fields;
pub mod graph;
pub mod hashed;
pub mod ingest;
pub mod intake;
pub mod json;
pub mod lake;
pub mod likely;
pub mod llm;
pub mod mcp;
pub mod mention;
pub mod minhash;
pub mod names;
pub mod near;
pub mod observed;
pub mod pipeline;
pub mod progress;
pub mod provenance;
pub mod purity;
pub mod python;
pub mod redact;
pub mod report;
pub mod reward;
pub mod sample;
pub mod schema_walk;
pub mod serve;
pub mod simulator;
pub mod split;
pub mod sql;
pub mod state;
pub mod task;
pub mod text;
pub mod tls;
pub mod udf;
pub mod verify;

pub mod cli;
