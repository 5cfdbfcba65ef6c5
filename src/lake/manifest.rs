//! The manifest of a snapshot: a JSON file from which the catalog can be rebuilt.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::lake::files;

/// Version of the manifest's form. A reader refuses a newer one.
pub const FORMAT: u32 = 1;

/// What one commit did.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this form.
    pub format: u32,
    /// The snapshot it made.
    pub snapshot: u64,
    /// The snapshot it was made from; 0 for the first.
    pub parent: u64,
    /// When, as RFC 3339 in UTC. Takes part in no hash.
    pub created_at: String,
    /// How its content came about.
    pub lineage: Lineage,
    /// Segments it added.
    pub added: Vec<Segment>,
    /// Paths of the segments it ended.
    pub ended: Vec<String>,
    /// Names it gave, each to a snapshot.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, u64>,
}

/// Largest manifest that is read: 100,000 segments fit several times.
const LARGEST: u64 = 256 << 20;

/// How a commit's content came about: enough to do it again.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Lineage {
    /// Stage of the pipeline.
    pub stage: String,
    /// SHA-256 of each SQL file it ran, by path below `sql/`.
    pub sql: Vec<(String, String)>,
    /// Its parameters; never a secret.
    pub parameters: Value,
    /// Seed, where chance plays a part.
    pub seed: Option<u64>,
    /// Snapshot it read.
    pub input: u64,
    /// Version of firefly.
    pub firefly: String,
    /// Version of DuckDB.
    pub duckdb: String,
}

/// One immutable Parquet file of a table.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct Segment {
    /// Table it belongs to.
    pub table: String,
    /// Path below the lake, `data/<table>/<sha256>.parquet`.
    pub path: String,
    /// Number of rows.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// Logical hash of its rows.
    pub logical_hash: String,
}

impl Segment {
    /// Refuses a segment whose path is not exactly where its content puts it: a manifest from someone
    /// else must not lead a reader out of the lake.
    pub fn check_path(&self) -> Result<()> {
        if self.path == segment_path(&self.table, &self.file_sha256) && is_plain(&self.table) {
            return Ok(());
        }
        Err(Error::Damaged { path: self.path.clone().into(), what: "is not a path a segment of this lake can have".into() })
    }
}

/// The part of a manifest that every version of it has.
#[derive(Deserialize)]
struct Form {
    format: u32,
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Path of a segment below the lake.
pub fn segment_path(table: &str, sha256: &str) -> String {
    format!("data/{table}/{sha256}.parquet")
}

impl Manifest {
    /// Path below the lake.
    pub fn path(snapshot: u64) -> String {
        format!("snapshots/{snapshot:06}.json")
    }

    /// Writes it below `lake`, durably.
    pub fn write(&self, lake: &Path) -> Result<()> {
        let path = lake.join(Self::path(self.snapshot));
        let text = serde_json::to_vec_pretty(self).map_err(|e| damaged(&path, e))?;
        files::write_durably(&path, &text)
    }

    /// Reads the manifest of `snapshot` below `lake`.
    pub fn read(lake: &Path, snapshot: u64) -> Result<Manifest> {
        let path = lake.join(Self::path(snapshot));
        let text = files::read_plain(lake, &Self::path(snapshot), LARGEST)?;
        let form: Form = serde_json::from_slice(&text).map_err(|e| damaged(&path, e))?;
        if form.format > FORMAT {
            let what = format!("was written by a newer firefly (format {}; this one reads up to {FORMAT}): update firefly", form.format);
            return Err(Error::Damaged { path, what });
        }
        let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| damaged(&path, e))?;
        if manifest.snapshot != snapshot {
            return Err(Error::Damaged { path, what: format!("is the manifest of snapshot {}", manifest.snapshot) });
        }
        manifest.added.iter().try_for_each(Segment::check_path)?;
        Ok(manifest)
    }
}

/// Number of the newest manifest below `lake`, whether it was registered or not; 0 where there is none.
pub fn newest(lake: &Path) -> Result<u64> {
    let folder = lake.join("snapshots");
    let listed = match std::fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        listed => listed.map_err(Error::io("reading", &folder))?,
    };
    let number = |name: std::ffi::OsString| name.to_str()?.strip_suffix(".json")?.parse::<u64>().ok();
    Ok(listed.flatten().filter_map(|entry| number(entry.file_name())).max().unwrap_or(0))
}

fn damaged(path: &Path, error: serde_json::Error) -> Error {
    Error::Damaged { path: path.into(), what: format!("is not a manifest: {error}") }
}
