//! The graph to look at: as rows, as a Graphviz graph, as a page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::Session;
use crate::sql;

/// Which of a tool's edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Side {
    /// Those into it.
    In,
    /// Those out of it.
    Out,
}

/// What to show.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// A tool, as `SERVER/TOOL` or by a name that only one server has; all tools where there is none.
    pub tool: Option<String>,
    /// Only edges of one side.
    pub side: Option<Side>,
    /// Also edges of tier low.
    pub low: bool,
    /// Most edges, best first.
    pub limit: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Edge {
    src: String,
    src_field: String,
    dst: String,
    dst_param: String,
    tier: String,
    score: f64,
    flows: i64,
    name: f64,
    mention: f64,
    text: f64,
    parameter: f64,
    entity: f64,
    #[serde(rename = "type")]
    kind: f64,
    server: f64,
    source: String,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
    description: Option<String>,
}

fn set(session: &Session, wanted: &Wanted) -> Result<()> {
    if session.table_rows("edge") == 0 {
        return Err(Error::Empty { what: "the lake has no tool graph".into(), hint: "build it with `firefly graph`".into() });
    }
    session.set("low", wanted.low)?;
    session.set("limit", wanted.limit.min(i64::MAX as u64) as i64)?;
    session.set(
        "side",
        match wanted.side {
            Some(Side::In) => "in",
            Some(Side::Out) => "out",
            None => "both",
        },
    )?;
    let tool = wanted.tool.as_deref().map(|tool| resolve(session, tool)).transpose()?;
    session.set("tool", tool)
}

/// The tool that a person means, as `SERVER/TOOL`.
fn resolve(session: &Session, asked: &str) -> Result<String> {
    let tools = tools(session)?;
    if tools.contains_key(asked) {
        return Ok(asked.to_owned());
    }
    let called: Vec<&String> = tools.keys().filter(|name| name.split_once('/').is_some_and(|(_, tool)| tool == asked)).collect();
    match called.as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let lower = asked.to_lowercase();
            let alike: Vec<&str> = tools.keys().filter(|n| n.to_lowercase().contains(&lower)).take(5).map(String::as_str).collect();
            let hint = if alike.is_empty() { String::new() } else { format!("; there are {}", alike.join(", ")) };
            Err(Error::Usage(format!("the lake has no tool `{asked}`{hint}")))
        }
        several => {
            let names: Vec<&str> = several.iter().take(8).map(|n| n.as_str()).collect();
            Err(Error::Usage(format!("several servers have a tool `{asked}`: {}", names.join(", "))))
        }
    }
}

fn tools(session: &Session) -> Result<BTreeMap<String, String>> {
    let rows: Vec<Named> = session.query("SELECT server || '/' || tool AS name, description FROM tool")?;
    Ok(rows.into_iter().map(|row| (row.name, row.description.unwrap_or_default())).collect())
}

/// The edges as rows, best first.
pub fn table(session: &Session, wanted: &Wanted) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    set(session, wanted)?;
    session.batches(sql::get("graph/neighbour.sql").text)
}

fn edges(session: &Session, wanted: &Wanted) -> Result<Vec<Edge>> {
    set(session, wanted)?;
    session.rows(sql::get("graph/neighbour.sql"))
}

/// The edges as a Graphviz graph: a cluster a server, a line a pair of tools.
pub fn dot(session: &Session, wanted: &Wanted) -> Result<String> {
    let edges = edges(session, wanted)?;
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut servers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in edges.iter().flat_map(|e| [&e.src, &e.dst]) {
        servers.entry(name.split('/').next().unwrap_or_default()).or_default().insert(name);
    }
    let mut out = String::from("digraph tools {\n  rankdir=LR; node [shape=box, style=rounded];\n");
    for (number, (server, names)) in servers.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{number} {{ label={};", quote(server));
        for name in names {
            let _ = writeln!(out, "    {} [label={}];", quote(name), quote(name.split_once('/').map_or(*name, |(_, tool)| tool)));
        }
        out.push_str("  }\n");
    }
    for e in &edges {
        let style = if e.tier == "high" { "solid" } else { "dashed" };
        let label = format!("{} → {} ({:.2})", e.src_field.trim_start_matches('/'), e.dst_param, e.score);
        let _ = writeln!(out, "  {} -> {} [style={style}, label={}];", quote(&e.src), quote(&e.dst), quote(&label));
    }
    out.push_str("}\n");
    Ok(out)
}

const PAGE: &str = include_str!("../../assets/graph.html");
const LIBRARY: &str = include_str!("../../assets/cytoscape.min.js");

/// The edges as one self-contained page.
pub fn html(session: &Session, wanted: &Wanted) -> Result<String> {
    let edges = edges(session, wanted)?;
    let all = session.count("SELECT count(*) FROM edge")?;
    let about = tools(session)?;
    let shown: BTreeSet<&str> = edges.iter().flat_map(|e| [e.src.as_str(), e.dst.as_str()]).collect();
    let nodes: Vec<_> = shown.iter().map(|name| json!({"id": name, "about": about.get(*name)})).collect();
    let data = json!({"nodes": nodes, "edges": edges, "all": all, "snapshot": session.snapshot().id});
    // A description must not end the script it stands in.
    let data = data.to_string().replace('<', "\\u003c");
    let (head, rest) = PAGE.split_once("/*LIBRARY*/").unwrap_or((PAGE, ""));
    let (middle, tail) = rest.split_once("/*DATA*/").unwrap_or((rest, ""));
    Ok([head, LIBRARY, middle, &data, tail].concat())
}
