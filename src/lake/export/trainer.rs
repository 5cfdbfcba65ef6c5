//! Tasks in the columns that trainers read: one query a form, in `sql/trainers`.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lake::schema::literal;
use crate::lake::{Lake, Session, Snapshot, files};
use crate::sql;

/// A form that a trainer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// TRL's SFTTrainer: messages and tools, Parquet
    TrlSft,
    /// TRL's GRPOTrainer: prompt, tools and label, Parquet
    TrlGrpo,
    /// verl's RLHFDataset, Parquet, with the files that name `firefly serve` as its MCP server
    Verl,
    /// NeMo-Gym's rows, JSON lines
    NemoGym,
    /// OpenAI's messages and tools, JSON lines
    Openai,
    /// The columns of Toucan-1.5M, Parquet
    Toucan,
}

impl Form {
    fn file(self) -> sql::SqlFile {
        sql::get(match self {
            Form::TrlSft => "trainers/trl-sft.sql",
            Form::TrlGrpo => "trainers/trl-grpo.sql",
            Form::Verl => "trainers/verl.sql",
            Form::NemoGym => "trainers/nemo-gym.sql",
            Form::Openai => "trainers/openai.sql",
            Form::Toucan => "trainers/toucan.sql",
        })
    }

    /// Ending of its files, and how DuckDB is told to write them.
    fn packing(self) -> (&'static str, &'static str) {
        match self {
            Form::NemoGym | Form::Openai => ("jsonl", "FORMAT json"),
            _ => ("parquet", "FORMAT parquet, COMPRESSION zstd"),
        }
    }
}

/// One file that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Where it is.
    pub path: PathBuf,
    /// Number of tasks in it.
    pub tasks: u64,
}

/// Port that `firefly serve` takes where none is named.
const PORT: u16 = 8765;

/// Writes the verified tasks of `snapshot` into `folder`, a file a split; one file `all` where the tasks are not split.
///
/// Errors with [`Error::Empty`] where there is none, and with [`Error::Io`] where the folder can't be written. What is there of the
/// same name is replaced, once the new file is whole.
pub fn write(lake: &Lake, snapshot: &Snapshot, form: Form, folder: &Path) -> Result<Vec<Written>> {
    #[derive(serde::Deserialize)]
    struct Split {
        split: String,
        tasks: u64,
    }
    let session = Session::open(lake, snapshot.clone())?;
    let splits: Vec<Split> = session.rows(sql::get("export/trainer_split.sql"))?;
    if splits.is_empty() {
        let hint = "`firefly verify` says which tasks pass every gate".into();
        return Err(Error::Empty { what: "the snapshot has no verified tasks".into(), hint });
    }
    std::fs::create_dir_all(folder).map_err(Error::io("making", folder))?;
    let (ending, how) = form.packing();
    let mut written = Vec::new();
    for Split { split, tasks } in splits {
        let path = folder.join(format!("{split}.{ending}"));
        let part = folder.join(format!(".{split}.{ending}.part"));
        session.set("split", split.as_str())?;
        let query = form.file();
        session.execute(query.path, &format!("COPY (\n{}) TO {} ({how})", query.text, literal(&part.to_string_lossy())))?;
        std::fs::rename(&part, &path).map_err(Error::io("renaming", &part))?;
        written.push(Written { path, tasks });
    }
    if form == Form::Verl {
        let servers = serde_json::json!({"mcpServers": {"firefly": {"url": format!("http://127.0.0.1:{PORT}/mcp")}}});
        files::write_durably(&folder.join("mcp_server.json"), format!("{servers:#}\n").as_bytes())?;
        files::write_durably(&folder.join("tools.yaml"), TOOLS.as_bytes())?;
    }
    Ok(written)
}

/// verl's tool file: `firefly serve --mcp http` as an MCP server.
const TOOLS: &str = "\
tools:
  - class_name: verl.tools.mcp_base_tool.MCPBaseTool
    config:
      type: mcp
      rate_limit: 120
      timeout: 120
    mcp:
      mcp_servers_config_path: ./mcp_server.json
";
