//! Exploration: sub-DAGs are walked against live servers, and everything that happens is recorded.

mod ablate;
mod candidates;
mod docs;
pub mod episode;
mod filler;
mod given;
pub mod hybrid;
mod made;
pub mod misses;
pub mod model;
pub mod options;
pub mod plan;
pub mod policy;
pub mod pool;
pub mod relay;
pub mod repair;
mod settle;
pub mod states;
pub mod value_flow;
mod vary;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;

use crate::error::{Error, Result};
use crate::explore::policy::Policy;
use crate::lake::spool::{self, Spool};
use crate::lake::{Lake, Session, Snapshot};
use crate::mcp::{Fleet, Limits, ServerConfig};
use crate::observed::{self, Episode};
use crate::{progress, sql};

/// How the lake is explored.
#[derive(Clone)]
pub struct Options {
    /// The model of the policies `llm` and `hybrid`, and which of them; value-flow where there is none.
    pub model: Option<(Arc<model::Model>, bool)>,
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

impl Options {
    fn make(&self, pool: &Arc<pool::Pool>) -> Box<dyn Policy> {
        let values = value_flow::ValueFlow::new(pool.clone(), self.attempts);
        match &self.model {
            None => Box::new(values),
            Some((model, true)) => Box::new(hybrid::Hybrid { model: model.clone(), values }),
            Some((model, false)) => Box::new(model::Llm(model.clone())),
        }
    }

    /// Name of the policy.
    pub fn policy(&self) -> &'static str {
        match &self.model {
            None => value_flow::NAME,
            Some((_, true)) => hybrid::NAME,
            Some((_, false)) => model::NAME,
        }
    }
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
    /// Of them, by kind of failure.
    pub failures: BTreeMap<String, usize>,
    /// Time spent on starting servers, over all.
    pub starting: Duration,
    /// Episodes that an interrupted run had finished, committed now.
    pub recovered: usize,
    /// Sub-DAGs that were not walked because a server did not start; they stay to be walked.
    pub not_started: usize,
    /// Why the first of them was not.
    pub first_reason: Option<String>,
}

impl Report {
    /// Adds what another exploration did.
    pub(crate) fn add(&mut self, other: Report) {
        self.episodes += other.episodes;
        self.ok += other.ok;
        self.calls += other.calls;
        self.failed_calls += other.failed_calls;
        for (kind, count) in other.failures {
            *self.failures.entry(kind).or_default() += count;
        }
        self.starting += other.starting;
        self.recovered += other.recovered;
        self.not_started += other.not_started;
        self.first_reason = self.first_reason.take().or(other.first_reason);
    }

    fn count(&mut self, episode: &Episode) {
        self.episodes += 1;
        self.ok += usize::from(episode.row.status == "ok");
        self.calls += episode.calls.len();
        for kind in episode.calls.iter().filter_map(|c| c.error_kind.as_deref()) {
            self.failed_calls += 1;
            *self.failures.entry(kind.to_owned()).or_default() += 1;
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} calls, {} failed", self.calls, self.failed_calls)?;
        let kinds: Vec<String> = self.failures.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        if kinds.is_empty() { Ok(()) } else { write!(f, " ({})", kinds.join(", ")) }
    }
}

/// Kind of the spool.
const SPOOL: &str = "explore";
/// Episodes are committed in groups of this size, so that a crash loses little.
const GROUP: usize = 32;

