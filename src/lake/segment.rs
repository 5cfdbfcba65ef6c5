//! Writing a segment: rows of a session, sorted on the table's key, as one immutable Parquet file.

use std::path::Path;

use crate::error::{Error, Result};
use crate::lake::manifest::{self, Lineage, Segment};
use crate::lake::schema::{Table, literal, quote};
use crate::lake::{Lake, Session, files};

/// Rows a row group holds: 30 of DuckDB's vectors, few enough to skip many by their key.
const ROW_GROUP: u32 = 61_440;

/// Writes the rows of `relation` as a segment of `table`; none where there are no rows.
pub fn write(lake: &Lake, session: &Session, lineage: &Lineage, table: &'static Table, relation: &str) -> Result<Option<Segment>> {
    let (rows, hash) = session.hash(table, relation)?;
    if rows == 0 {
        return Ok(None);
    }
    let folder = lake.root().join("data").join(&table.name);
    std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
    let temporary = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(&folder).map_err(Error::io("writing", &folder))?;
    let temporary = temporary.into_temp_path();
    copy_to(session, Some(lineage), table, relation, &temporary)?;
    let (file_sha256, bytes) = files::sha256_file(&temporary)?;
    let path = manifest::segment_path(&table.name, &file_sha256);
    std::fs::File::open(&temporary).and_then(|file| file.sync_all()).map_err(Error::io("syncing", &temporary))?;
    files::settle(temporary, &lake.root().join(&path))?;
    Ok(Some(Segment { table: table.name.clone(), path, rows, bytes, file_sha256, logical_hash: hash.to_string() }))
}

/// Writes the rows of `relation` to `path`, sorted on the key, so that the same rows give the same bytes whatever the
/// number of threads.
pub fn copy_to(session: &Session, lineage: Option<&Lineage>, table: &Table, relation: &str, path: &Path) -> Result<()> {
    let ids: Vec<_> = table.columns.iter().enumerate().map(|(i, c)| format!("{}: {}", quote(&c.name), i + 1)).collect();
    let told = serde_json::to_string(&lineage).map_err(|e| Error::Query(e.to_string()))?;
    session.execute(
        &format!("segment of {}", table.name),
        &format!(
            "COPY (SELECT {} FROM {} ORDER BY {}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP},
             FIELD_IDS {{{}}},
             KV_METADATA {{\"firefly.table\": {}, \"firefly.schema_version\": '{}', \"firefly.lineage\": {}}})",
            table.typed_list(),
            quote(relation),
            table.key_list(),
            literal(&path.to_string_lossy()),
            ids.join(", "),
            literal(&table.name),
            table.version,
            literal(&told)
        ),
    )
}
