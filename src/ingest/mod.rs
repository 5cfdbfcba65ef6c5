//! Ingest: what exists in the field becomes rows of the lake. One source a file; [`crate::intake`] does what they share.
//! `docs/sources.md` says how to add one.

pub mod calls;
pub mod chat;
pub mod inspect;
pub mod livemcp_runs;
pub mod livemcp_tools;
pub mod mcp;
pub mod mcp_atlas;
pub mod mcpmark;
pub mod messages;
pub mod openapi;
pub mod otel;
pub mod taskbench;
pub mod tau2;
pub mod tau_bench;
pub mod tool_rows;
pub mod tools_list;
pub mod toucan;
pub mod toucan_rows;

use std::path::PathBuf;

use crate::error::Result;
use crate::intake::{self, Options, Report, Source};
use crate::lake::Lake;

/// All sources of files, the particular before the general: the first that recognises a file reads it.
pub static SOURCES: &[&dyn Source] = &[
    &taskbench::TaskBench,
    &tau_bench::TauBench,
    &tau2::Tau2Tasks,
    &tau2::Tau2Runs,
    &livemcp_runs::LiveMcpRuns,
    &livemcp_runs::LiveMcpTasks,
    &livemcp_tools::LiveMcpTools,
    &mcp_atlas::McpAtlas,
    &mcpmark::McpMark,
    &toucan::ToucanServer,
    &toucan_rows::ToucanRows,
    &inspect::Inspect,
    &otel::Otel,
    &openapi::OpenApi,
    &calls::Calls,
    &tool_rows::ToolRows,
    &chat::Chat,
    &tools_list::ToolsList,
];

/// Reads files and folders into the lake with [`SOURCES`].
///
/// Errors as [`intake::files`] does.
pub fn files(lake: &Lake, paths: &[PathBuf], options: &Options) -> Result<Report> {
    intake::files(lake, paths, SOURCES, options)
}
