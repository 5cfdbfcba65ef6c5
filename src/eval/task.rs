//! The tasks of an evaluation, with what a reference agent may know of them.

use serde::Deserialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::json::parse;
use crate::lake::Session;
use crate::provenance::Field;
use crate::sql;

/// A task that is asked.
#[derive(Debug, Clone)]
pub struct EvalTask {
    /// Its id.
    pub task_id: String,
    /// The question.
    pub question: String,
    /// The label; no model sees it.
    pub answer: Value,
    /// JSON Schema of the answer.
    pub answer_schema: Value,
    /// The calls that lead to the answer, in order.
    pub gold: Vec<GoldCall>,
    /// Where each answer field stands.
    pub fields: Vec<Field>,
}

/// One gold call.
#[derive(Debug, Clone, Deserialize)]
pub struct GoldCall {
    /// Its index in the episode that the task was written from.
    pub call_index: i64,
    /// Its server.
    pub server: String,
    /// Its tool.
    pub tool: String,
    /// Its arguments.
    pub arguments: Value,
}

/// Which tasks are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Split {
    /// Those that were held out
    Test,
    /// Those that models are trained on
    Train,
    /// All verified tasks
    All,
}

impl Split {
    /// Its name in the `split` column.
    pub fn name(self) -> &'static str {
        match self {
            Split::Test => "test",
            Split::Train => "train",
            Split::All => "all",
        }
    }
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    question: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
    fields: String,
}

/// The verified tasks of `split` in the order that `seed` draws, at most `most`; or those of the ids in `only`.
///
/// Errors with [`Error::Empty`] where there is none, and where one of `only` is not among them.
pub fn load(session: &Session, split: Split, only: &[String], most: usize, seed: u64) -> Result<Vec<EvalTask>> {
    session.set("split", if only.is_empty() { split.name() } else { Split::All.name() })?;
    session.set("seed", seed.to_string())?;
    let mut rows: Vec<Row> = session.rows(sql::get("stages/eval_task.sql"))?;
    if let Some(missing) = only.iter().find(|id| rows.iter().all(|row| row.task_id != **id)) {
        let hint = "`firefly sql \"SELECT task_id, question FROM verified_task\"` shows those there are".into();
        return Err(Error::Empty { what: format!("the lake has no verified task `{missing}`"), hint });
    }
    if rows.is_empty() {
        let (what, hint) = match split {
            Split::All => ("the lake has no verified tasks".into(), "`firefly verify` says which tasks pass".into()),
            part => (format!("no verified task is in the split `{}`", part.name()), "`--split all` asks all verified tasks".into()),
        };
        return Err(Error::Empty { what, hint });
    }
    rows.retain(|row| only.is_empty() || only.contains(&row.task_id));
    rows.truncate(most);
    Ok(rows.into_iter().map(EvalTask::from).collect())
}

impl From<Row> for EvalTask {
    fn from(row: Row) -> EvalTask {
        EvalTask {
            task_id: row.task_id,
            question: row.question,
            answer: parse(&row.answer),
            answer_schema: parse(&row.answer_schema),
            gold: serde_json::from_str(&row.gold_calls).unwrap_or_default(),
            fields: serde_json::from_str(&row.fields).unwrap_or_default(),
        }
    }
}
