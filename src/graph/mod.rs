//! The tool graph: which output field of which tool can feed which parameter of which other, and why. SQL reads what
//! tools give and take (`stages/field.sql`, `stages/param.sql`); the kernel here scores pairs of them.

#[cfg(feature = "embedder")]
mod embed;
mod evidence;
mod fit;
mod judge;
mod lexicon;
mod measure;
mod read;
mod rows;
mod search;
mod side;
mod truth;
mod update;
pub mod view;
mod weights;

#[cfg(not(feature = "embedder"))]
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::commit::{Mode, Output};
use crate::lake::{Lake, Lineage, Session, Snapshot, schema};
pub use evidence::{Evidence, KINDS};
pub use judge::{Report as Judged, judge};
pub use measure::{Fitted, Measure, measure};
pub use search::Reach;
pub use side::Catalogue;
pub use weights::{Model, Weights};

/// How the graph is built.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether everything is redone, also where nothing changed.
    pub full: bool,
    /// Which pairs are scored.
    pub reach: Reach,
    /// Folder of a sentence embedder, for the evidence by text.
    pub embedder: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Options { full: false, reach: Reach::Related, embedder: None }
    }
}

/// What was done.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Tools in the lake.
    pub tools: usize,
    /// Tools whose incoming edges were made anew.
    pub redone: usize,
    /// Edges in all.
    pub edges: u64,
}

/// Brings the graph up to date with tools and recorded calls. What a tool's results and arguments are judged by is
/// hashed (`graph_input`): incoming edges are redone for tools that changed, or that gain or lose an edge from a tool
/// that changed, and kept for all others. The result is that of a full rebuild.
pub fn build(lake: &Lake, options: Options) -> Result<(Snapshot, Report)> {
    let mut session = lake.session()?;
    if session.table_rows("tool") == 0 {
        let hint = "bring some in with `firefly ingest mcp --config FILE`".into();
        return Err(Error::Empty { what: "the lake has no tools".into(), hint });
    }
    let weights = Weights::current();
    let (mut catalogue, seen) = read::read(&session)?;
    let mut version = weights.version();
    if let Some(dir) = &options.embedder {
        version = format!("{version} {}", embed(lake, &mut catalogue, dir)?);
        // New embeddings are a snapshot of their own.
        session = lake.session()?;
    }
    let observed = rows::Observed::of(&catalogue, &seen);
    let inputs = update::inputs(&catalogue, &observed, &version, options.reach);
    let redo = update::redo(&session, &catalogue, weights, &inputs, &options)?;
    let dsts: Vec<u32> = redo.iter().enumerate().filter(|(_, redo)| **redo).map(|(index, _)| index as u32).collect();

    let bar = crate::progress::bar("graph", dsts.len());
    let mut found = search::edges(&catalogue, weights, &dsts, options.reach, &|done| bar.inc(done))?;
    bar.finish_and_clear();
    rows::add_observed(&catalogue, weights, &observed, &redo, &mut found);

    let lineage = Lineage::of(&session, "graph", &read::files(), json!({"model": version, "redone": dsts.len()}), None);
    let segments = rows::write(lake.root(), &lineage, &catalogue, weights, &observed, &mut found)?;
    let kept = update::keep(&session, &catalogue, &redo)?;
    let edges = kept + found.len() as u64;
    session.put("graph_input", &inputs)?;
    let mut commit = lake.begin(&session, lineage);
    let table = schema::table("edge").expect("`edge` is a table of schemas/");
    commit.replace(table, segments);
    if kept > 0 {
        commit.add(&Output { table: "edge", relation: update::KEPT.into(), mode: Mode::Replace })?;
    }
    commit.add(&Output::replace("graph_input"))?;
    let report = Report { tools: catalogue.tools.len(), redone: dsts.len(), edges };
    Ok((commit.finish()?, report))
}

#[cfg(feature = "embedder")]
use embed::embed;

/// This firefly was built without candle.
#[cfg(not(feature = "embedder"))]
fn embed(_: &Lake, _: &mut Catalogue, _: &Path) -> Result<String> {
    Err(Error::Usage("this firefly was built without sentence embeddings; build it with `cargo build --features embedder`".into()))
}

/// The edges of a session's snapshot as `build` would make them, in memory: their number.
pub fn draft(session: &Session, reach: Reach) -> Result<usize> {
    let (catalogue, _) = read::read(session)?;
    let all: Vec<u32> = (0..catalogue.tools.len() as u32).collect();
    search::edges(&catalogue, Weights::current(), &all, reach, &|_| ()).map(|found| found.len())
}
