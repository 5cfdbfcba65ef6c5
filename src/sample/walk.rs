//! Walks without links: over the tools of one server, to see what each tool's results look like and to reach the tools that have no
//! success yet; and over tools of many servers, from which tasks with several requests are written.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::Result;
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::sample::Dag;
use crate::sql::{self, SqlFile};
use crate::text::short_id;

/// Shape of walks over tools without a success.
pub const COVER: &str = "cover";
/// Most tools of one such walk that are still to be reached.
const PART: usize = 40;

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

#[derive(Debug, Deserialize)]
struct CoverTool {
    server: String,
    tool: String,
    prepares: bool,
}

#[derive(Debug, Deserialize)]
struct MixedTool {
    server: String,
    tool: String,
    required: i64,
}

/// Adds one walk over the tools of each server, so that what each tool's results look like becomes known.
pub fn survey(lake: &Lake, seed: u64) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let file = sql::get("stages/survey.sql");
    let tools: Vec<SurveyTool> = session.rows(file)?;
    let known = known_ids(&session)?;
    let mut dags: Vec<(String, Dag)> = Vec::new();
    for group in tools.chunk_by(|a, b| (&a.server, a.part) == (&b.server, b.part)) {
        let nodes = group.iter().map(|t| (t.server.clone(), t.tool.clone())).collect();
        let dag = Dag { nodes, links: Vec::new(), shape: "survey" };
        dags.push((dag.id(), dag));
    }
    dags.retain(|(id, _)| !known.contains(id));
    let snapshot = commit(lake, &session, &dags, seed, known.len(), file, json!({"survey": true}))?;
    Ok((snapshot, dags.len()))
}

/// Adds walks over the tools that have no success yet, each after tools of its server that may prepare for them. Drawn
/// anew each time: what is known by then is more.
pub fn cover(lake: &Lake, seed: u64) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let file = sql::get("stages/cover.sql");
    let tools: Vec<CoverTool> = session.rows(file)?;
    let known = known_ids(&session)?;
    let mut dags: Vec<(String, Dag)> = Vec::new();
    for group in tools.chunk_by(|a, b| a.server == b.server) {
        let (first, wanted): (Vec<_>, Vec<_>) = group.iter().partition(|t| t.prepares);
        for part in wanted.chunks(PART) {
            let nodes = first.iter().chain(part).map(|t| (t.server.clone(), t.tool.clone())).collect();
            let dag = Dag { nodes, links: Vec::new(), shape: COVER };
            dags.push((short_id(&[&dag.id(), &known.len().to_string()]), dag));
        }
    }
    let snapshot = commit(lake, &session, &dags, seed, known.len(), file, json!({"cover": true}))?;
    Ok((snapshot, dags.len()))
}

/// Shape of walks over tools of many servers.
const MIXED: &str = "mixed";
/// Most servers of one such walk, and most tools of each.
const MIXED_SIZE: (usize, usize) = (8, 5);
/// Tools of a server for which it has one more place in a turn, and the most places it has.
const TOOLS_A_PLACE: usize = 40;
const MOST_PLACES: usize = 4;

/// Adds `count` walks over tools that are known to work, in turns over all servers: what people ask for at once is seldom of one.
pub fn mixed(lake: &Lake, seed: u64, count: usize) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    session.set("seed", seed.to_string())?;
    let file = sql::get("stages/mixed_tool.sql");
    let tools: Vec<MixedTool> = session.rows(file)?;
    let known = known_ids(&session)?;
    let mut servers: BTreeMap<&str, Vec<&MixedTool>> = BTreeMap::new();
    tools.iter().for_each(|t| servers.entry(t.server.as_str()).or_default().push(t));
    let mut dags: Vec<(String, Dag)> = Vec::new();
    if servers.len() >= 2 {
        let mut turns = Turns::new(servers.into_values().collect(), ChaCha8Rng::seed_from_u64(seed ^ known.len() as u64));
        for walk in 0..count {
            let mut nodes = turns.walk();
            // What needs nothing may give what others need.
            nodes.sort_by_key(|t| t.required);
            let nodes = nodes.into_iter().map(|t| (t.server.clone(), t.tool.clone())).collect();
            let dag = Dag { nodes, links: Vec::new(), shape: MIXED };
            dags.push((short_id(&[&dag.id(), &(known.len() + walk).to_string()]), dag));
        }
    }
    let snapshot = commit(lake, &session, &dags, seed, known.len(), file, json!({"mixed": count}))?;
    Ok((snapshot, dags.len()))
}

/// Servers in turns, each with its tools in turns.
struct Turns<'a> {
    servers: Vec<(Vec<&'a MixedTool>, usize)>,
    waiting: Vec<usize>,
    rng: ChaCha8Rng,
}

impl<'a> Turns<'a> {
    fn new(servers: Vec<Vec<&'a MixedTool>>, rng: ChaCha8Rng) -> Self {
        Turns { servers: servers.into_iter().map(|tools| (tools, 0)).collect(), waiting: Vec::new(), rng }
    }

    /// The server whose turn it is.
    fn server(&mut self) -> Option<usize> {
        if self.waiting.is_empty() {
            let places = |tools: usize| (1 + tools / TOOLS_A_PLACE).min(MOST_PLACES);
            let servers = self.servers.iter().enumerate();
            self.waiting = servers.flat_map(|(at, (tools, _))| std::iter::repeat_n(at, places(tools.len()))).collect();
            self.waiting.shuffle(&mut self.rng);
        }
        self.waiting.pop()
    }

    /// The tools of one walk, each once: some of each of the servers whose turn it is.
    fn walk(&mut self) -> Vec<&'a MixedTool> {
        let mut out: Vec<&MixedTool> = Vec::new();
        let mut here: Vec<usize> = Vec::new();
        let wanted = MIXED_SIZE.0.min(self.servers.len());
        while here.len() < wanted {
            let Some(at) = self.server() else { break };
            if here.contains(&at) {
                continue;
            }
            here.push(at);
            let (tools, next) = &mut self.servers[at];
            let some = tools.len().min(MIXED_SIZE.1);
            out.extend((0..some).map(|n| tools[(*next + n) % tools.len()]));
            *next += some;
        }
        out
    }
}

fn known_ids(session: &Session) -> Result<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Row {
        dag_id: String,
    }
    let rows: Vec<Row> = session.table("dag")?;
    Ok(rows.into_iter().map(|row| row.dag_id).collect())
}

fn commit(
    lake: &Lake,
    session: &Session,
    dags: &[(String, Dag)],
    seed: u64,
    offset: usize,
    file: SqlFile,
    parameters: serde_json::Value,
) -> Result<Snapshot> {
    let (mut rows, mut nodes) = (Vec::new(), Vec::new());
    for (index, (dag_id, dag)) in dags.iter().enumerate() {
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
    let lineage = Lineage::of(session, "sample", &[file], parameters, Some(seed));
    lake.commit(session, lineage, &[Output::append("dag"), Output::append("dag_node")])
}
