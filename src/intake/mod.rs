//! Intake: how files become rows, whatever is in them. Opens what is packed, cuts it into records, lets a [`Source`]
//! read them on all cores, and commits rows in parts, so that memory does not grow with the input.
//!
//! A source knows one format and nothing else; `docs/sources.md` says how to add one.

pub mod buffers;
pub mod called;
pub mod catalogue;
pub mod episode;
pub mod found;
pub mod inferred;
pub mod open;
pub mod pairing;
pub mod parquet;
pub mod reader;
pub mod reading;
pub mod recognise;
pub mod records;
pub mod run;
pub mod tables;
pub mod written;

use std::path::{Path, PathBuf};

use serde_json::Value;

pub use found::{BenchmarkTask, Found, FoundServer, FoundTool, Json, KnownLink, Odd, Trace, TracedCall};
pub use run::{Options, Report, files};

/// Most bytes of one record, and of one file of an archive. What is longer is rejected: it would have to be in memory
/// as a whole.
pub const MAX_RECORD: usize = 64 << 20;

/// One format that exists in the field.
pub trait Source: Sync {
    /// Its name, as `--format` takes it.
    fn name(&self) -> &'static str;

    /// What it is, in a line.
    fn about(&self) -> &'static str;

    /// The collection its rows are said to come from, where neither the rows nor `--source` say so.
    fn label(&self) -> &'static str {
        self.name()
    }

    /// Whether `record` is one of its records.
    fn recognises(&self, record: &Value, place: &Place) -> bool;

    /// Reads one record, which is JSON text. The error says why it could not be read.
    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String>;

    /// Whether its records mean something else where their file stands elsewhere.
    fn by_path(&self) -> bool {
        false
    }

    /// Whether `next` goes on with the episode that `record` belongs to; such records are read together.
    fn continues(&self, _record: &str, _next: &str) -> bool {
        false
    }
}

/// Where a record stands.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The file, or the entry of an archive.
    pub path: String,
    /// Folder of a plain file, for what stands beside it.
    pub folder: Option<PathBuf>,
}

impl Place {
    /// The words of its path that a dataset is told by: folders and file name, in lower case.
    pub fn steps(&self) -> Vec<String> {
        self.path.split(['/', '\\']).map(str::to_ascii_lowercase).collect()
    }

    /// The name of the folder the file is in.
    pub fn parent(&self) -> Option<&str> {
        self.path.rsplit('/').nth(1)
    }

    /// The text of a file beside it, where there is one of sensible size.
    pub fn beside(&self, name: &str) -> Option<String> {
        let path = self.folder.as_deref()?.join(name);
        let small = |p: &Path| std::fs::symlink_metadata(p).is_ok_and(|m| m.is_file() && m.len() <= MAX_RECORD as u64);
        small(&path).then(|| std::fs::read_to_string(&path).ok()).flatten()
    }
}
