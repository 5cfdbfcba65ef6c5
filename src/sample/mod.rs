//! Sampling: sub-DAGs of the tool graph that are worth exploring, drawn with a seed.

mod draw;
mod edge;

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::sql;
use crate::text::short_id;
pub use draw::{Dag, Link, Sampler};
pub use edge::Edge;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How many sub-DAGs.
    pub count: usize,
    /// Seed; the same seed on the same lake draws the same.
    pub seed: u64,
    /// Share of sub-DAGs that should cross servers (paper: 0.385).
    pub multi_server: f64,
    /// Most tools in one.
    pub max_nodes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { count: 100, seed: 7, multi_server: 0.385, max_nodes: 6 }
    }
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

#[derive(Debug, Serialize)]
struct LinkRow {
    dag_id: String,
    src_node: i64,
    src_field: String,
    dst_node: i64,
    dst_param: String,
}

/// Draws new sub-DAGs along edges of tier medium or better, and adds them to the lake. Sub-DAGs that the
/// lake has already are not drawn again; fewer than asked for come out where the graph holds no more.
pub fn sample(lake: &Lake, options: Options) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let edges = edge::load(&session)?;
    if edges.is_empty() {
        let hint = "build it with `firefly graph`".into();
        return Err(Error::Empty { what: "the tool graph has no edge of tier medium or better".into(), hint });
    }
    let known = known_ids(&session)?;
    let offset = known.len();
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed ^ (offset as u64) << 32);
    let dags = draw::Sampler::new(&edges, options).draw(&mut rng, known);
    let parameters = json!({"count": options.count, "multi_server": options.multi_server, "max_nodes": options.max_nodes});
    let snapshot = commit(lake, &session, &dags, options.seed, offset, parameters)?;
    Ok((snapshot, dags.len()))
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
    let (mut rows, mut nodes, mut links) = (Vec::new(), Vec::new(), Vec::new());
    for (index, dag) in dags.iter().enumerate() {
        let dag_id = dag.id();
        let servers: BTreeSet<_> = dag.nodes.iter().map(|(server, _)| server).collect();
        rows.push(DagRow {
            dag_id: dag_id.clone(),
            shape: dag.shape.into(),
            nodes: dag.nodes.len() as i64,
            links: dag.links.len() as i64,
            servers: servers.len() as i64,
            seed: seed as i64,
            draw: (offset + index) as i64,
        });
        nodes.extend(dag.nodes.iter().enumerate().map(|(node, (server, tool))| NodeRow {
            dag_id: dag_id.clone(),
            node: node as i64,
            server: server.clone(),
            tool: tool.clone(),
        }));
        links.extend(dag.links.iter().map(|link| LinkRow {
            dag_id: dag_id.clone(),
            src_node: link.src as i64,
            src_field: link.field.clone(),
            dst_node: link.dst as i64,
            dst_param: link.param.clone(),
        }));
    }
    session.put("dag", &rows)?;
    session.put("dag_node", &nodes)?;
    session.put("dag_link", &links)?;
    let lineage = Lineage::of(session, "sample", &[sql::get("stages/walkable_edge.sql")], parameters, Some(seed));
    lake.commit(session, lineage, &[Output::append("dag"), Output::append("dag_node"), Output::append("dag_link")])
}

impl Dag {
    /// Canonical hash: equal for sub-DAGs with the same tools and links, however they were drawn. A tool
    /// stands in a sub-DAG once, so that sorting its nodes and links by name is enough.
    pub fn id(&self) -> String {
        let name = |node: usize| format!("{}\u{1}{}", self.nodes[node].0, self.nodes[node].1);
        let mut parts: Vec<String> = (0..self.nodes.len()).map(name).collect();
        parts.sort();
        let mut links: Vec<String> =
            self.links.iter().map(|l| [name(l.src), l.field.clone(), name(l.dst), l.param.clone()].join("\u{2}")).collect();
        links.sort();
        parts.extend(links);
        short_id(&parts.iter().map(String::as_str).collect::<Vec<_>>())
    }
}
