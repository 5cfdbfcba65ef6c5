//! `README.md`: the dataset card as Hugging Face reads it (<https://huggingface.co/docs/hub/datasets-cards>).

use std::fmt::Write;

use crate::lake::export::tasks::COLUMNS;
use crate::lake::export::{About, ExportManifest};
use crate::lake::schema;

/// The text that does not depend on the data.
const TEMPLATE: &str = include_str!("card.md");

/// Before the figures of the splits.
const SPLITS: &str = "
## The tasks

The config `tasks` has those that pass every gate, split so that training and testing share no sub-DAG of tools, no gold call and no
answer; tasks that would tie the two together are held back. Each row says what the person asks (`question`), which tools there
are (`tools`), the label (`answer`), and one way to it (`gold_calls`).

| split | tasks | easy | medium | hard | crossing servers | servers | tools | mean calls | mean answer fields |
|---|---|---|---|---|---|---|---|---|---|
";

/// Before what the gates said.
const GATES: &str = "
## The gates

Every task of the table `task` was put through every gate; `gate` says why one failed. Only tasks that pass all of them are in a split.

| gate | passed | failed |
|---|---|---|
";

/// The card of an export.
pub fn text(manifest: &ExportManifest, about: &About) -> String {
    let rows = |name: &str| manifest.tables.get(name).map_or(0, |t| t.rows);
    let filled: Vec<_> = schema::tables().iter().filter(|t| rows(&t.name) > 0).collect();
    let tasks = filled.iter().any(|t| t.name == "task");
    let first = if !manifest.splits.is_empty() {
        "tasks"
    } else if tasks {
        "task"
    } else {
        "call"
    };
    let mut configs = splits(manifest);
    let mut tables = String::new();
    for table in &filled {
        let default = if table.name == first { "\n  default: true" } else { "" };
        let _ = write!(configs, "- config_name: {0}{default}\n  data_files: data/{0}/*.parquet\n", table.name);
        let _ = writeln!(tables, "| `{}` | {} | {} | {} |", table.name, rows(&table.name), table.grain, table.doc);
    }
    let mut columns = String::new();
    for table in &filled {
        let _ = write!(columns, "\n### {}\n\n{}\n\n| column | type | meaning |\n|---|---|---|\n", table.name, table.doc);
        for column in &table.columns {
            let _ = writeln!(
                columns,
                "| `{}` | {} | {} |",
                column.name,
                format!("{:?}", column.kind).to_lowercase(),
                column.doc.replace('|', "\\|")
            );
        }
    }
    let lines = if about.lines { "\n`lines/<table>.jsonl.zst` holds the same rows as JSON lines.\n" } else { "" };
    let versions = manifest.tables.values().find_map(|t| t.lineage.as_ref()).map_or(String::new(), |l| l.duckdb.clone());
    let values = [
        ("{license}", about.license.clone()),
        ("{title}", about.title.clone()),
        ("{yaml_title}", serde_json::Value::from(about.title.clone()).to_string()),
        ("{size}", size(if tasks { rows("task") } else { rows("call") }).into()),
        ("{configs}", configs),
        ("{snapshot}", manifest.snapshot.to_string()),
        ("{firefly}", manifest.firefly.clone()),
        ("{duckdb}", versions),
        ("{created_at}", manifest.created_at.clone()),
        ("{tables}", tables),
        ("{lines}", lines.into()),
        ("{made}", made(manifest)),
        ("{gates}", gates(manifest)),
        ("{first}", first.into()),
        ("{table}", if tasks { "task" } else { "call" }.into()),
        ("{part}", if first == "tasks" { "test" } else { "train" }.into()),
        ("{columns}", columns),
    ];
    values.iter().fold(TEMPLATE.to_owned(), |text, (name, value)| text.replace(name, value))
}

/// The config that has the verified tasks, a file a split.
fn splits(manifest: &ExportManifest) -> String {
    if manifest.splits.is_empty() {
        return String::new();
    }
    let file =
        |text: String, split: &super::ExportedSplit| text + &format!("  - split: {}\n    path: {}\n", split.figures.split, split.path);
    manifest.splits.iter().fold("- config_name: tasks\n  default: true\n  data_files:\n".to_owned(), file)
}

/// The section on the splits: how they came about, their figures, and their columns.
fn made(manifest: &ExportManifest) -> String {
    if manifest.splits.is_empty() {
        return String::new();
    }
    let mut text = SPLITS.to_owned();
    for split in manifest.splits.iter().map(|s| &s.figures) {
        let share = |n: u64| format!("{:.1}%", 100.0 * n as f64 / split.tasks.max(1) as f64);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            split.split,
            split.tasks,
            share(split.easy),
            share(split.medium),
            share(split.hard),
            share(split.crossing),
            split.servers,
            split.tools,
            split.calls,
            split.fields
        );
    }
    text.push_str("\n| column of `tasks` | meaning |\n|---|---|\n");
    COLUMNS.iter().for_each(|(name, _, doc)| {
        let _ = writeln!(text, "| `{name}` | {doc} |");
    });
    text
}

/// The section on the gates.
fn gates(manifest: &ExportManifest) -> String {
    let mut text = String::new();
    if !manifest.gates.is_empty() {
        text.push_str(GATES);
    }
    for gate in &manifest.gates {
        let _ = writeln!(text, "| `{}` | {} | {} |", gate.gate, gate.passed, gate.failed);
    }
    text
}

/// Hugging Face's size category of so many rows.
fn size(rows: u64) -> &'static str {
    match rows {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "10M<n<100M",
    }
}
