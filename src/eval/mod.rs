//! Evaluation: agents work on verified tasks through the simulator, and every step lands in the lake.

pub mod agent;
pub mod chat;
pub mod grading;
pub mod measure;
mod reference;
pub mod regrade;
pub mod rows;
pub mod task;
pub mod tools;
pub mod trial;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use serde::Deserialize;
use serde_json::json;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::eval::agent::Agent;
use crate::eval::reference::Guesses;
use crate::eval::rows::{Finished, RunRow};
use crate::eval::task::{EvalTask, Split};
use crate::eval::tools::Offered;
use crate::eval::trial::{Limits, Status, Trial};
use crate::json::canonical;
use crate::lake::hash::LogicalHash;
use crate::lake::spool::{self, Spool};
use crate::lake::{Lake, Lineage, Output, Session};
use crate::simulator::RecordedWorld;
use crate::simulator::live::Backing;
use crate::text::short_id;
use crate::{progress, sql};

/// How agents are evaluated.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the run; a hash of what decides on it where there is none.
    pub name: Option<String>,
    /// Which tasks.
    pub split: Split,
    /// Only these tasks, whatever their split; all where there is none.
    pub only: Vec<String>,
    /// Most tasks.
    pub tasks: usize,
    /// Trials of each.
    pub trials: usize,
    /// Tools offered beside those of the task.
    pub distractors: usize,
    /// Limits of a trial.
    pub limits: Limits,
    /// Seed of the run.
    pub seed: u64,
    /// Trials at once.
    pub jobs: usize,
    /// The real servers that answer, where it is not the simulator.
    pub backing: Option<Arc<Backing>>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The run.
    pub run_id: String,
    /// Trials asked for.
    pub asked: usize,
    /// Trials that were finished before, those of interrupted runs included.
    pub kept: usize,
    /// Trials run now.
    pub done: usize,
    /// Of them, those with reward 1.
    pub rewarded: usize,
    /// Time the endpoint took, over all trials.
    pub model_time: Duration,
    /// Time the trials took, over all.
    pub trial_time: Duration,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} rewarded", self.rewarded, self.done)
    }
}

/// Kind of the spool.
const SPOOL: &str = "eval";
/// Trials are committed in groups of this size, or after this time.
const GROUP: (usize, Duration) = (256, Duration::from_secs(60));

/// Trials in a row that the endpoint refuses or breaks on, after which it is taken to be at fault.
const REFUSED: usize = 8;

/// Guesses of the agent `shortcut`, from the labels of all verified tasks.
pub fn guesses(session: &Session) -> Result<Guesses> {
    let all = task::load(session, Split::All, &[], usize::MAX, 0)?;
    Ok(Guesses::of(all.iter().map(|task| &task.answer)))
}

/// Runs the trials that the run does not have yet. Each is kept beside the lake from its end until its commit, so that
/// no finished one is run again, however the run ends.
///
/// Errors where the endpoint fails for good or the budget is spent; what is finished by then is committed.
pub async fn run(lake: &Lake, agent: &Agent, options: &Options) -> Result<Report> {
    recover(lake)?;
    let session = lake.session()?;
    let tasks: Vec<Arc<EvalTask>> =
        task::load(&session, options.split, &options.only, options.tasks, options.seed)?.into_iter().map(Arc::new).collect();
    let run = describe(&session, agent, options, &tasks)?;
    let finished = finished(&session, &run)?;
    let world = Arc::new(RecordedWorld::load(&session)?);
    let catalogue: Vec<(String, String)> = catalogue(&session)?;
    drop(session);
    let offers: Vec<Arc<Vec<Offered>>> =
        tasks.iter().map(|task| Arc::new(tools::offer(task, &catalogue, options.distractors, options.seed))).collect();
    // All tasks once before any for the second time: what is there after a while says something of all of them.
    let wanted: Vec<(usize, usize)> = (0..options.trials)
        .flat_map(|number| (0..tasks.len()).map(move |place| (place, number)))
        .filter(|(place, number)| !finished.contains(&(tasks[*place].task_id.clone(), *number as i64)))
        .collect();
    let asked = tasks.len() * options.trials;
    let mut report = Report { run_id: run.run_id.clone(), asked, kept: asked - wanted.len(), ..Report::default() };
    let mut spool = Spool::open(lake, SPOOL)?;
    let bar = progress::bar("eval", wanted.len());
    let (mut held, mut waiting): (Vec<Finished>, Vec<Finished>) = Default::default();
    let mut since = Instant::now();
    let mut broken = Ok(());
    {
        let mut trials = futures::stream::iter(&wanted)
            .map(|(place, number)| one(&run, agent, &tasks[*place], *number, &offers[*place], &world, options))
            .buffer_unordered(options.jobs.max(1));
        while let Some(trial) = trials.next().await {
            bar.inc(1);
            let trial = match trial {
                Ok(trial) => trial,
                Err(error) => {
                    broken = Err(error);
                    break;
                }
            };
            // Whether the trials or the endpoint are at fault is told by what comes after them.
            let refused = trial.result.status == Status::Refused.name();
            let reason = trial.result.reason.clone();
            held.push(trial);
            if refused && held.len() < REFUSED {
                continue;
            }
            if refused {
                let told = format!("{REFUSED} trials in a row came to nothing and are not kept: {}", reason.unwrap_or_default());
                held.clear();
                broken = Err(Error::Model(told));
                break;
            }
            for trial in held.drain(..) {
                spool.add(&trial)?;
                report.count(&trial);
                waiting.push(trial);
            }
            bar.set_message(report.to_string());
            if waiting.len() >= GROUP.0 || since.elapsed() >= GROUP.1 {
                commit(lake, std::mem::take(&mut waiting))?;
                spool.clear()?;
                since = Instant::now();
            }
        }
    }
    held.iter().for_each(|trial| report.count(trial));
    waiting.extend(held);
    commit(lake, waiting)?;
    spool.close()?;
    if let Some(backing) = &options.backing {
        backing.commit(lake)?;
    }
    bar.finish_and_clear();
    broken.map(|()| report)
}

