use crate::cli::Global;
use crate::error::Result;
use crate::split::{Options, split};

/// `firefly split`
#[derive(Debug, clap::Args)]
pub struct SplitArgs {
    /// Tasks for testing
    #[arg(long, default_value_t = 200, value_name = "N")]
    test: usize,
    /// Tasks for training [default: all that are left]
    #[arg(long, value_name = "N")]
    train: Option<usize>,
    /// A server that no task for training may call; its tasks come first in testing
    #[arg(long = "holdout-server", value_name = "NAME")]
    holdout_servers: Vec<String>,
    /// A tool that no task for training may call; its tasks come first in testing
    #[arg(long = "holdout-tool", value_name = "SERVER/TOOL")]
    holdout_tools: Vec<String>,
}

/// Splits the tasks that pass every gate.
pub fn run(global: &Global, args: &SplitArgs) -> Result<()> {
    let options = Options {
        test: args.test,
        train: args.train,
        holdout_servers: args.holdout_servers.clone(),
        holdout_tools: args.holdout_tools.clone(),
        seed: global.seed()?,
    };
    let (snapshot, report) = split(&global.open()?, &options)?;
    global.say(format!(
        "{} tasks for training, {} for testing, {} held back, snapshot {}; `firefly stats split` compares them",
        report.train, report.test, report.held_back, snapshot.id
    ));
    Ok(())
}
