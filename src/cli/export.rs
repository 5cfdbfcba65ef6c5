use std::path::PathBuf;

use crate::cli::Global;
use crate::error::Result;
use crate::lake::export::trainer::{self, Form};

/// `firefly export`
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// Who is to read it
    #[arg(value_enum)]
    form: Form,
    /// Folder to write: a file a split
    dir: PathBuf,
    /// Snapshot to export, by number or name [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    at: Option<String>,
}

/// Writes the verified tasks as a trainer reads them.
pub fn run(global: &Global, args: &ExportArgs) -> Result<()> {
    let lake = global.open()?;
    let snapshot = lake.snapshot(args.at.as_deref())?;
    for file in trainer::write(&lake, &snapshot, args.form, &args.dir)? {
        global.say(format!("{} tasks in {}", file.tasks, file.path.display()));
    }
    Ok(())
}
