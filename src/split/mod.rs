//! Splits: which verified tasks are for training and which for testing, so that the two share no sub-DAG, no gold call and no
//! answer. The view `split_leak` says it of a lake; a split for which it says otherwise is not committed.

mod assign;
mod group;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::sql;
pub use assign::{Split, assign};

/// A task as splitting sees it.
#[derive(Debug, Clone, Deserialize)]
pub struct Task {
    /// Its id.
    pub task_id: String,
    /// `easy`, `medium` or `hard`.
    pub difficulty: String,
    /// Servers of its gold calls.
    pub servers: Vec<String>,
    /// Tools of its gold calls, as `SERVER/TOOL`.
    pub tools: Vec<String>,
    /// What no other split may have; see the view `task_key`.
    pub keys: Vec<String>,
}

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Options {
    /// Tasks for testing.
    pub test: usize,
    /// Tasks for training; all that are left where it is not said.
    pub train: Option<usize>,
    /// Servers that no task for training may call.
    pub holdout_servers: Vec<String>,
    /// Tools, as `SERVER/TOOL`, that no task for training may call.
    pub holdout_tools: Vec<String>,
    /// Seed; the same seed on the same tasks splits the same.
    pub seed: u64,
}

impl Options {
    /// Whether `task` calls what is held out.
    pub fn holds_out(&self, task: &Task) -> bool {
        let any = |held: &[String], used: &[String]| held.iter().any(|h| used.contains(h));
        any(&self.holdout_servers, &task.servers) || any(&self.holdout_tools, &task.tools)
    }
}

/// How many tasks are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Tasks for training.
    pub train: usize,
    /// Tasks for testing.
    pub test: usize,
    /// Tasks that would leak, or that were not wanted.
    pub held_back: usize,
}

/// Gives each verified task its split, `train`, `test` or `held_back`; all others lose theirs.
///
/// Errors with [`Error::Empty`] where the tasks do not suffice, with [`Error::Usage`] where nothing uses what is to be held out, and
/// with [`Error::Mismatch`] where the splits would share something.
pub fn split(lake: &Lake, options: &Options) -> Result<(Snapshot, Report)> {
    let session = lake.session()?;
    let files = ["stages/splittable_task.sql", "stages/split_task.sql", "views/task_key.sql", "views/split_leak.sql"].map(sql::get);
    let tasks: Vec<Task> = session.rows(files[0])?;
    if tasks.is_empty() {
        let hint = "`firefly synthesize` writes tasks, `firefly verify` says which hold".into();
        return Err(Error::Empty { what: "the lake has no task that passes every gate".into(), hint });
    }
    refuse_unused(options, &tasks)?;
    let splits = assign(&tasks, options);
    let report = count(&splits);
    refuse_short(options, &report, tasks.len())?;
    let listed: Vec<_> = tasks.iter().zip(&splits).map(|(task, split)| json!({"task_id": task.task_id, "split": split.name()})).collect();
    session.set("splits", json!(listed).to_string())?;
    session.stage("new_task", files[1])?;
    refuse_leaks(&session)?;
    let parameters = json!({
        "test": options.test, "train": options.train, "holdout_servers": options.holdout_servers, "holdout_tools": options.holdout_tools,
    });
    let lineage = Lineage::of(&session, "split", &files, parameters, Some(options.seed));
    Ok((lake.commit(&session, lineage, &[Output::replace("task")])?, report))
}

fn count(splits: &[Split]) -> Report {
    let of = |split| splits.iter().filter(|s| **s == split).count();
    Report { train: of(Split::Train), test: of(Split::Test), held_back: of(Split::HeldBack) }
}

fn refuse_unused(options: &Options, tasks: &[Task]) -> Result<()> {
    let server = options.holdout_servers.iter().find(|s| !tasks.iter().any(|t| t.servers.contains(s)));
    let tool = options.holdout_tools.iter().find(|s| !tasks.iter().any(|t| t.tools.contains(s)));
    match (server, tool) {
        (Some(name), _) => Err(Error::Usage(format!("no verified task calls the server `{name}`"))),
        (_, Some(name)) => Err(Error::Usage(format!("no verified task calls the tool `{name}`; tools are named SERVER/TOOL"))),
        _ => Ok(()),
    }
}

fn refuse_short(options: &Options, report: &Report, tasks: usize) -> Result<()> {
    let train = options.train.unwrap_or(1);
    if report.test == options.test && report.train >= train {
        return Ok(());
    }
    let what = format!(
        "{tasks} verified tasks give {} for testing and {} for training that share nothing, with {} held back; {} and {train} were asked for",
        report.test, report.train, report.held_back, options.test
    );
    Err(Error::Empty { what, hint: "ask for less with `--test` and `--train`, or make more tasks".into() })
}

/// Refuses the rows of `new_task` where the view `split_leak`, read over them, finds something.
fn refuse_leaks(session: &Session) -> Result<()> {
    #[derive(Deserialize)]
    struct Leak {
        kind: String,
    }
    // The session's own name for the table; what is committed is `new_task`.
    session.execute("split", "CREATE OR REPLACE VIEW task AS FROM new_task")?;
    let leaks: Vec<Leak> = session.query("SELECT kind FROM split_leak")?;
    if leaks.is_empty() {
        return Ok(());
    }
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    leaks.into_iter().for_each(|leak| *kinds.entry(leak.kind).or_default() += 1);
    Err(Error::Mismatch(format!("the splits would share something, and were not committed: {kinds:?}")))
}
