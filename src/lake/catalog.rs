//! The catalog: a small DuckDB file that says which segments make up which snapshot. It is held open
//! only for a moment at a time, because DuckDB lets no second process open a file that has a writer.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use duckdb::{AccessMode, Config, Connection, params};
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::manifest::{Manifest, Segment};
use crate::sql;

/// How long a busy catalog is waited for.
pub const LOCK_WAIT: Duration = Duration::from_secs(10);

/// An open catalog. Dropping it lets the next process in.
pub struct Catalog {
    connection: Connection,
    path: PathBuf,
}

/// One row of `firefly snapshot list`.
#[derive(Debug, Clone, serde::Serialize)]
pub struct SnapshotRow {
    /// Number of the snapshot, from 1.
    pub snapshot: u64,
    /// When it was made, UTC.
    pub created_at: String,
    /// Stage that made it.
    pub stage: String,
    /// Tables in which it changed something, with the rows they hold since.
    pub tables: String,
}

impl Catalog {
    /// Makes the catalog of a new lake.
    pub fn create(path: &Path) -> Result<Catalog> {
        let catalog = Self::open_as(path, AccessMode::ReadWrite)?;
        for migration in sql::list("migrations") {
            catalog.connection.execute_batch(migration.text).map_err(Error::sql(migration.path))?;
        }
        Ok(catalog)
    }

    /// Opens it for a commit; no other process can open it meanwhile.
    pub fn write(path: &Path) -> Result<Catalog> {
        Self::open_as(path, AccessMode::ReadWrite)
    }

    /// Opens it to resolve a snapshot.
    pub fn read(path: &Path) -> Result<Catalog> {
        Self::open_as(path, AccessMode::ReadOnly)
    }

    fn open_as(path: &Path, mode: AccessMode) -> Result<Catalog> {
        let started = Instant::now();
        loop {
            let config = Config::default()
                .access_mode(if path.exists() { mode.clone() } else { AccessMode::ReadWrite })
                .and_then(|c| c.threads(1))
                .map_err(Error::sql("catalog settings"))?;
            match Connection::open_with_flags(path, config) {
                Ok(connection) => return Ok(Catalog { connection, path: path.into() }),
                Err(error) if is_lock(&error) => {
                    if started.elapsed() > LOCK_WAIT {
                        return Err(Error::Locked(path.display().to_string()));
                    }
                    std::thread::sleep(Duration::from_millis(25));
                }
                Err(source) => {
                    let what = format!("is no catalog: {source}; `firefly fsck` checks the rest of the lake");
                    return Err(Error::Damaged { path: path.into(), what });
                }
            }
        }
    }

    /// The newest snapshot; 0 where nothing was committed yet.
    pub fn newest(&self) -> Result<u64> {
        self.connection.query_row("SELECT coalesce(max(id), 0) FROM snapshot", [], |row| row.get(0)).map_err(self.error("newest snapshot"))
    }

    /// The segments that make up `snapshot`, sorted by table and path.
    pub fn segments(&self, snapshot: u64) -> Result<Vec<Segment>> {
        let text = "SELECT table_name, path, rows, bytes, file_sha256, logical_hash FROM segment
             WHERE begin_snapshot <= ? AND (end_snapshot IS NULL OR end_snapshot > ?) ORDER BY 1, 2";
        let mut statement = self.connection.prepare(text).map_err(self.error("segments"))?;
        let rows = statement
            .query_map(params![snapshot, snapshot], |row| {
                Ok(Segment {
                    table: row.get(0)?,
                    path: row.get(1)?,
                    rows: row.get(2)?,
                    bytes: row.get(3)?,
                    file_sha256: row.get(4)?,
                    logical_hash: row.get(5)?,
                })
            })
            .map_err(self.error("segments"))?;
        let segments = rows.collect::<Result<Vec<_>, _>>().map_err(self.error("segments"))?;
        segments.iter().try_for_each(Segment::check_path)?;
        Ok(segments)
    }

    /// Whether a snapshot of that number was committed.
    pub fn has(&self, snapshot: u64) -> Result<bool> {
        self.connection
            .query_row("SELECT count(*) > 0 FROM snapshot WHERE id = ?", [snapshot], |row| row.get(0))
            .map_err(self.error("snapshot"))
    }

    /// All snapshots, oldest first.
    pub fn list(&self) -> Result<Vec<SnapshotRow>> {
        let file = sql::get("stats/snapshots.sql");
        let mut statement = self.connection.prepare(file.text).map_err(Error::sql(file.path))?;
        let rows = statement
            .query_map([], |row| {
                Ok(SnapshotRow { snapshot: row.get(0)?, created_at: row.get(1)?, stage: row.get(2)?, tables: row.get(3)? })
            })
            .map_err(Error::sql(file.path))?;
        rows.collect::<Result<_, _>>().map_err(Error::sql(file.path))
    }

    /// Registers what `manifest` did, in one transaction.
    pub fn register(&mut self, manifest: &Manifest) -> Result<()> {
        let path = self.path.clone();
        let error = |what: &str| Error::sql(format!("{}: {what}", path.display()));
        let lineage = json!(manifest.lineage).to_string();
        let transaction = self.connection.transaction().map_err(error("begin"))?;
        transaction
            .execute(
                "INSERT INTO snapshot VALUES (?, ?, ?::TIMESTAMPTZ::TIMESTAMP, ?, ?)",
                params![manifest.snapshot, manifest.parent, manifest.created_at, manifest.lineage.stage, lineage],
            )
            .map_err(error("snapshot"))?;
        for path in &manifest.ended {
            transaction
                .execute("UPDATE segment SET end_snapshot = ? WHERE path = ? AND end_snapshot IS NULL", params![manifest.snapshot, path])
                .map_err(error("end of a segment"))?;
        }
        for s in &manifest.added {
            transaction
                .execute(
                    "INSERT INTO segment VALUES (?, ?, ?, NULL, ?, ?, ?, ?)",
                    params![s.table, s.path, manifest.snapshot, s.rows, s.bytes, s.file_sha256, s.logical_hash],
                )
                .map_err(error("segment"))?;
        }
        transaction.commit().map_err(error("commit"))
    }

    /// Paths of all segments of all snapshots.
    pub fn all_paths(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("SELECT DISTINCT path FROM segment ORDER BY 1").map_err(self.error("paths"))?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(self.error("paths"))?;
        rows.collect::<Result<_, _>>().map_err(self.error("paths"))
    }

    fn error(&self, what: &str) -> impl FnOnce(duckdb::Error) -> Error + use<> {
        Error::sql(format!("{}: {what}", self.path.display()))
    }
}

fn is_lock(error: &duckdb::Error) -> bool {
    let text = error.to_string();
    text.contains("Could not set lock") || text.contains("Conflicting lock")
}
