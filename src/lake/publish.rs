//! `publish`: a snapshot in a DuckLake that a team shares (<https://ducklake.select>). The segments are copied to
//! where everyone can read them, and registered in the DuckLake's catalog, which is a file or a PostgreSQL database.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lake::schema::{self, Table, literal, quote};
use crate::lake::{Lake, Session, Snapshot, files};

/// Where to publish.
#[derive(Debug, Clone)]
pub struct Target {
    /// The DuckLake's catalog as DuckLake names it, without `ducklake:`: a file, or `postgres:dbname=… host=…`.
    pub catalog: String,
    /// Folder for the segments, as every reader sees it.
    pub data: PathBuf,
    /// Schema of the tables.
    pub schema: String,
}

/// Copies the segments of `snapshot` that are not there yet; the number copied.
pub fn copy(lake: &Lake, snapshot: &Snapshot, target: &Target) -> Result<usize> {
    let mut copied = 0;
    for segment in &snapshot.segments {
        let (from, _) = files::plain(lake.root(), &segment.path)?;
        let to = place(target, &segment.table, &segment.file_sha256);
        let folder = to.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(Error::io("making", folder))?;
        if to.exists() && files::sha256_file(&to)?.0 == segment.file_sha256 {
            continue;
        }
        let temporary = tempfile::NamedTempFile::new_in(folder).map_err(Error::io("writing", &to))?.into_temp_path();
        std::fs::copy(&from, &temporary).map_err(Error::io("copying", &from))?;
        if files::sha256_file(&temporary)?.0 != segment.file_sha256 {
            return Err(Error::Damaged { path: from, what: "does not have the content its name says".into() });
        }
        std::fs::File::open(&temporary).and_then(|file| file.sync_all()).map_err(Error::io("syncing", &to))?;
        files::settle(temporary, &to)?;
        copied += 1;
    }
    Ok(copied)
}

fn place(target: &Target, table: &str, sha256: &str) -> PathBuf {
    let data = std::path::absolute(&target.data).unwrap_or_else(|_| target.data.clone());
    data.join(table).join(format!("{sha256}.parquet"))
}

/// The statements that bring the DuckLake from the snapshot `since`, which was published last, to `snapshot`; to
/// be run with `ducklake` loaded. They refuse a DuckLake that holds another. One transaction: whoever reads sees the
/// one snapshot or the other, and earlier ones with `AT (VERSION => …)`.
pub fn sql(since: &Snapshot, snapshot: &Snapshot, target: &Target) -> String {
    let data = std::path::absolute(&target.data).unwrap_or_else(|_| target.data.clone());
    let message = |id: u64| literal(&format!("snapshot {id} in {}", target.schema));
    let mut text = format!(
        "ATTACH {} AS shared (DATA_PATH {});
BEGIN;
SELECT CASE WHEN coalesce(arg_max(commit_message, snapshot_id), {none}) <> {then}
    THEN error('this DuckLake holds ' || coalesce(arg_max(commit_message, snapshot_id), {none}) || ': publish with --since that snapshot') END
FROM ducklake_snapshots('shared') WHERE author = 'firefly' AND ends_with(commit_message, {of});
CREATE SCHEMA IF NOT EXISTS shared.{schema};
",
        literal(&format!("ducklake:{}", target.catalog)),
        literal(&format!("{}/", data.to_string_lossy())),
        none = message(0),
        then = message(since.id),
        of = literal(&format!(" in {}", target.schema)),
        schema = quote(&target.schema)
    );
    for table in schema::tables() {
        text.push_str(&register(since, snapshot, target, table));
    }
    text.push_str(&format!("CALL ducklake_set_commit_message('shared', 'firefly', {});\nCOMMIT;\nDETACH shared;\n", message(snapshot.id)));
    text
}

fn register(since: &Snapshot, snapshot: &Snapshot, target: &Target, table: &Table) -> String {
    let name = format!("shared.{}.{}", quote(&target.schema), quote(&table.name));
    let columns: Vec<_> = table.columns.iter().map(|c| format!("{} {}", quote(&c.name), c.kind.sql())).collect();
    let mut text = format!("CREATE TABLE IF NOT EXISTS {name} ({});\n", columns.join(", "));
    let only = |these: &Snapshot, those: &Snapshot| -> Vec<String> {
        let there: Vec<_> = those.of(&table.name).map(|s| &s.path).collect();
        let left = these.of(&table.name).filter(|s| !there.contains(&&s.path));
        left.map(|s| literal(&place(target, &table.name, &s.file_sha256).to_string_lossy())).collect()
    };
    for path in only(since, snapshot) {
        text.push_str(&format!("DELETE FROM {name} WHERE filename = {path};\n"));
    }
    for path in only(snapshot, since) {
        let (table, schema) = (literal(&table.name), literal(&target.schema));
        text.push_str(&format!("CALL ducklake_add_data_files('shared', {table}, {path}, schema => {schema});\n"));
    }
    let rows: u64 = snapshot.of(&table.name).map(|s| s.rows).sum();
    text.push_str(&format!(
        "SELECT CASE WHEN count(*) <> {rows} THEN error('{} would hold ' || count(*) || ' rows, not {rows}: it was changed by others') END FROM {name};\n",
        table.name
    ));
    text
}

/// Copies and registers `snapshot`, where this DuckDB can load the extension.
pub fn publish(lake: &Lake, since: &Snapshot, snapshot: &Snapshot, target: &Target) -> Result<usize> {
    let session = Session::empty()?;
    let wanted: &[&str] = if target.catalog.starts_with("postgres:") { &["ducklake", "postgres"] } else { &["ducklake"] };
    for extension in wanted {
        let load = || session.execute(extension, &format!("LOAD {extension}"));
        load().or_else(|_| session.execute(extension, &format!("INSTALL {extension}")).and_then(|()| load())).map_err(|error| {
            Error::Empty {
                what: format!("this DuckDB {} can't load the extension `{extension}`: {error}", session.duckdb_version()),
                hint: "`firefly publish --print-sql` copies the segments and prints the SQL, for a DuckDB that can load it".into(),
            }
        })?;
    }
    let copied = copy(lake, snapshot, target)?;
    session.execute("publish", &sql(since, snapshot, target))?;
    Ok(copied)
}
