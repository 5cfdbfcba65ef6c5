//! Tables as lines: one JSON object a row, packed with zstd, for people who want neither Parquet nor SQL.

use std::fs::File;
use std::path::Path;

use crate::error::{Error, Result};
use crate::lake::schema::{self, quote};
use crate::lake::{Lake, Session, Snapshot};

/// Compression level: good, and still much faster than the disk for what lakes hold.
const LEVEL: i32 = 9;

/// Writes each table of `snapshot` that has rows to `target/lines/<table>.jsonl.zst`, rows in the order of
/// the key. The names of the files, relative to `target`.
pub fn write(lake: &Lake, snapshot: &Snapshot, target: &Path) -> Result<Vec<String>> {
    let session = Session::open(lake, snapshot.clone())?;
    let folder = target.join("lines");
    std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
    let mut names = Vec::new();
    for table in schema::tables().iter().filter(|t| snapshot.of(&t.name).next().is_some()) {
        let name = format!("lines/{}.jsonl.zst", table.name);
        let path = target.join(&name);
        let failed = |error: std::io::Error| Error::io("writing", &path)(error);
        let file = File::create(&path).map_err(failed)?;
        let mut packed = zstd::Encoder::new(file, LEVEL).map_err(failed)?;
        let query = format!("FROM {} ORDER BY {}", quote(&table.name), table.key_list());
        session.for_each_batch(&query, |batch| {
            let mut writer = arrow::json::LineDelimitedWriter::new(&mut packed);
            writer.write(&batch).and_then(|()| writer.finish()).map_err(|e| Error::Query(format!("{name}: {e}")))
        })?;
        packed.finish().and_then(|file| file.sync_all()).map_err(failed)?;
        names.push(name);
    }
    Ok(names)
}
