use std::path::PathBuf;

use crate::cli::Global;
use crate::error::{Error, Result};
use crate::lake::Session;
use crate::report::{self, Wanted};

/// `firefly report`
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Runs to show with their trials; without any, the page is of the lake
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// File of the page
    #[arg(long, default_value = "report.html", value_name = "FILE")]
    out: PathBuf,
    /// Most transcripts of a run, those of failed trials first
    #[arg(long, default_value_t = 400, value_name = "N")]
    transcripts: usize,
    /// Snapshot to report on [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    at: Option<String>,
}

/// Writes the page.
pub fn run(global: &Global, args: &ReportArgs) -> Result<()> {
    let lake = global.open()?;
    let session = Session::open(&lake, lake.snapshot(args.at.as_deref())?)?;
    let page = report::page(&session, &Wanted { runs: args.runs.clone(), transcripts: args.transcripts })?;
    std::fs::write(&args.out, page).map_err(Error::io("writing", &args.out))?;
    global.say(format!("open {} in a browser", args.out.display()));
    Ok(())
}
