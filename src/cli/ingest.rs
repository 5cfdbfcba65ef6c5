use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::Value;

use crate::cli::launch::LaunchArgs;
use crate::cli::output::print_texts;
use crate::cli::{Global, block_on};
use crate::error::{Error, Result};
use crate::ingest::{self, SOURCES, mcp};
use crate::intake::run::FileReport;
use crate::intake::{Options, Report};
use crate::lake::Lake;

/// `firefly ingest`
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct IngestArgs {
    /// Files, archives and folders to read; `-` for standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Collection the rows are said to come from [default: what the rows or their format say]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Fail at the first record that can't be read, and commit nothing
    #[arg(long)]
    strict: bool,
    /// List the formats that can be read
    #[arg(long)]
    formats: bool,
    #[command(subcommand)]
    live: Option<Live>,
}

#[derive(Debug, Subcommand)]
enum Live {
    /// Start the servers of a config and list their tools, resources and prompts
    Mcp(McpArgs),
}

#[derive(Debug, clap::Args)]
struct McpArgs {
    #[command(flatten)]
    launch: LaunchArgs,
    /// Times a server is tried again that could not be reached or did not answer [default: 1 for remote ones, else 0]
    #[arg(long, value_name = "N")]
    retries: Option<usize>,
    /// Print which tools are new, gone or changed since the lake last saw each server
    #[arg(long)]
    diff: bool,
}

/// Brings in what is asked for. Fails with exit code 1 where a server or a whole file did not come in; the others are in.
pub fn run(global: &Global, args: &IngestArgs) -> Result<()> {
    match &args.live {
        Some(Live::Mcp(args)) => live(global, args),
        None if args.formats => formats(global),
        None if args.paths.is_empty() => {
            Err(Error::Usage("name files to read, or `firefly ingest mcp --config FILE` for running servers".into()))
        }
        None => files(global, args),
    }
}

fn formats(global: &Global) -> Result<()> {
    let row = |source: &&dyn crate::intake::Source| serde_json::json!({"format": source.name(), "reads": source.about()});
    print_texts(global, &["format", "reads"], &SOURCES.iter().map(row).collect::<Vec<Value>>())
}

fn files(global: &Global, args: &IngestArgs) -> Result<()> {
    let lake = Lake::init(&global.lake)?;
    let options = Options { format: global.format.clone(), label: args.source.clone(), strict: args.strict };
    let report = ingest::files(&lake, &args.paths, &options)?;
    tell(global, &report);
    // A folder holds other things too; a file that was named is meant.
    let named: Vec<_> = report.files.iter().filter(|file| args.paths.iter().any(|path| path.as_os_str() == file.path.as_str())).collect();
    let failed = named.iter().filter(|file| file.left_out.is_some()).count();
    if failed > 0 {
        return Err(Error::Partial(format!("{failed} of {} files named did not come in", named.len())));
    }
    Ok(())
}

/// Files shown one by one; of more, only sums are.
const SHOWN: usize = 12;

/// Says what was found, and all that was left out.
fn tell(global: &Global, report: &Report) {
    let list = |counts: &BTreeMap<&str, u64>| counts.iter().map(|(what, n)| format!("{n} {what}")).collect::<Vec<_>>().join(", ");
    let read: Vec<_> = report.files.iter().filter(|f| f.left_out.is_none() && !f.known).collect();
    let formats = |file: &FileReport| file.formats.iter().copied().collect::<Vec<_>>().join(", ");
    if read.len() <= SHOWN || global.verbose {
        for file in &read {
            global.say(format!("{}: {}: {}", file.path, formats(file), list(&file.counts)));
        }
    } else {
        let mut sums: BTreeMap<String, (usize, BTreeMap<&str, u64>)> = BTreeMap::new();
        for file in &read {
            let (files, counts) = sums.entry(formats(file)).or_default();
            *files += 1;
            file.counts.iter().for_each(|(what, n)| *counts.entry(what).or_default() += n);
        }
        for (format, (files, counts)) in sums {
            global.say(format!("{files} files: {format}: {}", list(&counts)));
        }
    }
    let known = report.files.iter().filter(|f| f.known).count();
    if known > 0 {
        global.say(format!("{known} files are in the lake already, byte for byte"));
    }
    let first: Vec<_> = report.files.iter().filter(|f| f.left_out.is_none()).filter_map(|f| f.first_rejection.as_ref()).collect();
    for reason in first.iter().take(SHOWN) {
        global.say(format!("rejected, first of its file: {reason}"));
    }
    let left: Vec<_> = report.files.iter().filter_map(|f| Some((&f.path, f.left_out.as_ref()?))).collect();
    let shown = if global.verbose { left.len() } else { SHOWN };
    for (path, reason) in left.iter().take(shown) {
        let reason = reason.strip_prefix(path.as_str()).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(reason);
        global.say(format!("left out: {path}: {reason}"));
    }
    if left.len() > shown || first.len() > SHOWN {
        global.say(format!(
            "{} more; `firefly sql \"FROM rejected\"` lists them all",
            left.len().saturating_sub(shown) + first.len().saturating_sub(SHOWN)
        ));
    }
    if !report.others.is_empty() {
        let endings: BTreeSet<String> =
            report.others.iter().map(|p| p.extension().map_or("no ending".into(), |e| format!(".{}", e.display()))).collect();
        global.say(format!(
            "passed over: {} files that are no data ({})",
            report.others.len(),
            endings.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    global.say(format!("snapshot {}", report.snapshot.id));
}

fn live(global: &Global, args: &McpArgs) -> Result<()> {
    let launch = args.launch.resolve(global)?;
    if args.launch.dry_run {
        launch.show();
        return Ok(());
    }
    let lake = Lake::init(&global.lake)?;
    args.launch.remember(global)?;
    let options = mcp::Options { jobs: launch.jobs, limits: launch.limits, fixtures: launch.fixtures.clone(), retries: args.retries };
    let report = block_on(mcp::ingest(&lake, &launch.servers, &options))?;
    let failed: Vec<_> = report.servers.iter().filter(|s| s.status != "ok").collect();
    for server in &failed {
        eprintln!("{}: {}", server.server, server.reason.as_deref().unwrap_or("failed"));
    }
    for server in report.servers.iter().filter(|s| global.verbose && s.status == "ok") {
        eprintln!("{}: {} tools{}", server.server, server.tools, server.notes.as_ref().map(|n| format!("; {n}")).unwrap_or_default());
    }
    if args.diff {
        print_texts(global, &["server", "tool", "change"], &report.changes)?;
    }
    let tools: i64 = report.servers.iter().map(|s| s.tools).sum();
    global.say(format!(
        "{} of {} servers, {tools} tools, {} resources, {} prompts, snapshot {}",
        report.servers.len() - failed.len(),
        report.servers.len(),
        report.resources,
        report.prompts,
        report.snapshot.id
    ));
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Error::Partial(format!("{} of {} servers did not come in", failed.len(), report.servers.len())))
    }
}
