use std::path::PathBuf;

use crate::cli::Global;
use crate::error::Result;
use crate::lake::Snapshot;
use crate::lake::publish::{self, Target};

/// `firefly publish`
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// Catalog of the DuckLake: a file, or `postgres:dbname=… host=…` (a password belongs in ~/.pgpass)
    #[arg(long, value_name = "CATALOG")]
    catalog: String,
    /// Folder for the segments, as every reader sees it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Schema of the tables
    #[arg(long, default_value = "main", value_name = "NAME")]
    schema: String,
    /// Snapshot to publish, by number or name [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    at: Option<String>,
    /// Snapshot that was published last, by number or name [default: none was]
    #[arg(long, value_name = "SNAPSHOT")]
    since: Option<String>,
    /// Copy the segments and print the SQL that registers them, for another DuckDB to run
    #[arg(long)]
    print_sql: bool,
}

/// Copies a snapshot into a DuckLake.
pub fn run(global: &Global, args: &PublishArgs) -> Result<()> {
    let lake = global.open()?;
    let snapshot = lake.snapshot(args.at.as_deref())?;
    let since = match &args.since {
        Some(since) => lake.snapshot(Some(since))?,
        None => Snapshot { id: 0, segments: Vec::new() },
    };
    let target = Target { catalog: args.catalog.clone(), data: args.data.clone(), schema: args.schema.clone() };
    let copied =
        if args.print_sql { publish::copy(&lake, &snapshot, &target)? } else { publish::publish(&lake, &since, &snapshot, &target)? };
    if args.print_sql {
        print!("{}", publish::sql(&since, &snapshot, &target));
    }
    global.say(format!("snapshot {}: {copied} segments copied to {}", snapshot.id, args.data.display()));
    Ok(())
}
