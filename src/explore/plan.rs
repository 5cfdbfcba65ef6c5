//! What is to be explored: the sub-DAGs that have no episode yet, with the schemas of their tools.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::error::Result;
use crate::json::parse;
use crate::lake::Session;
use crate::mcp::may_share;
use crate::sql;
use crate::state::takes_path;

/// One sub-DAG to walk.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The sub-DAG.
    pub dag_id: String,
    /// Its tools in topological order.
    pub nodes: Vec<Node>,
    /// What should flow.
    pub links: Vec<PlannedLink>,
}

/// One tool of a plan.
#[derive(Debug, Clone)]
pub struct Node {
    /// Server of the tool.
    pub server: String,
    /// The tool.
    pub tool: String,
    /// What it says of itself.
    pub description: String,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
    /// Whether its calls are taken to leave the server's state as it is.
    pub reads: bool,
}

/// A link of a plan.
#[derive(Debug, Clone)]
pub struct PlannedLink {
    /// Node whose result is read.
    pub src: usize,
    /// Field pattern in its result.
    pub field: String,
    /// Node that takes the value.
    pub dst: usize,
    /// Parameter that takes it.
    pub param: String,
}

#[derive(Deserialize)]
struct ToolRow {
    server: String,
    tool: String,
    description: Option<String>,
    input_schema: String,
    reads: bool,
}

impl From<ToolRow> for Node {
    fn from(row: ToolRow) -> Node {
        Node {
            server: row.server,
            tool: row.tool,
            description: row.description.unwrap_or_default(),
            input_schema: parse(&row.input_schema),
            reads: row.reads,
        }
    }
}

#[derive(Deserialize)]
struct NodeRow {
    dag_id: String,
    #[serde(flatten)]
    tool: ToolRow,
}

#[derive(Deserialize)]
struct LinkRow {
    dag_id: String,
    src_node: usize,
    src_field: String,
    dst_node: usize,
    dst_param: String,
}

/// The plans without an episode of policy `policy` that need only `servers` (and are of the shape named), in the order of drawing, at
/// most `limit`.
pub fn load(session: &Session, policy: &str, shape: Option<&str>, servers: &BTreeSet<&str>, limit: usize) -> Result<Vec<Plan>> {
    session.set("policy", policy)?;
    session.set("shape", shape)?;
    let nodes: Vec<NodeRow> = session.rows(sql::get("stages/plan_node.sql"))?;
    let links: Vec<LinkRow> = session.table("dag_link")?;
    let mut by_dag: BTreeMap<&str, Vec<PlannedLink>> = BTreeMap::new();
    for l in &links {
        let link = PlannedLink { src: l.src_node, field: l.src_field.clone(), dst: l.dst_node, param: l.dst_param.clone() };
        by_dag.entry(&l.dag_id).or_default().push(link);
    }
    let mut plans: Vec<Plan> = Vec::new();
    for row in nodes {
        if plans.last().is_none_or(|plan| plan.dag_id != row.dag_id) {
            let links = by_dag.get(row.dag_id.as_str()).cloned().unwrap_or_default();
            plans.push(Plan { dag_id: row.dag_id, nodes: Vec::new(), links });
        }
        if let Some(plan) = plans.last_mut() {
            plan.nodes.push(row.tool.into());
        }
    }
    plans.retain(|plan| plan.servers().iter().all(|name| servers.contains(name)));
    plans.truncate(limit);
    Ok(plans)
}

/// All tools of the lake, as nodes.
pub fn tools(session: &Session) -> Result<HashMap<(String, String), Node>> {
    let rows: Vec<ToolRow> = session.rows(sql::get("stages/sim_tool.sql"))?;
    Ok(rows.into_iter().map(|row| ((row.server.clone(), row.tool.clone()), row.into())).collect())
}

impl Plan {
    /// Whether `server` may be a process that other episodes use too: nothing is written to it, and no file
    /// that another server writes is read by it.
    pub fn may_share(&self, server: &str) -> bool {
        may_share(server, self.nodes.iter().map(|n| (n.server.as_str(), n.reads, takes_path(&n.input_schema))))
    }

    /// The servers it needs, sorted.
    pub fn servers(&self) -> BTreeSet<&str> {
        self.nodes.iter().map(|n| n.server.as_str()).collect()
    }
}
