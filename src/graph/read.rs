//! What the graph is built from, as it stands in the lake.

use serde::Deserialize;

use crate::error::Result;
use crate::graph::side::Catalogue;
use crate::lake::Session;
use crate::sql::{self, SqlFile};

/// A row of `tool`.
#[derive(Debug, Clone, Deserialize)]
pub struct ToolRow {
    /// Its server.
    pub server: String,
    /// Its name.
    pub tool: String,
    /// What it says of itself.
    pub description: Option<String>,
}

/// A row of the stage `field`.
#[derive(Debug, Clone, Deserialize)]
pub struct FieldRow {
    /// Its server.
    pub server: String,
    /// Its tool.
    pub tool: String,
    /// JSON pointer with `*`.
    pub pattern: String,
    /// Type.
    pub kind: String,
    /// `schema` or `result`.
    pub source: String,
    /// What it is called.
    pub words: String,
}

/// A row of the stage `param`.
#[derive(Debug, Clone, Deserialize)]
pub struct ParamRow {
    /// Its server.
    pub server: String,
    /// Its tool.
    pub tool: String,
    /// The parameter.
    pub param: String,
    /// JSON pointer with `*` into the arguments.
    pub pattern: String,
    /// Type.
    pub kind: String,
    /// Whether it must be given.
    pub required: bool,
    /// Whether the schema lists its values.
    pub choice: bool,
    /// What is said of it.
    pub description: String,
    /// What it is called.
    pub words: String,
}

/// A row of the stage `observed_flow`.
#[derive(Debug, Clone, Deserialize)]
pub struct FlowRow {
    /// Server of the tool whose result was read.
    pub src_server: String,
    /// That tool.
    pub src_tool: String,
    /// Field the value was read from most often.
    pub src_field: String,
    /// Server of the tool that took the value.
    pub dst_server: String,
    /// That tool.
    pub dst_tool: String,
    /// Where in its arguments it went.
    pub dst_field: String,
    /// How often.
    pub flows: i64,
}

/// A row of the stage `latest_verdict`.
#[derive(Debug, Clone, Deserialize)]
pub struct VerdictRow {
    /// Server of the tool whose result is read.
    pub src_server: String,
    /// That tool.
    pub src_tool: String,
    /// Server of the tool that takes the value.
    pub dst_server: String,
    /// That tool.
    pub dst_tool: String,
    /// Parameter that takes it.
    pub dst_param: String,
    /// What a model said.
    pub feeds: bool,
}

/// What was seen to happen between tools, and what a model said of them.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Flows.
    pub flows: Vec<FlowRow>,
    /// Verdicts.
    pub verdicts: Vec<VerdictRow>,
}

/// The queries, in the order in which they run.
pub const STAGES: [(&str, &str); 2] = [("new_field", "stages/field.sql"), ("new_param", "stages/param.sql")];

/// All files of [`read`], for the lineage.
pub fn files() -> Vec<SqlFile> {
    let stages = STAGES.iter().map(|(_, path)| sql::get(path));
    stages.chain([sql::get("stages/observed_flow.sql"), sql::get("stages/latest_verdict.sql")]).collect()
}

/// The tools of the lake, and what was seen to happen between them.
pub fn read(session: &Session) -> Result<(Catalogue, Seen)> {
    for (name, path) in STAGES {
        session.stage(name, sql::get(path))?;
    }
    let tools = session.query("SELECT server, tool, description FROM tool ORDER BY server, tool")?;
    let fields = session.query("FROM new_field ORDER BY server, tool, len(pattern), pattern")?;
    let params = session.query("FROM new_param ORDER BY server, tool, pattern")?;
    let seen =
        Seen { flows: session.rows(sql::get("stages/observed_flow.sql"))?, verdicts: session.rows(sql::get("stages/latest_verdict.sql"))? };
    Ok((Catalogue::of(tools, fields, params), seen))
}
