use crate::cli::launch::LaunchArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::explore::{self, Options};

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
    /// Go on after an interruption; always so, since only sub-DAGs without an episode are walked
    #[arg(long)]
    resume: bool,
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
        episodes: args.episodes.unwrap_or(usize::MAX),
        seed: global.seed()?,
        jobs: launch.jobs,
        limits: launch.limits,
        fixtures: launch.fixtures.clone(),
    };
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
