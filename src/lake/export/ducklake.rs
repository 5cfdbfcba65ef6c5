//! `catalog.ducklake`: the export as a frozen DuckLake (specification 1.0, <https://ducklake.select/docs/stable/specification>),
//! written in plain SQL, because the extension can't be had for every version of DuckDB.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::lake::Session;
use crate::lake::export::ExportManifest;
use crate::lake::schema::{self, ColumnType, Table, literal};
use crate::sql;

/// Name of a type in DuckLake.
fn kind(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Varchar => "varchar",
        ColumnType::Json => "varchar",
        ColumnType::Bigint => "int64",
        ColumnType::Double => "float64",
        ColumnType::Boolean => "boolean",
        ColumnType::Timestamp => "timestamp",
    }
}

/// Writes the catalog beside the data of the export in `target`. Its paths are relative to the export.
pub fn write(target: &Path, manifest: &ExportManifest) -> Result<()> {
    let session = Session::empty()?;
    let tables = schema::tables().iter().map(|t| describe(target, t, manifest)).collect::<Result<Vec<_>>>()?;
    let export = json!({
        "created_by": format!("firefly {}", manifest.firefly),
        "created_at": manifest.created_at,
        "message": format!("snapshot {}", manifest.snapshot),
        "tables": tables,
    });
    session.set("export", export.to_string())?;
    let path = target.join("catalog.ducklake");
    session.execute("attach", &format!("ATTACH {} AS frozen (STORAGE_VERSION 'v1.0.0')", literal(&path.to_string_lossy())))?;
    let file = sql::get("export/ducklake.sql");
    session.execute(file.path, file.text)?;
    session.execute("detach", "DETACH frozen")
}

fn describe(target: &Path, table: &Table, manifest: &ExportManifest) -> Result<Value> {
    let column = |c: &schema::Column| json!({"name": c.name, "type": kind(c.kind), "null": c.null, "doc": c.doc});
    let columns: Vec<_> = table.columns.iter().map(column).collect();
    let mut files = Vec::new();
    if let Some(exported) = manifest.tables.get(&table.name) {
        for (path, about) in &exported.files {
            let (bytes, footer) = sizes(&target.join(path))?;
            files.push(json!({"path": path, "rows": about.rows, "bytes": bytes, "footer": footer}));
        }
    }
    Ok(json!({"name": table.name, "doc": table.doc, "columns": columns, "files": files}))
}

/// Size of a Parquet file and of its footer, which the four bytes before the last four tell.
fn sizes(path: &Path) -> Result<(u64, u32)> {
    let read = || -> std::io::Result<(u64, u32)> {
        let mut file = File::open(path)?;
        let bytes = file.seek(SeekFrom::End(-8))? + 8;
        let mut length = [0; 4];
        file.read_exact(&mut length)?;
        Ok((bytes, u32::from_le_bytes(length)))
    };
    read().map_err(Error::io("reading", path))
}
