//! The catalog: a small DuckDB file that says which segments make up which snapshot. It is held open
//! only for a moment at a time, because DuckDB lets no second process open a file that has a writer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use duckdb::{AccessMode, Config, Connection, params};
use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::files;
use crate::lake::manifest::{Manifest, Segment};
use crate::lake::migrate::{self, Standing};
use crate::sql;

/// How long a busy catalog is waited for.
pub const LOCK_WAIT: Duration = Duration::from_secs(10);

/// An open catalog. Dropping it lets the next process in.
pub struct Catalog {
    connection: Connection,
}

impl Catalog {
    /// Makes the catalog of a lake from `manifests`, oldest first, in the place of any that is there. A crash
    /// leaves the old one, or none beside the manifests to make it from.
    pub fn make(path: &Path, manifests: &[Manifest]) -> Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let scratch = tempfile::Builder::new().prefix(".catalog").tempdir_in(folder).map_err(Error::io("writing", folder))?;
        let new = scratch.path().join("catalog.duckdb");
        let mut catalog = Self::open_as(&new, AccessMode::ReadWrite)?;
        catalog.bring_up_to_date(path)?;
        for manifest in manifests {
            catalog.register(manifest)?;
        }
        catalog.close(&new)?;
        std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(Error::io("syncing", &new))?;
        // A log that was left beside the old catalog must not be played into the new one; without its log the old one
        // must not be read.
        for left in [path.to_path_buf(), log_of(path)] {
            if left.exists() {
                std::fs::remove_file(&left).map_err(Error::io("removing", &left))?;
            }
        }
        std::fs::rename(&new, path).map_err(Error::io("writing", path))?;
        files::sync_folder(folder)
    }

    /// Opens it for a commit; no other process can open it meanwhile.
    pub fn write(path: &Path) -> Result<Catalog> {
        let mut catalog = Self::open_as(path, AccessMode::ReadWrite)?;
        catalog.bring_up_to_date(path)?;
        Ok(catalog)
    }

    /// Opens it to resolve a snapshot.
    pub fn read(path: &Path) -> Result<Catalog> {
        let catalog = Self::open_as(path, AccessMode::ReadOnly)?;
        if catalog.standing(path)? == Standing::Current {
            return Ok(catalog);
        }
        drop(catalog);
        drop(Self::write(path)?);
        Self::open_as(path, AccessMode::ReadOnly)
    }

    fn standing(&self, path: &Path) -> Result<Standing> {
        migrate::standing(&self.connection).map_err(|what| Error::Damaged { path: path.into(), what })
    }

    fn bring_up_to_date(&mut self, path: &Path) -> Result<()> {
        match self.standing(path)? {
            Standing::Current => Ok(()),
            Standing::Behind(done) => migrate::migrate(&mut self.connection, done),
        }
    }

    fn close(self, path: &Path) -> Result<()> {
        self.connection.close().map_err(|(_, source)| Error::sql(path.display().to_string())(source))
    }

    fn open_as(path: &Path, mode: AccessMode) -> Result<Catalog> {
        let started = Instant::now();
        loop {
            // A catalog from someone else may hold views that would read files or the network.
            let config = Config::default()
                .access_mode(mode.clone())
                .and_then(|c| c.threads(1))
                .and_then(|c| c.with("enable_external_access", "false"))
                .and_then(|c| c.with("autoinstall_known_extensions", "false"))
                .and_then(|c| c.with("autoload_known_extensions", "false"))
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
                    let what = format!("can't be opened as the catalog ({source}); `firefly rebuild` makes it anew from the manifests");
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
        self.collect("catalog/segments.sql", params![snapshot], as_segment)?.into_iter().map(checked).collect()
    }

    /// Whether a snapshot of that number was committed.
    pub fn has(&self, snapshot: u64) -> Result<bool> {
        let file = sql::get("catalog/has.sql");
        self.connection.query_row(file.text, [snapshot], |row| row.get(0)).map_err(Error::sql(file.path))
    }

    /// The snapshot that was given `name`.
    pub fn named(&self, name: &str) -> Result<Option<u64>> {
        Ok(self.collect("catalog/named.sql", [name], |row| row.get(0))?.into_iter().next())
    }

    /// Whether any snapshot has the segment at `path`.
    pub fn has_path(&self, path: &str) -> Result<bool> {
        let file = sql::get("catalog/has_path.sql");
        self.connection.query_row(file.text, [path], |row| row.get(0)).map_err(Error::sql(file.path))
    }

    /// All snapshots, oldest first.
    pub fn list(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        let file = sql::get("catalog/list.sql");
        let mut statement = self.connection.prepare(file.text).map_err(Error::sql(file.path))?;
        let rows = statement.query_arrow([]).map_err(Error::sql(file.path))?;
        let schema = rows.get_schema();
        Ok((schema, rows.collect()))
    }

    /// All segments of all snapshots, sorted by path.
    pub fn all_segments(&self) -> Result<Vec<Segment>> {
        self.collect("catalog/all_segments.sql", [], as_segment)?.into_iter().map(checked).collect()
    }

    /// From when until when each segment counts.
    pub fn spans(&self) -> Result<BTreeSet<(String, u64, Option<u64>)>> {
        let spans = self.collect("catalog/spans.sql", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(spans.into_iter().collect())
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
        for (name, snapshot) in &manifest.names {
            run("catalog/add_name.sql", &[name, snapshot, &id])?;
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

fn as_segment(row: &duckdb::Row<'_>) -> duckdb::Result<Segment> {
    Ok(Segment {
        table: row.get(0)?,
        path: row.get(1)?,
        rows: row.get(2)?,
        bytes: row.get(3)?,
        file_sha256: row.get(4)?,
        logical_hash: row.get(5)?,
    })
}

fn checked(segment: Segment) -> Result<Segment> {
    segment.check_path().map(|()| segment)
}

/// DuckDB's write-ahead log of the catalog at `path`.
fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".wal");
    name.into()
}

fn is_lock(error: &duckdb::Error) -> bool {
    let text = error.to_string();
    text.contains("Could not set lock") || text.contains("Conflicting lock")
}
