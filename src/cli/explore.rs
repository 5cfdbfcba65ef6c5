use std::sync::Arc;

use crate::cli::launch::LaunchArgs;
use crate::cli::model::ModelArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::explore::model::Model;
use crate::explore::{self, Options};
use crate::pipeline;

/// `firefly explore`
#[derive(Debug, clap::Args)]
pub struct ExploreArgs {
    #[command(flatten)]
    launch: LaunchArgs,
    #[command(flatten)]
    model: ModelArgs,
    /// What chooses the arguments
    #[arg(long, default_value = explore::value_flow::NAME, value_parser = [explore::value_flow::NAME, explore::model::NAME, explore::hybrid::NAME], value_name = "POLICY")]
    policy: String,
    /// Most episodes to run
    #[arg(long, value_name = "N")]
    episodes: Option<usize>,
    /// Which tools: those of sampled sub-DAGs, or those without a success, until each has one or a reason
    #[arg(long, value_enum, default_value_t = Tools::Sampled, value_name = "WHICH")]
    tools: Tools,
    /// Make the calls that sessions of `serve` asked for and did not get exactly, and nothing else
    #[arg(long, conflicts_with_all = ["policy", "tools"])]
    misses: bool,
    /// Find out which writes readings need, and nothing else: what was written and read is done again on fresh servers, and
    /// once more with each write left out
    #[arg(long, conflicts_with_all = ["policy", "tools", "misses"])]
    states: bool,
    /// Walk chains of calls that are known to work, each of which takes a value from the result of the one before, and nothing
    /// else; other chains for another seed
    #[arg(long, conflicts_with_all = ["policy", "tools", "misses", "states"])]
    relays: bool,
    /// Make the calls that tasks are made of again with each option left out, and nothing else: what makes no difference is no longer
    /// told
    #[arg(long, conflicts_with_all = ["policy", "tools", "misses", "states", "relays"])]
    options: bool,
    /// Go on after an interruption; always so, since only sub-DAGs without an episode are walked
    #[arg(long)]
    resume: bool,
}

/// Which tools are explored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Tools {
    /// Those of the sub-DAGs drawn by `sample`
    Sampled,
    /// Those without a success
    Uncovered,
}

/// Walks sub-DAGs against live servers.
pub fn run(global: &Global, args: &ExploreArgs) -> Result<()> {
    let lake = global.open()?;
    let launch = args.launch.resolve(global)?;
    if args.launch.dry_run {
        launch.show();
        return Ok(());
    }
    let model = match args.policy.as_str() {
        explore::value_flow::NAME => None,
        name => Some((Arc::new(Model::new(args.model.endpoint()?, Arc::new(args.model.budget()))), name == explore::hybrid::NAME)),
    };
    let options = Options {
        model,
        shape: None,
        episodes: args.episodes.unwrap_or(usize::MAX),
        seed: global.seed()?,
        jobs: launch.jobs,
        attempts: explore::value_flow::ATTEMPTS,
        limits: launch.limits,
        fixtures: launch.fixtures.clone(),
    };
    if args.tools == Tools::Uncovered {
        let coverage = block_on(pipeline::cover(&lake, &launch.servers, &options, &|line| global.say(line)))?;
        global.say(format!(
            "{} of {} tools reached in {} rounds, {} calls; why the other {} are not: `firefly stats explore/uncovered`",
            coverage.before.saturating_sub(coverage.left),
            coverage.before,
            coverage.rounds,
            coverage.calls,
            coverage.left
        ));
        return Ok(());
    }
    if args.misses {
        let (report, wanted) = block_on(explore::misses::explore_misses(&lake, &launch.servers, &options))?;
        if let Some(reason) = &report.first_reason {
            return Err(Error::Partial(format!(
                "{} sessions were not made up for, because a server did not start: {reason}",
                report.not_started
            )));
        }
        if report.episodes == 0 {
            return Err(explore::misses::nothing_missed());
        }
        global.say(format!("{wanted} calls that sessions missed, in {} episodes; {report}", report.episodes));
        return Ok(());
    }
    if args.states {
        let report = block_on(explore::states::explore_states(&lake, &launch.servers, &options))?;
        return walked(global, &report, "writes and readings", explore::states::nothing_written);
    }
    if args.options {
        let report = block_on(explore::options::explore_options(&lake, &launch.servers, &options))?;
        if report.episodes == 0 && report.first_reason.is_none() {
            global.say("nothing to do: the tasks' calls were made without each of their options before");
            return Ok(());
        }
        return walked(global, &report, "calls with fewer options", explore::nothing_to_explore);
    }
    if args.relays {
        let report = block_on(explore::relay::explore_relays(&lake, &launch.servers, &options))?;
        return walked(global, &report, "chains of calls", explore::relay::nothing_to_pass_on);
    }
    let report = block_on(explore::explore(&lake, &launch.servers, &options))?;
    if let Some(reason) = &report.first_reason {
        return Err(Error::Partial(format!("{} sub-DAGs were not walked, because a server did not start: {reason}", report.not_started)));
    }
    if report.recovered > 0 {
        global.say(format!("{} episodes of an interrupted run were kept", report.recovered));
    }
    if report.episodes + report.recovered == 0 {
        return Err(explore::nothing_to_explore());
    }
    global.say(format!("{} episodes, {} ok; {report}", report.episodes, report.ok));
    Ok(())
}

/// Says what walks over `what` did. Errors where none was made: `nothing` to walk, or a server that did not start.
fn walked(global: &Global, report: &explore::Report, what: &str, nothing: fn() -> Error) -> Result<()> {
    if report.episodes == 0 {
        return Err(report.first_reason.as_ref().map_or_else(nothing, |reason| {
            Error::Partial(format!("{} walks were not made, because a server did not start: {reason}", report.not_started))
        }));
    }
    global.say(format!("{} walks over {what}, {} ok; {report}", report.episodes, report.ok));
    Ok(())
}
