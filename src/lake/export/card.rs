//! `README.md`: the dataset card as Hugging Face reads it (<https://huggingface.co/docs/hub/datasets-cards>).

use std::fmt::Write;

use crate::lake::export::{About, ExportManifest};
use crate::lake::schema;

/// The text that does not depend on the data.
const TEMPLATE: &str = include_str!("card.md");

/// The card of an export.
pub fn text(manifest: &ExportManifest, about: &About) -> String {
    let rows = |name: &str| manifest.tables.get(name).map_or(0, |t| t.rows);
    let filled: Vec<_> = schema::tables().iter().filter(|t| rows(&t.name) > 0).collect();
    let tasks = filled.iter().any(|t| t.name == "task");
    let mut configs = String::new();
    let mut tables = String::new();
    for table in &filled {
        let default = if table.name == "task" || (!tasks && table.name == "call") { "\n  default: true" } else { "" };
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
        ("{first}", if tasks { "task" } else { "call" }.into()),
        ("{columns}", columns),
    ];
    values.iter().fold(TEMPLATE.to_owned(), |text, (name, value)| text.replace(name, value))
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
