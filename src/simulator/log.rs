//! What sessions asked for and how they were answered: rows of `sim_call`.

use serde::Serialize;
use serde_json::json;

use crate::error::Result;
use crate::lake::{Lake, Lineage, Output};

/// A row of `sim_call`.
#[derive(Debug, Clone, Serialize)]
pub struct SimCall {
    /// The session.
    pub session_id: String,
    /// Place in it.
    pub call_index: i64,
    /// Its task.
    pub task_id: Option<String>,
    /// Server asked for.
    pub server: String,
    /// Tool asked for.
    pub tool: String,
    /// Arguments in canonical JSON.
    pub arguments: String,
    /// How the reply came about.
    pub verdict: &'static str,
    /// Distance to the matched call.
    pub distance: Option<f64>,
    /// Episode of the matched call.
    pub matched_episode: Option<String>,
    /// Its index there.
    pub matched_call: Option<i64>,
    /// When it was asked.
    pub called_at: String,
}

/// Adds logged calls to the lake.
pub fn commit(lake: &Lake, calls: &[SimCall]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let session = lake.session()?;
    // A few thousand rows, beside what is served: one thread is enough, and more would each keep memory.
    session.execute("session settings", "SET threads = 1")?;
    session.put("sim_call", calls)?;
    let lineage = Lineage::of(&session, "serve", &[], json!({}), None);
    lake.commit(&session, lineage, &[Output::append("sim_call")])?;
    Ok(())
}
