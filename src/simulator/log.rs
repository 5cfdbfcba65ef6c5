//! What sessions asked for and how they were answered: rows of `sim_call`.

use serde::Serialize;
use serde_json::json;

use crate::error::Result;
use crate::lake::columns::{Cell, Columns};
use crate::lake::gathered::Gathered;
use crate::lake::{Lake, Lineage, schema, segment};

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
    /// When it was asked: microseconds since the epoch.
    #[serde(serialize_with = "as_time")]
    pub called_at: i64,
}

fn as_time<S: serde::Serializer>(called_at: &i64, to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_str(&chrono::DateTime::from_timestamp_micros(*called_at).unwrap_or_default().naive_utc())
}

impl SimCall {
    fn add_to(&self, rows: &mut Columns) {
        rows.push(&[
            Cell::Text(&self.session_id),
            Cell::Int(self.call_index),
            self.task_id.as_deref().into(),
            Cell::Text(&self.server),
            Cell::Text(&self.tool),
            Cell::Text(&self.arguments),
            Cell::Text(self.verdict),
            self.distance.map_or(Cell::Null, Cell::Real),
            self.matched_episode.as_deref().into(),
            self.matched_call.map_or(Cell::Null, Cell::Int),
            Cell::Time(self.called_at),
        ]);
    }
}

/// Adds logged calls to the lake.
pub fn commit(lake: &Lake, calls: &[SimCall]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let session = lake.session()?;
    // Beside what is served: rows that are in hand need no database, and one thread is enough, since more would each keep memory.
    session.execute("session settings", "SET threads = 1")?;
    let table = schema::table("sim_call").expect("`sim_call` is a table of schemas/");
    let mut rows = Columns::new(&table.name);
    calls.iter().for_each(|call| call.add_to(&mut rows));
    let lineage = Lineage::of(&session, "serve", &[], json!({}), None);
    let rows = Gathered::of(rows)?;
    let segment = segment::write_rows(lake.root(), &lineage, &rows)?;
    let mut commit = lake.begin(&session, lineage);
    commit.add_segment(table, segment);
    commit.finish()?;
    Ok(())
}