/// Walks the sub-DAGs that have no episode yet. Committed after each group of episodes; each episode is kept beside the
/// lake from its end until then, so that no finished one is run again, however the run ends.
pub async fn explore(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<Report> {
    let recovered = recover(lake)?;
    let names = configs.iter().map(|c| c.name.as_str()).collect();
    let plans = plan::load(&lake.session()?, options.policy(), options.shape.as_deref(), &names, options.episodes)?;
    let report = walk_all(lake, &plans, configs, options, &|pool| options.make(pool)).await?;
    Ok(Report { recovered, ..report })
}

/// Makes the policy of a stretch from what the lake knows by then.
type Make<'a> = &'a (dyn Fn(&Arc<pool::Pool>) -> Box<dyn Policy> + Sync);

async fn walk_all(lake: &Lake, plans: &[plan::Plan], configs: &[ServerConfig], options: &Options, make: Make<'_>) -> Result<Report> {
    let mut report = Report::default();
    let fleet = Fleet::new(configs, options.fixtures.clone(), options.limits);
    let mut spool = Spool::open(lake, SPOOL)?;
    let bar = progress::bar("explore", plans.len());
    let mut done = Ok(());
    // What a stretch has taught is known to the next.
    for stretch in plans.chunks(STRETCH) {
        done = walk(lake, stretch, options, make, &fleet, &mut spool, &mut report, &bar).await;
        if done.is_err() {
            break;
        }
    }
    spool.close()?;
    report.starting = fleet.starting();
    bar.finish_and_clear();
    done.map(|()| report)
}

/// Sub-DAGs that are walked with the same knowledge of the lake.
const STRETCH: usize = 384;

#[allow(clippy::too_many_arguments)]
async fn walk(
    lake: &Lake,
    plans: &[plan::Plan],
    options: &Options,
    make: Make<'_>,
    fleet: &Fleet,
    spool: &mut Spool,
    report: &mut Report,
    bar: &indicatif::ProgressBar,
) -> Result<()> {
    let pool = Arc::new(pool::Pool::load(&lake.session()?)?);
    let policy = make(&pool);
    let mut waiting = Vec::new();
    let mut broken = Ok(());
    let mut episodes = futures::stream::iter(plans)
        .map(|plan| episode::run(plan, policy.as_ref(), &pool, fleet, options.seed))
        .buffer_unordered(options.jobs.max(1));
    while let Some(episode) = episodes.next().await {
        bar.inc(1);
        match episode {
            Ok(Ok(episode)) => {
                spool.add(&episode)?;
                report.count(&episode);
                waiting.push(episode);
            }
            Ok(Err(reasons)) => {
                report.not_started += 1;
                report.first_reason.get_or_insert_with(|| reasons.join("; "));
            }
            Err(error) => {
                broken = Err(error);
                break;
            }
        }
        bar.set_message(report.to_string());
        if waiting.len() >= GROUP {
            commit(lake, std::mem::take(&mut waiting), policy.name(), Some(options.seed))?;
            spool.clear()?;
        }
    }
    drop(episodes);
    if !waiting.is_empty() {
        commit(lake, waiting, policy.name(), Some(options.seed))?;
        spool.clear()?;
    }
    broken
}

/// Commits the episodes that interrupted runs have left behind and that the lake has not; how many.
fn recover(lake: &Lake) -> Result<usize> {
    let (mut episodes, paths) = spool::left_behind::<Episode>(lake, SPOOL)?;
    if !paths.is_empty() {
        let mut known = known_episodes(&lake.session()?)?;
        episodes.retain(|episode| known.insert(episode.row.episode_id.clone()));
    }
    let count = episodes.len();
    if count > 0 {
        commit(lake, episodes, "recovered", None)?;
    }
    for path in paths {
        std::fs::remove_file(&path).map_err(Error::io("removing", &path))?;
    }
    Ok(count)
}

fn known_episodes(session: &Session) -> Result<BTreeSet<String>> {
    #[derive(serde::Deserialize)]
    struct Known {
        episode_id: String,
    }
    Ok(session.table::<Known>("episode")?.into_iter().map(|row| row.episode_id).collect())
}

fn commit(lake: &Lake, group: Vec<Episode>, policy: &str, seed: Option<u64>) -> Result<Snapshot> {
    let files = [sql::get("stages/plan_node.sql"), sql::get("stages/seen_value.sql"), sql::get("stages/proven_call.sql")];
    observed::commit(lake, group, "explore", policy, &files, seed)
}

/// An error for a lake without sub-DAGs.
pub fn nothing_to_explore() -> Error {
    Error::Empty { what: "every sub-DAG of the lake has been explored".into(), hint: "draw more with `firefly sample --count N`".into() }
}
