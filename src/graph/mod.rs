//! The tool graph: which output field of which tool can feed which parameter of which other. All of it is
//! SQL over kernels; this drives the stages and commits.

use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::sql;

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
