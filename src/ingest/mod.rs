//! Ingest: what exists in the field becomes rows of `server` and `tool`. One source a file.

pub mod mcp;
