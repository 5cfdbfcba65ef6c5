//! Commits: new segments, then the manifest, then one short transaction in the catalog.

use std::path::PathBuf;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{self, Lineage, Manifest, Segment};
use crate::lake::schema::{self, Table, literal, quote};
use crate::lake::{Lake, Session, Snapshot, files};
use crate::sql::SqlFile;

/// What a commit does to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Adds rows.
    Append,
    /// Puts new rows in the place of all rows.
    Replace,
}

/// One table of a commit: where its new rows are.
#[derive(Debug, Clone)]
pub struct Output {
    /// Table of the lake.
    pub table: &'static str,
    /// Relation in the session that holds the rows.
    pub relation: String,
    /// What happens to the rows that are there.
    pub mode: Mode,
}

impl Output {
    /// The rows of `new_<table>` take the place of all rows of `table`.
    pub fn replace(table: &'static str) -> Output {
        Output { table, relation: format!("new_{table}"), mode: Mode::Replace }
    }

    /// The rows of `new_<table>` are added to `table`.
    pub fn append(table: &'static str) -> Output {
        Output { table, relation: format!("new_{table}"), mode: Mode::Append }
    }
}

impl Lineage {
    /// Lineage of a stage that read `session`.
    pub fn of(session: &Session, stage: &str, sql: &[SqlFile], parameters: Value, seed: Option<u64>) -> Lineage {
        Lineage {
            stage: stage.into(),
            sql: sql.iter().map(|f| (f.path.to_owned(), f.checksum())).collect(),
            parameters,
            seed,
            input: session.snapshot().id,
            firefly: env!("CARGO_PKG_VERSION").into(),
            duckdb: session.duckdb_version().into(),
        }
    }
}

impl Lake {
    /// Commits the rows that `session` holds for `outputs` as one new snapshot.
    ///
    /// Errors with [`Error::Conflict`] when a table to be replaced has changed since the session's
    /// snapshot, and with [`Error::Locked`] when another process keeps the catalog.
    pub fn commit(&self, session: &Session, lineage: Lineage, outputs: &[Output]) -> Result<Snapshot> {
        let mut added = Vec::new();
        for output in outputs {
            let table = schema::table(output.table).expect("outputs name tables of schemas/");
            added.extend(write_segment(self, session, table, &output.relation)?);
        }
        let mut catalog = Catalog::write(&self.catalog_path())?;
        let parent = catalog.newest()?;
        let current = Snapshot { id: parent, segments: catalog.segments(parent)? };
        let mut ended = Vec::new();
        for output in outputs {
            let unchanged = current.of(output.table).eq(session.snapshot().of(output.table));
            match output.mode {
                Mode::Replace if !unchanged => return Err(Error::Conflict(output.table.into())),
                Mode::Replace => ended.extend(current.of(output.table).map(|s| s.path.clone())),
                // Rows that are there already: another process did the same work meanwhile.
                Mode::Append if self.holds_any(session, &current, output)? => return Err(Error::Conflict(output.table.into())),
                Mode::Append => {}
            }
        }
        // Content that was there and is there again keeps its segment.
        let kept: Vec<String> = added.iter().map(|s| s.path.clone()).filter(|p| ended.contains(p)).collect();
        added.retain(|s| !kept.contains(&s.path));
        ended.retain(|p| !kept.contains(p));
        let created_at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let manifest = Manifest { format: manifest::FORMAT, snapshot: parent + 1, parent, created_at, lineage, added, ended };
        manifest.write(&self.root)?;
        catalog.register(&manifest)?;
        Ok(Snapshot { id: manifest.snapshot, segments: catalog.segments(manifest.snapshot)? })
    }
}

impl Lake {
    /// Whether a key of the rows to be appended stands in the table already.
    fn holds_any(&self, session: &Session, current: &Snapshot, output: &Output) -> Result<bool> {
        let table = schema::table(output.table).expect("outputs name tables of schemas/");
        let files: Vec<_> = current.of(output.table).map(|s| literal(&self.root.join(&s.path).to_string_lossy())).collect();
        if files.is_empty() {
            return Ok(false);
        }
        let there = format!("read_parquet([{}])", files.join(", "));
        let text = format!("SELECT count(*) FROM {} SEMI JOIN {there} USING ({})", quote(&output.relation), table.key_list());
        Ok(session.count(&text)? > 0)
    }
}

/// Writes the rows of `relation` as a segment of `table`; none where there are no rows.
fn write_segment(lake: &Lake, session: &Session, table: &Table, relation: &str) -> Result<Option<Segment>> {
    let doubles = session.count(&format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1)",
        quote(relation),
        table.key_list()
    ))?;
    if doubles > 0 {
        return Err(Error::Damaged {
            path: PathBuf::from(&table.name),
            what: format!("{doubles} keys ({}) would stand in it twice", table.key.join(", ")),
        });
    }
    let query = format!("SELECT {} FROM {} ORDER BY {}", table.typed_list(), quote(relation), table.key_list());
    let mut hash = LogicalHash::default();
    let mut rows = 0;
    session.for_each_batch(&query, |batch| {
        rows += batch.num_rows() as u64;
        hash.add_batch(table, &batch);
        Ok(())
    })?;
    if rows == 0 {
        return Ok(None);
    }
    let folder = lake.root.join("data").join(&table.name);
    std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
    let temporary = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(&folder).map_err(Error::io("writing", &folder))?;
    copy_to(session, table, &query, temporary.path())?;
    let (file_sha256, bytes) = files::sha256_file(temporary.path())?;
    let path = manifest::segment_path(&table.name, &file_sha256);
    let target = lake.root.join(&path);
    // DuckDB wrote through the path, not through this handle: sync what stands there now.
    let written = std::fs::File::open(temporary.path()).map_err(Error::io("opening", temporary.path()))?;
    written.sync_all().map_err(Error::io("syncing", temporary.path()))?;
    temporary.persist(&target).map_err(|e| Error::io("writing", &target)(e.error))?;
    files::sync_folder(&folder)?;
    Ok(Some(Segment { table: table.name.clone(), path, rows, bytes, file_sha256, logical_hash: hash.to_string() }))
}

fn copy_to(session: &Session, table: &Table, query: &str, path: &std::path::Path) -> Result<()> {
    let ids: Vec<_> = table.columns.iter().enumerate().map(|(i, c)| format!("{}: {}", quote(&c.name), i + 1)).collect();
    session.execute(
        "segment",
        &format!(
            "COPY ({query}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440, FIELD_IDS {{{}}},
             KV_METADATA {{\"firefly.table\": {}, \"firefly.schema_version\": '{}'}})",
            literal(&path.to_string_lossy()),
            ids.join(", "),
            literal(&table.name),
            table.version
        ),
    )
}
