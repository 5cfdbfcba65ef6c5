use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use clap::Subcommand;

use crate::cli::Global;
use crate::cli::output::{self, Format, Rows};
use crate::error::{Error, Result};
use crate::lake::diff::Diff;
use crate::lake::{export, naming, schema};

/// `firefly snapshot`
#[derive(Debug, clap::Args)]
pub struct SnapshotArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Give a snapshot a name that `--at` and the other verbs take in place of its number
    Create {
        /// The name: letters, digits, `.`, `_` and `-`
        name: String,
        /// Snapshot to name [default: the newest]
        #[arg(long, value_name = "SNAPSHOT")]
        at: Option<String>,
        /// What it is for
        #[arg(long)]
        note: Option<String>,
    },
    /// All snapshots, oldest first
    List,
    /// How one came about, and what it changed
    Show {
        /// Number or name of the snapshot
        snapshot: String,
    },
    /// Rows added, gone and changed between two snapshots, by table
    Diff {
        /// The earlier one, by number or name
        a: String,
        /// The later one, by number or name
        b: String,
        /// The keys that differ in one table, instead
        #[arg(long, value_name = "TABLE", conflicts_with = "tasks")]
        table: Option<String>,
        /// The tasks of A that rest on tools which changed or went, instead
        #[arg(long)]
        tasks: bool,
    },
    /// Write a snapshot into a folder that needs no firefly to read
    ///
    /// With `--format jsonl.zst` each table is written as lines too, in lines/.
    Export {
        /// Folder to write; it must be empty or absent
        dir: PathBuf,
        /// Snapshot to export, by number or name [default: the newest]
        #[arg(long, value_name = "SNAPSHOT")]
        at: Option<String>,
        /// Licence of the data, as Hugging Face names it
        #[arg(long, default_value = "other", value_name = "LICENCE")]
        license: String,
        /// Title of the dataset card
        #[arg(long, default_value = "firefly snapshot", value_name = "TITLE")]
        title: String,
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
        Action::Create { name, at, note } => {
            let snapshot = naming::create(&global.open()?, name, at.as_deref(), note.as_deref())?;
            global.say(format!("snapshot {} is `{name}` now", snapshot.id));
            Ok(())
        }
        Action::List => {
            let (schema, batches) = global.open()?.snapshots()?;
            output::print(global, &Rows { schema, batches })
        }
        Action::Show { snapshot } => {
            let manifest = global.open()?.manifest(snapshot)?;
            let text = serde_json::to_string_pretty(&manifest).map_err(|e| Error::Query(e.to_string()))?;
            println!("{text}");
            Ok(())
        }
        Action::Diff { a, b, table, tasks } => diff(global, a, b, table.as_deref(), *tasks),
        Action::Export { dir, at, license, title } => {
            let lines = match global.rows_as()? {
                Some(Format::JsonlZst) => true,
                None | Some(Format::Parquet) => false,
                Some(_) => return Err(Error::Usage("an export is Parquet; `--format jsonl.zst` adds lines".into())),
            };
            let lake = global.open()?;
            let snapshot = lake.snapshot(at.as_deref())?;
            let about = export::About { title: title.clone(), license: license.clone(), lines };
            let manifest = export::export(&lake, &snapshot, dir, &about)?;
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

fn diff(global: &Global, a: &str, b: &str, table: Option<&str>, tasks: bool) -> Result<()> {
    let lake = global.open()?;
    let diff = Diff::open(&lake, lake.snapshot(Some(a))?, lake.snapshot(Some(b))?)?;
    if let Some(name) = table {
        let table = schema::table(name).ok_or_else(|| Error::Usage(format!("there is no table `{name}`")))?;
        let text = diff.compared(table).unwrap_or_else(|| format!("SELECT '' AS change FROM {} LIMIT 0", schema::quote(name)));
        let (schema, batches) = diff.session().batches(&text)?;
        return output::print(global, &Rows { schema, batches });
    }
    let invalidated = diff.invalidated()?;
    if tasks {
        return output::print_values(global, columns(&["task_id", "server", "tool", "change"], &[]), &invalidated);
    }
    output::print_values(global, columns(&["table"], &["added", "gone", "changed"]), &diff.changes()?)?;
    if !invalidated.is_empty() {
        let mut ids: Vec<_> = invalidated.iter().map(|t| &t.task_id).collect();
        ids.dedup();
        global.say(format!("{} tasks rest on tools that changed or went; `--tasks` names them", ids.len()));
    }
    Ok(())
}

fn columns(texts: &[&str], numbers: &[&str]) -> SchemaRef {
    let field = |kind: DataType| move |name: &&str| Field::new(*name, kind.clone(), true);
    let fields: Vec<_> = texts.iter().map(field(DataType::Utf8)).chain(numbers.iter().map(field(DataType::UInt64))).collect();
    Arc::new(Schema::new(fields))
}
