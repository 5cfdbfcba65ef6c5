use std::path::PathBuf;

use clap::Subcommand;

use crate::cli::Global;
use crate::cli::output::{self, Rows};
use crate::error::{Error, Result};
use crate::lake::export;

/// `firefly snapshot`
#[derive(Debug, clap::Args)]
pub struct SnapshotArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// All snapshots, oldest first
    List,
    /// How one came about, and what it changed
    Show {
        /// Number of the snapshot
        snapshot: u64,
    },
    /// Write a snapshot into a folder that needs no firefly to read
    Export {
        /// Folder to write; it must be empty or absent
        dir: PathBuf,
        /// Snapshot to export [default: the newest]
        #[arg(long, value_name = "SNAPSHOT")]
        at: Option<u64>,
        /// Also each table as JSON lines packed with zstd, in lines/
        #[arg(long)]
        jsonl: bool,
    },
    /// Check an export: checksums, rows and logical hashes, reread with Polars
    Verify {
        /// Folder of the export
        dir: PathBuf,
    },
}

/// Runs the action.
pub fn run(global: &Global, args: &SnapshotArgs) -> Result<()> {
    match &args.action {
        Action::List => list(global),
        Action::Show { snapshot } => {
            let manifest = global.open()?.manifest(*snapshot)?;
            let text = serde_json::to_string_pretty(&manifest).map_err(|e| Error::Query(e.to_string()))?;
            println!("{text}");
            Ok(())
        }
        Action::Export { dir, at, jsonl } => {
            let lake = global.open()?;
            let snapshot = lake.snapshot(*at)?;
            let manifest = export::export(&lake, &snapshot, dir, *jsonl)?;
            let rows: u64 = manifest.tables.values().map(|t| t.rows).sum();
            global.say(format!("snapshot {}: {} tables, {rows} rows in {}", snapshot.id, manifest.tables.len(), dir.display()));
            Ok(())
        }
        Action::Verify { dir } => {
            let (manifest, wrong) = export::verify(dir)?;
            wrong.iter().for_each(|what| println!("{what}"));
            if !wrong.is_empty() {
                return Err(Error::Mismatch(format!("{} things are not as the manifest says", wrong.len())));
            }
            let rows: u64 = manifest.tables.values().map(|t| t.rows).sum();
            global.say(format!("{} tables, {rows} rows: every checksum and logical hash holds", manifest.tables.len()));
            Ok(())
        }
    }
}

fn list(global: &Global) -> Result<()> {
    let (schema, batches) = global.open()?.snapshots()?;
    output::print(global, &Rows { schema, batches })
}
