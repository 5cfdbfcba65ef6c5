//! Sampling: sub-DAGs of the tool graph that are worth exploring, drawn with a seed.

mod dag;
mod draw;
mod walk;

pub use walk::{COVER, cover, mixed, survey};

use std::collections::HashSet;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::sql;
pub use dag::{Dag, Link};
pub use draw::{Drawn, Sampler};

/// An edge as sampling walks it.
#[derive(Debug, Clone)]
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
    /// Chance that a value flows, 0 to 1.
    pub score: f64,
    /// Whether it is of tier high.
    pub high: bool,
    /// Whether the tool that takes the value is taken to leave its server's state as it is.
    pub dst_reads: bool,
}

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many sub-DAGs.
    pub count: usize,
    /// Seed; the same seed on the same lake draws the same.
    pub seed: u64,
    /// Share of sub-DAGs that should cross servers (paper: 0.385).
    pub multi_server: f64,
    /// Most tools in one, up to 10.
    pub max_nodes: usize,
    /// Most of all drawn tools that one server may have; where there are few servers, each may have twice its even
    /// share.
    pub max_share: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { count: 100, seed: 7, multi_server: 0.385, max_nodes: 6, max_share: 0.05 }
    }
}

/// What was drawn.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// New sub-DAGs.
    pub drawn: usize,
    /// Turns that gave none; `gate` has a row for each reason.
    pub rejected: usize,
}

/// Draws sub-DAGs of `edges` whose ids are not `known`.
pub fn draw(edges: &[Edge], known: HashSet<String>, options: Options) -> Drawn {
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed ^ (known.len() as u64) << 32);
    Sampler::new(edges, options).draw(&mut rng, known)
}

/// Draws new sub-DAGs along walkable edges and adds them to the lake: what the query
/// `FROM sample_dags(seed := …, n := …)` gives. Sub-DAGs that the lake has already are not drawn again; fewer than
/// asked for come out where the graph holds no more.
pub fn sample(lake: &Lake, options: Options) -> Result<(Snapshot, Report)> {
    let session = lake.session()?;
    if session.count("SELECT count(*) FROM walkable_edge")? == 0 {
        let hint = "build it with `firefly graph`; results have to be known first: `firefly sample --survey` and `firefly explore`".into();
        return Err(Error::Empty { what: "the tool graph has no edge worth walking".into(), hint });
    }
    session.set("seed", options.seed as i64)?;
    session.set("n", options.count as i64)?;
    session.set("multi_server", options.multi_server)?;
    session.set("max_nodes", options.max_nodes as i64)?;
    session.set("max_share", options.max_share)?;
    let stages = ["drawn", "new_dag", "new_dag_node", "new_dag_link"].map(|name| (name, sql::get(&format!("stages/{name}.sql"))));
    for (name, file) in stages {
        session.stage(name, file)?;
    }
    let rejected = sql::get("stages/rejected_draw.sql");
    session.stage("new_gate", rejected)?;
    let parameters = json!({
        "count": options.count, "multi_server": options.multi_server, "max_nodes": options.max_nodes, "max_share": options.max_share,
    });
    let mut files: Vec<_> = stages.iter().map(|(_, file)| *file).collect();
    files.extend([rejected, sql::get("macros/drawn_dags.sql"), sql::get("views/walkable_edge.sql")]);
    let report = Report {
        drawn: session.count("SELECT count(*) FROM new_dag")? as usize,
        rejected: session.count("SELECT coalesce(sum(turns), 0) FROM drawn WHERE rejected IS NOT NULL")? as usize,
    };
    let lineage = Lineage::of(&session, "sample", &files, parameters, Some(options.seed));
    let outputs = ["dag", "dag_node", "dag_link", "gate"].map(Output::append);
    Ok((lake.commit(&session, lineage, &outputs)?, report))
}
