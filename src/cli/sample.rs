use crate::cli::Global;
use crate::error::Result;
use crate::sample::{Options, mixed, sample, survey};

/// `firefly sample`
#[derive(Debug, clap::Args)]
pub struct SampleArgs {
    /// How many sub-DAGs to draw
    #[arg(long, default_value_t = 100, value_name = "N")]
    count: usize,
    /// Share of sub-DAGs that should cross servers
    #[arg(long, default_value_t = 0.385, value_name = "SHARE")]
    multi_server: f64,
    /// Most tools in one
    #[arg(long, default_value_t = 6, value_name = "N")]
    max_nodes: usize,
    /// Most of all drawn tools that one server may have, as a share
    #[arg(long, default_value_t = 0.05, value_name = "SHARE")]
    max_share: f64,
    /// Instead, one walk over the tools of each server, to see what their results look like
    #[arg(long)]
    survey: bool,
    /// Instead, N walks over tools of many servers that are known to work, for tasks with several requests
    #[arg(long, value_name = "N", conflicts_with = "survey")]
    mixed: Option<usize>,
}

/// Draws sub-DAGs.
pub fn run(global: &Global, args: &SampleArgs) -> Result<()> {
    let lake = global.open()?;
    let seed = global.seed()?;
    if args.survey {
        let (snapshot, drawn) = survey(&lake, seed)?;
        global.say(format!("{drawn} new walks, snapshot {}", snapshot.id));
        return Ok(());
    }
    if let Some(count) = args.mixed {
        let (snapshot, drawn) = mixed(&lake, seed, count)?;
        global.say(format!("{drawn} new walks over tools of many servers, snapshot {}", snapshot.id));
        return Ok(());
    }
    let options = Options {
        count: args.count,
        seed,
        multi_server: args.multi_server.clamp(0.0, 1.0),
        max_nodes: args.max_nodes.clamp(1, 10),
        max_share: args.max_share.clamp(0.0, 1.0),
    };
    let (snapshot, report) = sample(&lake, options)?;
    global.say(format!("{} new sub-DAGs, snapshot {}; {} turns gave none: see `gate`", report.drawn, snapshot.id, report.rejected));
    Ok(())
}
