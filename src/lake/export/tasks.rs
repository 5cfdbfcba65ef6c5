//! The tasks as a trainer wants them, beside the tables as they are: those that pass every gate, a file a split, each with the tools it
//! needs. Written where the snapshot's tasks are split.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lake::export::ExportedFile;
use crate::lake::schema::literal;
use crate::lake::{Lake, Session, Snapshot, files};
use crate::sql;

/// Columns of the files, with their types as Croissant names them and what they mean.
pub const COLUMNS: [(&str, &str, &str); 10] = [
    ("task_id", "sc:Text", "Id of the task; the key of `task`, `provenance` and `gate`."),
    ("question", "sc:Text", "What the person asks."),
    ("answer", "sc:Text", "The label as JSON: an object with one member per answer field."),
    ("answer_schema", "sc:Text", "JSON Schema of the answer; it also says how each field is compared."),
    ("gold_calls", "sc:Text", "JSON: the calls that lead to the answer, in order: call_index, server, tool, arguments."),
    ("tools", "sc:Text", "JSON: the tools of the gold calls: name, description, parameters."),
    ("calls", "sc:Integer", "Number of gold calls."),
    ("servers", "sc:Integer", "Number of servers they cross."),
    ("flows", "sc:Integer", "Number of values that flow between gold calls."),
    ("difficulty", "sc:Text", "`easy`, `medium` or `hard`."),
];

/// One split of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportedSplit {
    /// Its file, by its path in the export.
    pub path: String,
    /// The file.
    #[serde(flatten)]
    pub file: ExportedFile,
    /// What is in it.
    pub figures: Figures,
}

/// Figures of a split.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figures {
    /// `train` or `test`.
    pub split: String,
    /// Number of tasks.
    pub tasks: u64,
    /// Of them, easy ones.
    pub easy: u64,
    /// Those between.
    pub medium: u64,
    /// Hard ones.
    pub hard: u64,
    /// Servers that they call.
    pub servers: u64,
    /// Tools that they call.
    pub tools: u64,
    /// Tasks that cross servers.
    pub crossing: u64,
    /// Mean number of gold calls.
    pub calls: f64,
    /// Mean number of answer fields.
    pub fields: f64,
}

/// What one gate said of all tasks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GateFigure {
    /// The gate.
    pub gate: String,
    /// Tasks that passed.
    pub passed: u64,
    /// Tasks that did not.
    pub failed: u64,
}

/// Writes `data/tasks/<split>.parquet` below `target` for each split; none where the tasks are not split.
pub fn write(lake: &Lake, snapshot: &Snapshot, target: &Path) -> Result<(Vec<ExportedSplit>, Vec<GateFigure>)> {
    if snapshot.of("task").next().is_none() {
        return Ok(Default::default());
    }
    let session = Session::open(lake, snapshot.clone())?;
    let gates = session.rows(sql::get("export/gate_figure.sql"))?;
    let mut splits = Vec::new();
    for figures in session.rows::<Figures>(sql::get("export/split_figure.sql"))? {
        let path = format!("data/tasks/{}.parquet", figures.split);
        let to = target.join(&path);
        let folder = to.parent().unwrap_or(target);
        std::fs::create_dir_all(folder).map_err(Error::io("making", folder))?;
        session.set("split", figures.split.as_str())?;
        let query = sql::get("export/tasks.sql");
        let text = format!("COPY (\n{}) TO {} (FORMAT parquet, COMPRESSION zstd)", query.text, literal(&to.to_string_lossy()));
        session.execute(query.path, &text)?;
        let (sha256, bytes) = files::sha256_file(&to)?;
        splits.push(ExportedSplit { path, file: ExportedFile { sha256, bytes, rows: figures.tasks }, figures });
    }
    Ok((splits, gates))
}
