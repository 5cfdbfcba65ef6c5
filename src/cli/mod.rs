//! The command line: one verb a file.

mod completions;
mod config;
mod eval;
mod explore;
mod export;
mod fsck;
mod gc;
mod graph;
mod ingest;
mod init;
mod launch;
mod man;
mod model;
mod output;
mod prompt;
mod publish;
mod rebuild;
mod report;
mod run;
mod sample;
mod serve;
mod snapshot;
mod split;
mod sql;
mod stats;
mod synthesize;
mod verify;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::error::{Error, Result};
use crate::lake::Lake;
use crate::lake::settings::{self, Settings};
use crate::progress;
pub use output::Format;
pub use prompt::complete;

/// Verified tool-call tasks from real MCP servers, in a lake that can be queried.
#[derive(Debug, Parser)]
#[command(name = "firefly", version, max_term_width = 100, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    verb: Verb,
}

const EXIT_CODES: &str =
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a verification found a mismatch, 4 the lake is locked, 130 interrupted.";

/// Options of every verb.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the lake
    #[arg(long, global = true, env = "FIREFLY_LAKE", default_value = "./lake", value_name = "DIR")]
    pub lake: PathBuf,
    /// Seed of everything drawn by chance [default: 7]
    #[arg(long, global = true, env = "FIREFLY_SEED", value_name = "N")]
    pub seed: Option<u64>,
    /// How rows are printed: table, json, ndjson, jsonl.zst, csv, markdown or parquet [default: table on a terminal, ndjson when
    /// piped]. For `ingest`, what the files are
    #[arg(long, global = true, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: each server that came in, with what was odd about it
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Colours in tables
    #[arg(long, global = true, value_enum, default_value_t = clap::ColorChoice::Auto, value_name = "WHEN")]
    pub color: clap::ColorChoice,
    /// Draw no progress bars
    #[arg(long, global = true)]
    pub no_progress: bool,
}

impl Global {
    /// The lake, which must be there.
    fn open(&self) -> Result<Lake> {
        Lake::open(&self.lake)
    }

    /// The lake's settings.
    fn settings(&self) -> Result<Settings> {
        settings::read(&self.lake)
    }

    /// The seed: flag or environment, lake, default.
    fn seed(&self) -> Result<u64> {
        Ok(self.seed.or(self.settings()?.seed).unwrap_or(7))
    }

    /// How rows are to be printed, where that was said.
    fn rows_as(&self) -> Result<Option<Format>> {
        let known = |name: &String| {
            Format::from_str(name, false).map_err(|_| Error::Usage(format!("rows can't be printed as `{name}`; see --help")))
        };
        self.format.as_ref().map(known).transpose()
    }

    /// Tells the person something on standard error, unless they want quiet.
    fn say(&self, text: impl AsRef<str>) {
        if !self.quiet {
            eprintln!("{}", text.as_ref());
        }
    }
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a lake
    Init(init::InitArgs),
    /// Bring in servers and tools, traces, and benchmark tasks
    Ingest(ingest::IngestArgs),
    /// Build the tool graph
    Graph(graph::GraphArgs),
    /// Draw sub-DAGs of the tool graph
    Sample(sample::SampleArgs),
    /// Walk sub-DAGs against live servers and record every call
    Explore(explore::ExploreArgs),
    /// Write tasks backward from what was observed
    Synthesize(synthesize::SynthesizeArgs),
    /// Put every task through every gate
    Verify(verify::VerifyArgs),
    /// Say which verified tasks are for training and which for testing
    Split(split::SplitArgs),
    /// Write the verified tasks in the columns that a trainer reads
    Export(export::ExportArgs),
    /// Serve recorded calls and tasks offline
    Serve(serve::ServeArgs),
    /// Evaluate a model on the tasks, through the simulator
    Eval(eval::EvalArgs),
    /// Write a page about evaluation runs, or about the lake
    Report(report::ReportArgs),
    /// Run all stages until there are enough verified tasks
    Run(run::RunArgs),
    /// Show figures of the lake
    Stats(stats::StatsArgs),
    /// Query the lake
    Sql(sql::SqlArgs),
    /// Versions of the lake: create, list, show, diff, export, verify
    Snapshot(snapshot::SnapshotArgs),
    /// Check that the lake holds what its catalog says
    Fsck(fsck::FsckArgs),
    /// Make the catalog anew from the manifests and segments
    Rebuild(rebuild::RebuildArgs),
    /// Copy a snapshot into a DuckLake that a team shares
    Publish(publish::PublishArgs),
    /// Remove files that no snapshot knows
    Gc(gc::GcArgs),
    /// Show each setting and where it comes from
    Config(config::ConfigArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the manual page
    Man(man::ManArgs),
}

/// The whole command line, for completions, the manual page and the docs test.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses the command line and runs the verb.
pub fn run() -> Result<()> {
    let Cli { global, verb } = Cli::parse();
    if global.quiet || global.no_progress {
        progress::hide();
    }
    let result = match verb {
        Verb::Init(args) => init::run(&global, &args),
        Verb::Ingest(args) => ingest::run(&global, &args),
        Verb::Graph(args) => graph::run(&global, &args),
        Verb::Sample(args) => sample::run(&global, &args),
        Verb::Explore(args) => explore::run(&global, &args),
        Verb::Synthesize(args) => synthesize::run(&global, &args),
        Verb::Verify(args) => verify::run(&global, &args),
        Verb::Split(args) => split::run(&global, &args),
        Verb::Export(args) => export::run(&global, &args),
        Verb::Serve(args) => serve::run(&global, &args),
        Verb::Eval(args) => eval::run(&global, &args),
        Verb::Report(args) => report::run(&global, &args),
        Verb::Run(args) => run::run(&global, &args),
        Verb::Stats(args) => stats::run(&global, &args),
        Verb::Sql(args) => sql::run(&global, &args),
        Verb::Snapshot(args) => snapshot::run(&global, &args),
        Verb::Fsck(args) => fsck::run(&global, &args),
        Verb::Rebuild(args) => rebuild::run(&global, &args),
        Verb::Publish(args) => publish::run(&global, &args),
        Verb::Gc(args) => gc::run(&global, &args),
        Verb::Config(args) => config::run(&global, &args),
        Verb::Completions(args) => completions::run(&args),
        Verb::Man(args) => man::run(&args),
    };
    match result {
        // Whoever reads the output has had enough of it.
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Runs a future to its end or to Ctrl-C, whichever comes first. All that the future started is dropped
/// with it, and dropping a live server ends its processes.
fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Error::io("starting", "the runtime"))?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = future => result,
            _ = interrupted() => Err(Error::Interrupted),
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    result
}

/// Whether to use colours and bold on a stream that is, or is not, a terminal.
fn colours(choice: clap::ColorChoice, terminal: bool) -> bool {
    match choice {
        clap::ColorChoice::Always => true,
        clap::ColorChoice::Never => false,
        clap::ColorChoice::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Ends when the process is asked to stop.
async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hangup)) = (signal(SignalKind::terminate()), signal(SignalKind::hangup())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
