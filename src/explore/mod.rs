//! Exploration: sub-DAGs are walked against live servers, and everything that happens is recorded.

mod candidates;
mod docs;
pub mod episode;
mod filler;
mod fleet;
mod made;
pub mod plan;
pub mod policy;
pub mod pool;
pub mod repair;
pub mod rows;
pub mod value_flow;

use std::path::PathBuf;

use futures::StreamExt;
use serde_json::json;

use crate::error::{Error, Result};
use crate::explore::fleet::Fleet;
use crate::explore::policy::Policy;
use crate::explore::rows::Episode;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::mcp::{Limits, ServerConfig};
use crate::{progress, sql};

/// How the lake is explored.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only sub-DAGs of this shape.
    pub shape: Option<String>,
    /// Most episodes to run.
    pub episodes: usize,
    /// Seed of the run.
    pub seed: u64,
    /// Episodes at once.
    pub jobs: usize,
    /// Times one tool is tried in an episode.
    pub attempts: usize,
    /// Time limits.
    pub limits: Limits,
    /// Folder of fixtures.
    pub fixtures: Option<PathBuf>,
}

/// What an exploration did.
#[derive(Debug, Default, Clone)]
pub struct Report {
    /// Episodes run.
    pub episodes: usize,
    /// Of them, those in which each tool succeeded.
    pub ok: usize,
    /// Calls made, repeats included.
    pub calls: usize,
    /// Calls that failed in any way.
    pub failed_calls: usize,
    /// Sub-DAGs that were not walked because a server did not start; they stay to be walked.
    pub not_started: usize,
    /// Why the first of them was not.
    pub first_reason: Option<String>,
}

/// Episodes are committed in groups of this size, so that a crash loses little.
const GROUP: usize = 32;

/// Walks the sub-DAGs that have no episode yet. Committed after each group of episodes; what was
/// committed before an interruption is not run again.
pub async fn explore(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<Report> {
    let (plans, policy) = {
        let session = lake.session()?;
        let policy = value_flow::ValueFlow::new(pool::Pool::load(&session)?, options.attempts);
        let names = configs.iter().map(|c| c.name.as_str()).collect();
        (plan::load(&session, policy.name(), options.shape.as_deref(), &names, options.episodes)?, policy)
    };
    let fleet = Fleet::new(configs, options.fixtures.clone(), options.limits);
    let bar = progress::bar("explore", plans.len());
    let mut report = Report::default();
    let mut episodes = futures::stream::iter(&plans)
        .map(|plan| episode::run(plan, &policy, &fleet, options.seed))
        .buffer_unordered(options.jobs.max(1))
        .inspect(|_| bar.inc(1))
        .chunks(GROUP);
    while let Some(group) = episodes.next().await {
        let (mut done, mut broken) = (Vec::new(), None);
        for episode in group {
            match episode {
                Ok(Ok(episode)) => done.push(episode),
                Ok(Err(reasons)) => {
                    report.not_started += 1;
                    report.first_reason.get_or_insert_with(|| reasons.join("; "));
                }
                Err(error) => broken = Some(error),
            }
        }
        report.episodes += done.len();
        report.ok += done.iter().filter(|e| e.row.status == "ok").count();
        report.calls += done.iter().map(|e| e.calls.len()).sum::<usize>();
        report.failed_calls += done.iter().flat_map(|e| &e.calls).filter(|c| c.is_error).count();
        bar.set_message(format!("{} calls, {} failed", report.calls, report.failed_calls));
        if !done.is_empty() {
            commit(lake, done, &policy, options)?;
        }
        if let Some(error) = broken {
            return Err(error);
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

fn commit(lake: &Lake, group: Vec<Episode>, policy: &dyn Policy, options: &Options) -> Result<Snapshot> {
    let session = lake.session()?;
    let (mut episodes, mut calls, mut arguments, mut flows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for episode in group {
        episodes.push(episode.row);
        calls.extend(episode.calls);
        arguments.extend(episode.arguments);
        flows.extend(episode.flows);
    }
    session.put("episode", &episodes)?;
    session.put("call", &calls)?;
    session.put("argument", &arguments)?;
    session.put("flow", &flows)?;
    let files = [sql::get("stages/plan_node.sql"), sql::get("stages/seen_value.sql")];
    let lineage = Lineage::of(&session, "explore", &files, json!({"policy": policy.name()}), Some(options.seed));
    lake.commit(&session, lineage, &["episode", "call", "argument", "flow"].map(Output::append))
}

/// An error for a lake without sub-DAGs.
pub fn nothing_to_explore() -> Error {
    Error::Empty { what: "every sub-DAG of the lake has been explored".into(), hint: "draw more with `firefly sample --count N`".into() }
}
