use crate::cli::launch::LaunchArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::explore::{self, Options};
use crate::pipeline;

/// `firefly explore`
#[derive(Debug, clap::Args)]
pub struct ExploreArgs {
    #[command(flatten)]
    launch: LaunchArgs,
    /// What chooses the arguments
    #[arg(long, default_value = explore::value_flow::NAME, value_parser = [explore::value_flow::NAME], value_name = "POLICY")]
    policy: String,
    /// Most episodes to run
    #[arg(long, value_name = "N")]
    episodes: Option<usize>,
    /// Which tools: those of sampled sub-DAGs, or those without a success, until each has one or a reason
    #[arg(long, value_enum, default_value_t = Tools::Sampled, value_name = "WHICH")]
    tools: Tools,
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
    let options = Options {
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
    let report = block_on(explore::explore(&lake, &launch.servers, &options))?;
    if let Some(reason) = &report.first_reason {
        return Err(Error::Partial(format!("{} sub-DAGs were not walked, because a server did not start: {reason}", report.not_started)));
    }
    if report.episodes == 0 {
        return Err(explore::nothing_to_explore());
    }
    global.say(format!("{} episodes, {} ok; {} calls, {} failed", report.episodes, report.ok, report.calls, report.failed_calls));
    Ok(())
}
