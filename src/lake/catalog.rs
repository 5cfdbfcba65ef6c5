//! The catalog: a small DuckDB file that says which segments make up which snapshot. It is held open
//! only for a moment at a time, because DuckDB lets no second process open a file that has a writer.

use std::path::Path;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
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
                Ok(connection) => return Ok(Catalog { connection }),
                Err(error) if is_lock(&error) => {
                    if started.elapsed() > LOCK_WAIT {
                        return Err(Error::Locked(path.display().to_string()));
                    }
                    std::thread::sleep(Duration::from_millis(25));
                }
                Err(source) => {
                    let what = format!("can't be opened as the catalog: {source}");
                    return Err(Error::Damaged { path: path.into(), what });
                }
            }
        }
    }

    /// The newest snapshot; 0 where nothing was committed yet.
    pub fn newest(&self) -> Result<u64> {
        let file = sql::get("catalog/newest.sql");
        self.connection.query_row(file.text, [], |row| row.get(0)).map_err(Error::sql(file.path))
    }

    /// The segments that make up `snapshot`, sorted by table and path.
    pub fn segments(&self, snapshot: u64) -> Result<Vec<Segment>> {
        let segments = self.collect("catalog/segments.sql", params![snapshot], |row| {
            Ok(Segment {
                table: row.get(0)?,
                path: row.get(1)?,
                rows: row.get(2)?,
                bytes: row.get(3)?,
                file_sha256: row.get(4)?,
                logical_hash: row.get(5)?,
            })
        })?;
        segments.iter().try_for_each(Segment::check_path)?;
        Ok(segments)
    }

    /// Whether a snapshot of that number was committed.
    pub fn has(&self, snapshot: u64) -> Result<bool> {
        let file = sql::get("catalog/has.sql");
        self.connection.query_row(file.text, [snapshot], |row| row.get(0)).map_err(Error::sql(file.path))
    }

    /// All snapshots, oldest first.
    pub fn list(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let file = sql::get("catalog/list.sql");
        let mut statement = self.connection.prepare(file.text).map_err(Error::sql(file.path))?;
        let rows = statement.query_arrow([]).map_err(Error::sql(file.path))?;
        let schema = rows.get_schema();
        Ok((schema, rows.collect()))
    }

    /// Paths of all segments of all snapshots.
    pub fn all_paths(&self) -> Result<Vec<String>> {
        self.collect("catalog/paths.sql", [], |row| row.get(0))
    }

    /// Registers what `manifest` did, in one transaction.
    pub fn register(&mut self, manifest: &Manifest) -> Result<()> {
        let lineage = json!(manifest.lineage).to_string();
        let transaction = self.connection.transaction().map_err(Error::sql("begin"))?;
        let run = |path: &str, values: &[&dyn duckdb::ToSql]| {
            let file = sql::get(path);
            transaction.execute(file.text, values).map(|_| ()).map_err(Error::sql(file.path))
        };
        let (id, created) = (manifest.snapshot, &manifest.created_at);
        run("catalog/add_snapshot.sql", &[&id, &manifest.parent, created, &manifest.lineage.stage, &lineage])?;
        for path in &manifest.ended {
            run("catalog/end_segment.sql", &[&id, path])?;
        }
        for s in &manifest.added {
            run("catalog/add_segment.sql", &[&s.table, &s.path, &id, &s.rows, &s.bytes, &s.file_sha256, &s.logical_hash])?;
        }
        transaction.commit().map_err(Error::sql("commit"))
    }

    fn collect<T, P: duckdb::Params>(
        &self,
        path: &str,
        values: P,
        read: impl FnMut(&duckdb::Row<'_>) -> duckdb::Result<T>,
    ) -> Result<Vec<T>> {
        let file = sql::get(path);
        let mut statement = self.connection.prepare(file.text).map_err(Error::sql(file.path))?;
        let rows = statement.query_map(values, read).map_err(Error::sql(file.path))?;
        rows.collect::<Result<_, _>>().map_err(Error::sql(file.path))
    }
}

fn is_lock(error: &duckdb::Error) -> bool {
    let text = error.to_string();
    text.contains("Could not set lock") || text.contains("Conflicting lock")
}
