//! All stages in a row, until the lake holds the number of verified tasks asked for.

use crate::error::{Error, Result};
use crate::explore::{self, explore};
use crate::ingest::mcp;
use crate::lake::Lake;
use crate::mcp::{Limits, ServerConfig};
use crate::sample::{self, mixed, sample, survey};
use crate::{graph, task, verify};

/// How all stages are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Verified tasks wanted.
    pub tasks: usize,
    /// Seed of everything drawn by chance.
    pub seed: u64,
    /// Servers or episodes at once.
    pub jobs: usize,
    /// Time limits.
    pub limits: Limits,
    /// Folder of fixtures.
    pub fixtures: Option<std::path::PathBuf>,
    /// Share of sub-DAGs that should cross servers.
    pub multi_server: f64,
}

/// What became of it.
#[derive(Debug)]
pub struct Report {
    /// What ingest brought in.
    pub ingest: mcp::Report,
    /// What verification found last.
    pub verify: verify::Report,
    /// Rounds of sampling and exploration.
    pub rounds: usize,
}

/// Most rounds of sampling and exploration; a graph that gives no more by then will not.
const MAX_ROUNDS: usize = 8;

/// Tasks wanted for which one walk over tools of many servers is drawn.
const TASKS_A_WALK: usize = 25;

/// Runs ingest, graph, a survey of every tool, a few walks over tools of many servers, and then rounds of sample, explore (sub-DAGs,
/// relays, and the options of what was written), synthesize and verify.
/// `say` is told what was done, a line a step.
pub async fn run(lake: &Lake, servers: &[ServerConfig], options: &Options, say: &dyn Fn(String)) -> Result<Report> {
    let ingest_options = mcp::Options { jobs: options.jobs, limits: options.limits, fixtures: options.fixtures.clone(), retries: None };
    let ingest = mcp::ingest(lake, servers, &ingest_options).await?;
    let tools: i64 = ingest.servers.iter().map(|s| s.tools).sum();
    say(format!(
        "ingest      {} of {} servers, {tools} tools",
        ingest.servers.iter().filter(|s| s.status == "ok").count(),
        ingest.servers.len()
    ));
    for failed in ingest.servers.iter().filter(|s| s.status != "ok") {
        say(format!("            {}: {}", failed.server, failed.reason.as_deref().unwrap_or("failed")));
    }
    graph::build(lake, graph::Options::default())?;
    let explore_options = |episodes| explore::Options {
        model: None,
        shape: None,
        episodes,
        seed: options.seed,
        jobs: options.jobs,
        attempts: explore::value_flow::ATTEMPTS,
        limits: options.limits,
        fixtures: options.fixtures.clone(),
    };
    survey(lake, options.seed)?;
    let surveyed = explore(lake, servers, &explore_options(usize::MAX)).await?;
    say(format!("survey      {} calls, {} failed: what each tool's results look like", surveyed.calls, surveyed.failed_calls));
    let (_, graph) = graph::build(lake, graph::Options::default())?;
    say(format!("graph       {} edges", graph.edges));
    mixed(lake, options.seed, options.tasks.div_ceil(TASKS_A_WALK))?;
    let mut rounds = 0;
    let (mut wanted, mut walked) = (options.tasks.max(8), 0);
    loop {
        rounds += 1;
        walked += wanted;
        let draw = sample::Options { count: wanted, seed: options.seed, multi_server: options.multi_server, ..sample::Options::default() };
        let drawn = none_is_fine(sample(lake, draw).map(|(_, report)| report.drawn))?;
        let mut explored = explore(lake, servers, &explore_options(usize::MAX)).await?;
        // Other chains each round.
        let seed = options.seed.wrapping_add(rounds as u64);
        let relays = explore::Options { seed, ..explore_options(usize::MAX) };
        explored.add(none_is_fine(explore::relay::explore_relays(lake, servers, &relays).await)?);
        let task_options = task::Options::new(options.seed);
        let drafted = none_is_fine(task::synthesize(lake, &task_options).map(|(_, drafted)| drafted))?;
        if drafted > 0 {
            explored.add(none_is_fine(explore::options::explore_options(lake, servers, &explore_options(usize::MAX)).await)?);
        }
        let written = none_is_fine(task::synthesize(lake, &task_options).map(|(_, written)| written))?;
        let verified = none_is_fine(verify::verify(lake).map(|(_, report)| report))?;
        say(format!(
            "round {rounds}     {drawn} sub-DAGs, {} episodes ({} ok), {} calls, {written} tasks written, {} pass every gate",
            explored.episodes, explored.ok, explored.calls, verified.passed
        ));
        if verified.passed >= options.tasks || drawn == 0 || rounds == MAX_ROUNDS {
            return Ok(Report { ingest, verify: verified, rounds });
        }
        // What is missing, at the rate seen so far.
        let missing = (options.tasks - verified.passed) as f64;
        let rate = (verified.passed as f64 / walked as f64).max(0.05);
        wanted = ((missing / rate * 1.1).ceil() as usize).clamp(16, 4 * options.tasks.max(16));
    }
}

/// Rounds over the tools without a success that may still get one, each with what the rounds before have taught,
/// until one reaches next to no more. `say` is told what each did.
pub async fn cover(lake: &Lake, servers: &[ServerConfig], options: &explore::Options, say: &dyn Fn(String)) -> Result<Coverage> {
    let mut coverage = Coverage { before: left(lake)?, ..Coverage::default() };
    let mut last = coverage.before;
    let mut idle = false;
    while coverage.rounds < MAX_COVER && !idle {
        let (_, drawn) = sample::cover(lake, options.seed)?;
        if drawn == 0 {
            break;
        }
        coverage.rounds += 1;
        let shape = Some(sample::COVER.to_owned());
        let attempts = if coverage.rounds == 1 { options.attempts } else { COVER_ATTEMPTS };
        let explored = explore(lake, servers, &explore::Options { shape, attempts, ..options.clone() }).await?;
        let now = left(lake)?;
        // A round that reaches next to none has taught nothing to the next.
        idle = now * 50 > last * 49;
        say(format!(
            "round {}     {} episodes, {} calls, {} failed; {} tools reached, {now} left",
            coverage.rounds,
            explored.episodes,
            explored.calls,
            explored.failed_calls,
            last.saturating_sub(now)
        ));
        last = now;
        coverage.calls += explored.calls;
        coverage.failed_calls += explored.failed_calls;
        if explored.episodes == 0 {
            break;
        }
    }
    coverage.left = last;
    Ok(coverage)
}

/// What covering did.
#[derive(Debug, Default, Clone, Copy)]
pub struct Coverage {
    /// Rounds walked.
    pub rounds: usize,
    /// Calls made.
    pub calls: usize,
    /// Of them, those that failed.
    pub failed_calls: usize,
    /// Tools without a success at the start.
    pub before: u64,
    /// And at the end.
    pub left: u64,
}

/// Most rounds over uncovered tools.
const MAX_COVER: usize = 8;
/// Times a tool without a success is tried in an episode.
const COVER_ATTEMPTS: usize = 16;

fn left(lake: &Lake) -> Result<u64> {
    lake.session()?.count("SELECT count(*) FROM uncovered_tool")
}

/// A stage that had nothing to work on made nothing; the rounds say so.
fn none_is_fine<T: Default>(result: Result<T>) -> Result<T> {
    match result {
        Err(Error::Empty { .. }) => Ok(T::default()),
        other => other,
    }
}
