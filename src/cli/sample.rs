use crate::cli::Global;
use crate::error::Result;
use crate::sample::{Options, sample, survey};

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
    /// Instead, one walk over the tools of each server, to see what their results look like
    #[arg(long)]
    survey: bool,
}

/// Draws sub-DAGs.
pub fn run(global: &Global, args: &SampleArgs) -> Result<()> {
    let lake = global.open()?;
    let seed = global.seed()?;
    let options =
        Options { count: args.count, seed, multi_server: args.multi_server.clamp(0.0, 1.0), max_nodes: args.max_nodes.clamp(2, 10) };
    let (snapshot, drawn) = if args.survey { survey(&lake, seed)? } else { sample(&lake, options)? };
    global.say(format!("{drawn} new sub-DAGs, snapshot {}", snapshot.id));
    Ok(())
}
