//! What a session is offered: a task's tools, or all tools of the snapshot.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::json::parse;
use crate::lake;
use crate::simulator::RecordedWorld;

/// What a session is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The recorded world that answers.
    pub world: Arc<RecordedWorld>,
    /// The task, where it is for one.
    pub task: Option<Arc<ServedTask>>,
    /// Server and tool of each tool offered.
    pub tools: Vec<(String, String)>,
}

/// A task as a session knows it.
#[derive(Debug)]
pub struct ServedTask {
    /// Its id.
    pub task_id: String,
    /// The question.
    pub question: String,
    /// The label; it never leaves the server.
    pub answer: Value,
    /// JSON Schema of the answer.
    pub answer_schema: Value,
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    question: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
}

impl Offer {
    /// The tools of the task `task_id` (all tools of its servers that a gold call uses), or all tools.
    pub fn load(session: &lake::Session, task_id: Option<&str>) -> Result<Offer> {
        let world = Arc::new(RecordedWorld::load(session)?);
        let Some(task_id) = task_id else {
            let tools = world.tools().map(|t| (t.server.clone(), t.tool.clone())).collect();
            return Ok(Offer { world, task: None, tools });
        };
        session.set("task_id", task_id)?;
        let rows: Vec<Row> = session.rows(crate::sql::get("stages/served_task.sql"))?;
        let Some(row) = rows.into_iter().next() else {
            let hint = "`firefly sql \"SELECT task_id, question FROM verified_task\"` shows those there are".into();
            return Err(Error::Empty { what: format!("the snapshot has no task `{task_id}`"), hint });
        };
        let gold = parse(&row.gold_calls);
        let text = |call: &Value, name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut tools: Vec<_> = gold.as_array().into_iter().flatten().map(|c| (text(c, "server"), text(c, "tool"))).collect();
        tools.sort();
        tools.dedup();
        let task = ServedTask {
            task_id: row.task_id,
            question: row.question,
            answer: parse(&row.answer),
            answer_schema: parse(&row.answer_schema),
        };
        Ok(Offer { world, task: Some(Arc::new(task)), tools })
    }
}
