//! The tool graph: which output field of which tool can feed which parameter of which other. All of it is
//! SQL over kernels; this drives the stages and commits.

use serde::Deserialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::sql;

/// An edge as the later stages walk it.
#[derive(Debug, Clone, Deserialize)]
pub struct Edge {
    /// Server of the tool whose result is read.
    pub src_server: String,
    /// Tool whose result is read.
    pub src_tool: String,
    /// Field pattern in its result.
    pub src_field: String,
    /// Server of the tool that takes the value.
    pub dst_server: String,
    /// Tool that takes the value.
    pub dst_tool: String,
    /// Parameter that takes it.
    pub dst_param: String,
    /// Weighted evidence, 0 to 1.
    pub score: f64,
    /// `high`, `medium` or `low`.
    pub tier: String,
    /// Whether the tool that takes the value is taken to leave its server's state as it is.
    pub dst_reads: bool,
}

/// Rebuilds the graph from tools and recorded calls.
pub fn build(lake: &Lake) -> Result<Snapshot> {
    let session = lake.session()?;
    if session.table_rows("tool") == 0 {
        let hint = "bring some in with `firefly ingest mcp --config FILE`".into();
        return Err(Error::Empty { what: "the lake has no tools".into(), hint });
    }
    let stages = [("new_field", "stages/field.sql"), ("new_param", "stages/param.sql"), ("new_edge", "stages/edge.sql")];
    for (name, path) in stages {
        session.stage(name, sql::get(path))?;
    }
    let files = stages.map(|(_, path)| sql::get(path));
    let lineage = Lineage::of(&session, "graph", &files, json!({}), None);
    lake.commit(&session, lineage, &[Output::replace("edge")])
}

/// The edges of tier medium or better, in a fixed order.
pub fn edges(session: &Session) -> Result<Vec<Edge>> {
    session.rows(sql::get("stages/walkable_edge.sql"))
}
