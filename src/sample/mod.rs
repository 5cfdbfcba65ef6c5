//! Sampling: sub-DAGs of the tool graph that are worth exploring, drawn with a seed.

mod dag;
mod draw;

use std::collections::{BTreeSet, HashSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
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

#[derive(Debug, Serialize)]
struct DagRow {
    dag_id: String,
    shape: String,
    nodes: i64,
    links: i64,
    servers: i64,
    seed: i64,
    draw: i64,
}

#[derive(Debug, Serialize)]
struct NodeRow {
    dag_id: String,
    node: i64,
    server: String,
    tool: String,
}

#[derive(Debug, Deserialize)]
struct SurveyTool {
    server: String,
    tool: String,
    part: i64,
}

/// Adds one walk over the tools of each server, so that what each tool's results look like becomes known.
pub fn survey(lake: &Lake, seed: u64) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let tools: Vec<SurveyTool> = session.rows(sql::get("stages/survey.sql"))?;
    let known = known_ids(&session)?;
    let mut dags: Vec<Dag> = Vec::new();
    for group in tools.chunk_by(|a, b| (&a.server, a.part) == (&b.server, b.part)) {
        let nodes = group.iter().map(|t| (t.server.clone(), t.tool.clone())).collect();
        dags.push(Dag { nodes, links: Vec::new(), shape: "survey" });
    }
    dags.retain(|dag| !known.contains(&dag.id()));
    let snapshot = commit(lake, &session, &dags, seed, known.len(), json!({"survey": true}))?;
    Ok((snapshot, dags.len()))
}

fn known_ids(session: &Session) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Row {
        dag_id: String,
    }
    let rows: Vec<Row> = session.table("dag")?;
    Ok(rows.into_iter().map(|row| row.dag_id).collect())
}

fn commit(lake: &Lake, session: &Session, dags: &[Dag], seed: u64, offset: usize, parameters: serde_json::Value) -> Result<Snapshot> {
    let (mut rows, mut nodes) = (Vec::new(), Vec::new());
    for (index, dag) in dags.iter().enumerate() {
        let dag_id = dag.id();
        rows.push(DagRow {
            dag_id: dag_id.clone(),
            shape: dag.shape.into(),
            nodes: dag.nodes.len() as i64,
            links: 0,
            servers: dag.servers() as i64,
            seed: seed as i64,
            draw: (offset + index) as i64,
        });
        nodes.extend(dag.nodes.iter().enumerate().map(|(node, (server, tool))| NodeRow {
            dag_id: dag_id.clone(),
            node: node as i64,
            server: server.clone(),
            tool: tool.clone(),
        }));
    }
    session.put("dag", &rows)?;
    session.put("dag_node", &nodes)?;
    let lineage = Lineage::of(session, "sample", &[sql::get("stages/survey.sql")], parameters, Some(seed));
    lake.commit(session, lineage, &[Output::append("dag"), Output::append("dag_node")])
}
