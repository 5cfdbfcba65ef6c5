use std::io::Read;
use std::path::PathBuf;

use crate::cli::Global;
use crate::cli::output::{self, Rows};
use crate::error::{Error, Result};
use crate::lake::{Session, query};

/// `firefly sql`
#[derive(Debug, clap::Args)]
pub struct SqlArgs {
    /// The query; standard input where neither it nor --file is given
    query: Option<String>,
    /// File with the query
    #[arg(short, long, value_name = "FILE", conflicts_with = "query")]
    file: Option<PathBuf>,
    /// Snapshot to query [default: the newest]
    #[arg(long, value_name = "SNAPSHOT")]
    at: Option<u64>,
}

/// Runs a read-only query and prints its rows.
pub fn run(global: &Global, args: &SqlArgs) -> Result<()> {
    let text = match (&args.query, &args.file) {
        (Some(text), _) => text.clone(),
        (None, Some(path)) => std::fs::read_to_string(path).map_err(Error::io("reading", path))?,
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map_err(Error::io("reading", "standard input"))?;
            text
        }
    };
    let lake = global.open()?;
    let session = Session::open(&lake, lake.snapshot(args.at)?)?;
    let (schema, batches) = query::run(&session, &lake, &text)?;
    output::print(global, &Rows { schema, batches })
}
