use crate::cli::Global;
use crate::cli::output::{self, Rows};
use crate::error::{Error, Result};
use crate::sql;

/// `firefly stats`
#[derive(Debug, clap::Args)]
pub struct StatsArgs {
    /// What to show figures of
    #[arg(default_value = "lake")]
    topic: String,
}

/// Prints the figures of a topic: one SQL file of `sql/stats/topics` each.
pub fn run(global: &Global, args: &StatsArgs) -> Result<()> {
    let topics = sql::list("stats/topics");
    let Some(file) = topics.iter().find(|f| f.name() == args.topic) else {
        let known: Vec<_> = topics.iter().map(sql::SqlFile::name).collect();
        return Err(Error::Usage(format!("no figures of `{}`; there are figures of {}", args.topic, known.join(", "))));
    };
    let session = global.open()?.session()?;
    let (schema, batches) = session.batches(file.text)?;
    output::print(global, &Rows { schema, batches })
}