impl Report {
    fn count(&mut self, trial: &Finished) {
        let micros = |value: i64| Duration::from_micros(value.max(0) as u64);
        self.done += 1;
        self.rewarded += usize::from(trial.result.reward >= 1.0);
        self.model_time += micros(trial.result.model_us);
        self.trial_time += micros(trial.result.wall_us);
    }
}

async fn one(
    run: &RunRow,
    agent: &Agent,
    task: &Arc<EvalTask>,
    number: usize,
    offered: &Arc<Vec<Offered>>,
    world: &Arc<RecordedWorld>,
    options: &Options,
) -> Result<Finished> {
    let seed = xxh3_64(format!("{}/{}/{number}", run.seed, task.task_id).as_bytes()) >> 1;
    let session_id = format!("{}/{}/{number}", run.run_id, task.task_id);
    let mut trial = Trial::new(task.clone(), number, seed, offered.clone(), world.clone(), session_id, options.backing.as_ref());
    let ended = agent.work(&mut trial, &options.limits).await?;
    Ok(Finished::new(run, &mut trial, ended, agent.chat().map_or((0.0, 0.0), |chat| chat.prices())))
}

/// The row of `eval_run`. Its id depends on everything that decides what is asked and what is replied, so that the same
/// command goes on where it was interrupted, and starts anew where something has changed.
fn describe(session: &Session, agent: &Agent, options: &Options, tasks: &[Arc<EvalTask>]) -> Result<RunRow> {
    let chat = agent.chat();
    let hash = |table: &str| {
        let mut hash = LogicalHash::default();
        session.snapshot().of(table).for_each(|segment| hash.add(LogicalHash::parse(&segment.logical_hash).unwrap_or_default()));
        hash.to_string()
    };
    let mut ids: Vec<&str> = tasks.iter().map(|task| task.task_id.as_str()).collect();
    ids.sort_unstable();
    let limits = &options.limits;
    let settings = json!({
        "max_turns": limits.turns,
        "max_calls": limits.calls,
        "reply_tokens": limits.reply_tokens,
        "trial_tokens": limits.tokens,
        "trial_seconds": limits.time.as_secs(),
        "calls": chat.map(|chat| chat.calls().name()),
        "prices": chat.map(|chat| chat.prices()),
        "simulator": if options.backing.is_some() { "live" } else { "strict" },
        "tasks": short_id(&ids),
        // What real servers are asked is recorded, so that a live run changes the calls it would depend on.
        "world": if options.backing.is_some() { short_id(&[&hash("tool")]) } else { short_id(&[&hash("tool"), &hash("call")]) },
    });
    let mut run = RunRow {
        run_id: String::new(),
        agent: agent.name().into(),
        model: chat.map(|chat| chat.model().to_owned()),
        split: if options.only.is_empty() { options.split.name().into() } else { "all".into() },
        snapshot: session.snapshot().id as i64,
        tasks: tasks.len() as i64,
        trials: options.trials as i64,
        distractors: options.distractors as i64,
        temperature: chat.map_or(0.0, |chat| chat.temperature()),
        seed: options.seed as i64,
        settings: canonical(&settings),
        prompt: chat.map(|chat| chat.prompt().to_owned()),
        started_at: chrono::Utc::now().naive_utc().to_string(),
    };
    let decides = json!({
        "agent": run.agent, "model": run.model, "distractors": run.distractors, "temperature": run.temperature, "seed": run.seed,
        "settings": run.settings, "prompt": run.prompt,
    });
    run.run_id = match &options.name {
        None => short_id(&[&canonical(&decides)]),
        Some(name) if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) => name.clone(),
        Some(name) => return Err(Error::Usage(format!("`{name}` is no name of a run: letters, digits, `.`, `_` and `-` only"))),
    };
    match known_run(session, &run.run_id)? {
        Some(known) if same_run(&known, &run) => {
            Ok(RunRow { snapshot: known.snapshot, started_at: known.started_at, trials: known.trials.max(run.trials), ..run })
        }
        Some(_) => Err(Error::Usage(format!(
            "there is a run `{}` with other settings or other recorded calls; give this one another name",
            run.run_id
        ))),
        None => Ok(run),
    }
}

