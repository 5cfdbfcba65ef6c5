//! Walks over the tools of one server, without links: to see what each tool's results look like, and to reach the
//! tools that have no success yet.

use std::collections::BTreeSet;

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
