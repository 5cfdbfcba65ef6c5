//! Verification: every gate of `sql/gates`, and the proofs that need the simulator and the reward to run.

pub mod live;
mod proof;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::json::parse;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::provenance::Field;
use crate::simulator::RecordedWorld;
use crate::sql;

/// A row of `gate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GateRow {
    /// The task.
    pub task_id: String,
    /// The gate.
    pub gate: String,
    /// Whether it passed.
    pub passed: bool,
    /// Why not.
    pub reason: Option<String>,
}

/// A task as the proofs see it.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its id.
    pub task_id: String,
    /// The label.
    pub answer: Value,
    /// JSON Schema of the answer: how each field is compared.
    pub answer_schema: Value,
    /// Calls that lead to it.
    pub gold_calls: Vec<Value>,
    /// Where each answer field is read from.
    pub fields: Vec<Field>,
}

#[derive(Deserialize)]
struct TaskRow {
    task_id: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
}

/// What verification found.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Report {
    /// Tasks looked at.
    pub tasks: usize,
    /// Tasks that passed every gate.
    pub passed: usize,
}

/// Puts every task through every gate. The rows of `gate` are made anew; no task is deleted.
pub fn verify(lake: &Lake) -> Result<(Snapshot, Report)> {
    let session = lake.session()?;
    session.keep("seen_leaf")?;
    session.keep("volatile_field")?;
    session.keep("steady_form")?;
    session.keep("ablated_call")?;
    session.keep("gold_call")?;
    session.keep("answer_field")?;
    let tasks = load(&session)?;
    if tasks.is_empty() {
        return Err(Error::Empty { what: "the lake has no tasks".into(), hint: "write some with `firefly synthesize`".into() });
    }
    let world = Arc::new(RecordedWorld::load(&session)?);
    let mut rows = proof::run(&tasks, &world);
    let gates = sql::list("gates");
    for gate in &gates {
        #[derive(Deserialize)]
        struct Row {
            task_id: String,
            passed: bool,
            reason: Option<String>,
        }
        let name = gate.name().to_owned();
        let found: Vec<Row> = session.rows(*gate)?;
        // A gate that says nothing of a task would let it pass.
        let judged: BTreeSet<&str> = found.iter().map(|r| r.task_id.as_str()).collect();
        if found.len() != tasks.len() || tasks.iter().any(|t| !judged.contains(t.task_id.as_str())) {
            return Err(Error::Query(format!("sql/{}: gives {} rows for {} tasks, not one each", gate.path, found.len(), tasks.len())));
        }
        rows.extend(found.into_iter().map(|r| GateRow { task_id: r.task_id, gate: name.clone(), passed: r.passed, reason: r.reason }));
    }
    // What sampling rejected is no task's, and what was found live stays found: both are asked of the world, not of the lake.
    rows.extend(session.rows::<GateRow>(sql::get("stages/kept_gate.sql"))?);
    let failed = rows.iter().filter(|r| !r.passed && r.gate != "sample").map(|r| r.task_id.as_str()).collect::<BTreeSet<_>>().len();
    session.put("gate", &rows)?;
    let lineage = Lineage::of(&session, "verify", &gates, json!({}), None);
    let snapshot = lake.commit(&session, lineage, &[Output::replace("gate")])?;
    Ok((snapshot, Report { tasks: tasks.len(), passed: tasks.len() - failed }))
}

pub(crate) fn load(session: &crate::lake::Session) -> Result<Vec<Task>> {
    let rows: Vec<TaskRow> = session.table("task")?;
    let fields: Vec<Field> = session.table("provenance")?;
    let make = |row: TaskRow| {
        let first = fields.partition_point(|f| f.task_id < row.task_id);
        Task {
            answer: parse(&row.answer),
            answer_schema: parse(&row.answer_schema),
            gold_calls: parse(&row.gold_calls).as_array().cloned().unwrap_or_default(),
            fields: fields[first..].iter().take_while(|f| f.task_id == row.task_id).cloned().collect(),
            task_id: row.task_id,
        }
    };
    Ok(rows.into_iter().map(make).collect())
}
