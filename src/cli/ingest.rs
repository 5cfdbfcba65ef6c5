use clap::Subcommand;

use crate::cli::launch::LaunchArgs;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::ingest::mcp;
use crate::lake::Lake;

/// `firefly ingest`
#[derive(Debug, clap::Args)]
pub struct IngestArgs {
    #[command(subcommand)]
    source: Source,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// Start the servers of a config and list their tools
    Mcp(LaunchArgs),
}

/// Brings in what is asked for. Fails with exit code 1 where a server failed; the others are in.
pub fn run(global: &Global, args: &IngestArgs) -> Result<()> {
    let Source::Mcp(args) = &args.source;
    let launch = args.resolve(global)?;
    if args.dry_run {
        launch.show();
        return Ok(());
    }
    let lake = Lake::init(&global.lake)?;
    args.remember(global)?;
    let options = mcp::Options { jobs: launch.jobs, limits: launch.limits, fixtures: launch.fixtures.clone() };
    let report = block_on(mcp::ingest(&lake, &launch.servers, &options))?;
    let failed: Vec<_> = report.servers.iter().filter(|s| s.status != "ok").collect();
    for server in &failed {
        eprintln!("{}: {}", server.server, server.reason.as_deref().unwrap_or("failed"));
    }
    for server in report.servers.iter().filter(|s| global.verbose && s.status == "ok") {
        eprintln!("{}: {} tools{}", server.server, server.tools, server.notes.as_ref().map(|n| format!("; {n}")).unwrap_or_default());
    }
    let tools: i64 = report.servers.iter().map(|s| s.tools).sum();
    global.say(format!(
        "{} of {} servers, {tools} tools, snapshot {}",
        report.servers.len() - failed.len(),
        report.servers.len(),
        report.snapshot.id
    ));
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Partial(format!("{} of {} servers did not come in", failed.len(), report.servers.len())))
    }
}
