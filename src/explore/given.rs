//! Walks whose calls are given: the sub-DAGs that they are, and the policy that makes them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::explore::plan::Plan;
use crate::explore::policy::{Choice, Origin, Policy, TakenFlow, Turn};
use crate::explore::{Options, Report, walk_all};
use crate::json::{leaves, members};
use crate::lake::{Lake, Lineage, Output, Session};
use crate::mcp::ServerConfig;
use crate::sql::{self, SqlFile};

/// A call that is to be made.
#[derive(Debug, Clone, Default)]
pub struct GivenCall {
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// Values that are to come from earlier calls' results, where those hold news at that place.
    pub flows: Vec<GivenFlow>,
}

/// A value's way between two calls of a walk.
#[derive(Debug, Clone)]
pub struct GivenFlow {
    /// Place of the call whose result holds it.
    pub src: usize,
    /// Where in that result.
    pub src_pointer: String,
    /// Where in the arguments.
    pub dst_pointer: String,
}

/// The calls of each sub-DAG, by node.
pub type GivenCalls = HashMap<String, Vec<GivenCall>>;

/// What tells walks of one purpose from others.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// Shape of their sub-DAGs.
    pub shape: &'static str,
    /// Name of the policy.
    pub policy: &'static str,
    /// Whether each write is left out once.
    pub ablates: bool,
}

/// Adds the plans to the lake's sub-DAGs, as many as may be walked, and makes their calls; `file` decided on them. What was done.
pub async fn walk(
    lake: &Lake,
    session: Session,
    purpose: Purpose,
    (mut plans, calls): (Vec<Plan>, GivenCalls),
    configs: &[ServerConfig],
    options: &Options,
    file: SqlFile,
) -> Result<Report> {
    plans.truncate(options.episodes);
    if plans.is_empty() {
        return Ok(Report::default());
    }
    draw(lake, &session, purpose, &plans, options.seed, file)?;
    drop(session);
    let calls = Arc::new(calls);
    let make = |_: &_| Box::new(Given { purpose, calls: calls.clone() }) as Box<_>;
    walk_all(lake, &plans, configs, options, &make).await
}

/// Gives each node of its plans the one call that is to be made.
struct Given {
    purpose: Purpose,
    calls: Arc<GivenCalls>,
}

impl Policy for Given {
    fn name(&self) -> &'static str {
        self.purpose.policy
    }

    fn ablates(&self) -> bool {
        self.purpose.ablates
    }

    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<Option<Choice>>> {
        let wanted = (turn.attempt == 0 && turn.variation == 0).then(|| self.calls.get(&turn.plan.dag_id)?.get(turn.place));
        let choice = wanted.flatten().map(|call| fill(call, &turn));
        Box::pin(async move { Ok(choice) })
    }
}

fn fill(call: &GivenCall, turn: &Turn<'_>) -> Choice {
    let mut arguments = Value::Object(call.arguments.clone());
    let mut flows = Vec::new();
    for flow in &call.flows {
        let past = turn.history.iter().rev().find(|past| past.node == flow.src && past.error.is_none());
        let found = past.and_then(|past| Some((past, past.news.iter().find(|(leaf, _)| leaf.pointer == flow.src_pointer)?)));
        if let (Some((past, (leaf, _))), Some(slot)) = (found, arguments.pointer_mut(&flow.dst_pointer)) {
            // A number where the tool takes its digits as a text.
            *slot = if slot.is_string() && !leaf.value.is_string() { leaf.text().into() } else { leaf.value.clone() };
            let (src_pointer, dst_pointer) = (flow.src_pointer.clone(), flow.dst_pointer.clone());
            flows.push(TakenFlow { src_call: past.call_index, src_pointer, dst_pointer });
        }
    }
    let given = leaves(&arguments).into_iter().filter(|leaf| !flows.iter().any(|f| f.dst_pointer == leaf.pointer));
    let origins = given.map(|leaf| (leaf.pointer, Origin::Given)).collect();
    Choice { arguments: members(&arguments), flows, origins, repaired: false }
}

#[derive(Deserialize)]
struct Known {
    dag_id: String,
}

#[derive(Serialize)]
struct DagRow<'a> {
    dag_id: &'a str,
    shape: &'a str,
    nodes: i64,
    links: i64,
    servers: i64,
    seed: i64,
    draw: i64,
}

#[derive(Serialize)]
struct NodeRow<'a> {
    dag_id: &'a str,
    node: i64,
    server: &'a str,
    tool: &'a str,
}

/// The ids of the sub-DAGs that `policy` has walked.
pub fn walked(session: &Session, policy: &str) -> Result<BTreeSet<String>> {
    session.set("policy", policy)?;
    Ok(ids(session.rows(sql::get("stages/walked_dag.sql"))?))
}

fn ids(rows: Vec<Known>) -> BTreeSet<String> {
    rows.into_iter().map(|row| row.dag_id).collect()
}

/// Adds those of `plans` that the lake has not to its sub-DAGs.
fn draw(lake: &Lake, session: &Session, purpose: Purpose, plans: &[Plan], seed: u64, file: SqlFile) -> Result<()> {
    let Purpose { shape, policy, .. } = purpose;
    let known = ids(session.table("dag")?);
    let fresh: Vec<(usize, &Plan)> = plans.iter().enumerate().filter(|(_, plan)| !known.contains(&plan.dag_id)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let mut dags = Vec::new();
    let mut nodes = Vec::new();
    for (place, plan) in fresh {
        let dag_id = plan.dag_id.as_str();
        let (count, servers) = (plan.nodes.len() as i64, plan.servers().len() as i64);
        dags.push(DagRow { dag_id, shape, nodes: count, links: 0, servers, seed: seed as i64, draw: place as i64 });
        nodes.extend(plan.nodes.iter().enumerate().map(|(node, n)| NodeRow {
            dag_id,
            node: node as i64,
            server: &n.server,
            tool: &n.tool,
        }));
    }
    session.put("dag", &dags)?;
    session.put("dag_node", &nodes)?;
    let lineage = Lineage::of(session, "explore", &[file], json!({"policy": policy}), Some(seed));
    lake.commit(session, lineage, &["dag", "dag_node"].map(Output::append))?;
    Ok(())
}
