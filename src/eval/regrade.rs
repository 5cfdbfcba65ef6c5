//! Grades the answers of a run once more, after a change of the reward or of labels.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::eval::grading::graded;
use crate::eval::rows::GradeRow;
use crate::eval::task::{self, EvalTask, Split};
use crate::lake::{Lake, Lineage, Output};
use crate::sql;

/// What a regrade changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Regraded {
    /// Trials looked at.
    pub trials: usize,
    /// Of them, those whose grade is another now.
    pub changed: usize,
    /// Of them, those that are rewarded now and were not, and the other way round.
    pub flipped: (usize, usize),
    /// Mean reward before and now.
    pub reward: (f64, f64),
    /// Trials of tasks that are no longer among the verified ones; they keep their grade.
    pub gone: usize,
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    trial: i64,
    answer: Option<String>,
    reward: f64,
    fields: String,
    grading: i64,
}

/// Grades every trial of `run_id` and adds the grades that differ from the newest ones; those stay.
pub fn regrade(lake: &Lake, run_id: &str) -> Result<Regraded> {
    let session = lake.session()?;
    session.set("run_id", run_id)?;
    let rows: Vec<Row> = session.rows(sql::get("stages/eval_grade.sql"))?;
    if rows.is_empty() {
        return Err(no_run(run_id));
    }
    let tasks: BTreeMap<String, EvalTask> =
        task::load(&session, Split::All, &[], usize::MAX, 0)?.into_iter().map(|task| (task.task_id.clone(), task)).collect();
    let mut done = Regraded { trials: rows.len(), ..Regraded::default() };
    let number = rows.iter().map(|row| row.grading).max().unwrap_or_default() + 1;
    let mut new = Vec::new();
    for row in &rows {
        done.reward.0 += row.reward;
        let Some(task) = tasks.get(&row.task_id) else {
            done.gone += 1;
            done.reward.1 += row.reward;
            continue;
        };
        let grade = graded(task, row.answer.as_deref());
        done.reward.1 += grade.reward;
        let fields = json!(grade.fields).to_string();
        if grade.reward == row.reward && fields == row.fields {
            continue;
        }
        done.changed += 1;
        done.flipped.0 += usize::from(grade.reward > row.reward);
        done.flipped.1 += usize::from(grade.reward < row.reward);
        new.push(GradeRow {
            run_id: run_id.into(),
            task_id: row.task_id.clone(),
            trial: row.trial,
            grading: number,
            reward: grade.reward,
            field_score: grade.field_score,
            fields,
            firefly: env!("CARGO_PKG_VERSION").into(),
            graded_at: chrono::Utc::now().naive_utc().to_string(),
        });
    }
    let count = rows.len() as f64;
    done.reward = (done.reward.0 / count, done.reward.1 / count);
    if !new.is_empty() {
        session.put("eval_grade", &new)?;
        let lineage = Lineage::of(&session, "regrade", &[sql::get("stages/eval_grade.sql")], json!({"run": run_id}), None);
        lake.commit(&session, lineage, &[Output::append("eval_grade")])?;
    }
    Ok(done)
}

/// The error for a run that is not there.
pub fn no_run(run_id: &str) -> Error {
    let hint = "`firefly stats eval/runs` shows those there are".into();
    Error::Empty { what: format!("the lake has no trials of a run `{run_id}`"), hint }
}
