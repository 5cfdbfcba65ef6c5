use crate::cli::Global;
use crate::cli::output::{self, Format, Rows};
use crate::error::{Error, Result};
use crate::lake::Session;
use crate::sql::{self, SqlFile};

/// `firefly stats`
#[derive(Debug, clap::Args)]
pub struct StatsArgs {
    /// What to show figures of; `graph/tiers` is one part of `graph`
    #[arg(default_value = "lake")]
    topic: String,
}

/// Prints the figures of a topic: one SQL file of `sql/stats/topics`, or a folder of them.
pub fn run(global: &Global, args: &StatsArgs) -> Result<()> {
    let whole = sql::list("stats/topics");
    let parts: Vec<SqlFile> = sql::folders("stats/topics").iter().flat_map(|folder| sql::list(folder)).collect();
    let topic = |file: &SqlFile| file.path.trim_start_matches("stats/topics/").trim_end_matches(".sql").to_owned();
    let of = |file: &SqlFile| topic(file).split_once('/').map_or_else(|| topic(file), |(folder, _)| folder.to_owned());
    let wanted: Vec<SqlFile> =
        whole.iter().chain(&parts).filter(|file| topic(file) == args.topic || of(file) == args.topic).copied().collect();
    let session = global.open()?.session()?;
    match wanted.as_slice() {
        [] => {
            let mut known: Vec<_> = whole.iter().chain(&parts).map(of).collect();
            known.sort();
            known.dedup();
            Err(Error::Usage(format!("no figures of `{}`; there are figures of {}", args.topic, known.join(", "))))
        }
        [file] => print(global, &session, file),
        several if global.rows_as()?.is_none_or(|format| format == Format::Table) => {
            for file in several {
                println!("{}: {}", topic(file), file.grain().unwrap_or_default());
                print(global, &session, file)?;
                println!();
            }
            Ok(())
        }
        several => {
            let names: Vec<_> = several.iter().map(topic).collect();
            Err(Error::Usage(format!("`{}` has several parts; ask for one in this format: {}", args.topic, names.join(", "))))
        }
    }
}

fn print(global: &Global, session: &Session, file: &SqlFile) -> Result<()> {
    let (schema, batches) = session.batches(file.text)?;
    output::print(global, &Rows { schema, batches })
}
