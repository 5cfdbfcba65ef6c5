//! The edges that sampling walks.

use serde::Deserialize;

use crate::error::Result;
use crate::lake::Session;
use crate::sql;

/// An edge as sampling walks it.
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

/// The edges of tier medium or better, in a fixed order.
pub fn load(session: &Session) -> Result<Vec<Edge>> {
    session.rows(sql::get("stages/walkable_edge.sql"))
}