fn same_run(a: &RunRow, b: &RunRow) -> bool {
    let plain = |run: &RunRow| RunRow { snapshot: 0, trials: 0, split: String::new(), started_at: String::new(), ..run.clone() };
    plain(a) == plain(b)
}

fn known_run(session: &Session, run_id: &str) -> Result<Option<RunRow>> {
    Ok(session.table::<RunRow>("eval_run")?.into_iter().find(|run| run.run_id == run_id))
}

fn finished(session: &Session, run: &RunRow) -> Result<BTreeSet<(String, i64)>> {
    #[derive(Deserialize)]
    struct Row {
        task_id: String,
        trial: i64,
    }
    session.set("run_id", run.run_id.as_str())?;
    let rows: Vec<Row> = session.rows(sql::get("stages/eval_finished.sql"))?;
    Ok(rows.into_iter().map(|row| (row.task_id, row.trial)).collect())
}

fn catalogue(session: &Session) -> Result<Vec<(String, String)>> {
    #[derive(Deserialize)]
    struct Row {
        server: String,
        tool: String,
    }
    Ok(session.rows::<Row>(sql::get("stages/eval_distractor.sql"))?.into_iter().map(|row| (row.server, row.tool)).collect())
}

/// Commits the trials that interrupted runs have left behind and that the lake has not; how many.
pub fn recover(lake: &Lake) -> Result<usize> {
    let (mut left, paths): (Vec<Finished>, Vec<PathBuf>) = spool::left_behind(lake, SPOOL)?;
    if paths.is_empty() {
        return Ok(0);
    }
    let session = lake.session()?;
    let mut known: BTreeSet<(String, String, i64)> = BTreeSet::new();
    let mut looked_at: BTreeSet<&str> = BTreeSet::new();
    for run in left.iter().map(|trial| &trial.run) {
        if looked_at.insert(&run.run_id) {
            known.extend(finished(&session, run)?.into_iter().map(|(task, trial)| (run.run_id.clone(), task, trial)));
        }
    }
    left.retain(|t| known.insert((t.result.run_id.clone(), t.result.task_id.clone(), t.result.trial)));
    let count = left.len();
    commit(lake, left)?;
    for path in paths {
        std::fs::remove_file(&path).map_err(Error::io("removing", &path))?;
    }
    Ok(count)
}

/// Commits finished trials, with the rows of their runs where the lake does not have them.
fn commit(lake: &Lake, group: Vec<Finished>) -> Result<()> {
    if group.is_empty() {
        return Ok(());
    }
    let session = lake.session()?;
    let mut runs: Vec<RunRow> = Vec::new();
    let (mut results, mut calls) = (Vec::new(), Vec::new());
    for trial in group {
        if !runs.iter().any(|run| run.run_id == trial.run.run_id) {
            runs.push(trial.run);
        }
        results.push(trial.result);
        calls.extend(trial.calls);
    }
    let seed = runs.first().map(|run| run.seed as u64);
    let ids: Vec<String> = runs.iter().map(|run| run.run_id.clone()).collect();
    let known: BTreeSet<String> = session.table::<RunRow>("eval_run")?.into_iter().map(|run| run.run_id).collect();
    runs.retain(|run| !known.contains(&run.run_id));
    session.put("eval_run", &runs)?;
    session.put("eval_result", &results)?;
    session.put("sim_call", &calls)?;
    let files = ["stages/eval_task.sql", "stages/eval_distractor.sql"].map(sql::get);
    let lineage = Lineage::of(&session, "eval", &files, json!({"runs": ids}), seed);
    lake.commit(&session, lineage, &["eval_run", "eval_result", "sim_call"].map(Output::append))?;
    Ok(())
}
