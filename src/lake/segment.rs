//! Writing a segment: rows of a session, sorted on the table's key, as one immutable Parquet file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use tempfile::{NamedTempFile, TempPath};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};
use crate::lake::gathered::{Gathered, Place};
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{self, Lineage, Segment};
use crate::lake::schema::{ColumnType, Table, literal, quote};
use crate::lake::{Lake, Session, files};

/// Writes the rows of `relation` as a segment of `table`; none where there are no rows.
pub fn write(lake: &Lake, session: &Session, lineage: &Lineage, table: &'static Table, relation: &str) -> Result<Option<Segment>> {
    let (rows, hash) = session.hash(table, relation)?;
    if rows == 0 {
        return Ok(None);
    }
    let temporary = temporary(lake.root(), table)?.into_temp_path();
    copy_to(session, Some(lineage), table, relation, &temporary)?;
    settle(lake.root(), table, temporary, rows, hash).map(Some)
}

/// A file beside the segments of `table`, which [`settle`] makes one of them.
fn temporary(root: &Path, table: &Table) -> Result<NamedTempFile> {
    let folder = root.join("data").join(&table.name);
    std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
    tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(&folder).map_err(Error::io("writing", &folder))
}

/// Gives a written file the name of what it holds.
fn settle(root: &Path, table: &Table, temporary: TempPath, rows: u64, hash: LogicalHash) -> Result<Segment> {
    let (file_sha256, bytes) = files::sha256_file(&temporary)?;
    let path = manifest::segment_path(&table.name, &file_sha256);
    std::fs::File::open(&temporary).and_then(|file| file.sync_all()).map_err(Error::io("syncing", &temporary))?;
    files::settle(temporary, &root.join(&path))?;
    Ok(Segment { table: table.name.clone(), path, rows, bytes, file_sha256, logical_hash: hash.to_string() })
}

/// A segment that was written from rows in hand.
pub struct Written {
    /// The segment.
    pub segment: Segment,
    /// XXH3-128 of each row's key, by which a commit finds keys that stand in two of its segments.
    pub keys: Vec<u128>,
}

/// Writes rows that are in hand as a segment of their table, without a database between: sorted on the key, in the form in
/// which [`copy_to`] writes them. Needs no session, so that it can go on beside the reading of more.
///
/// Errors with [`Error::Damaged`] where a key stands twice in `rows`.
pub fn write_rows(root: &Path, lineage: &Lineage, rows: &Gathered) -> Result<Written> {
    let table = rows.table;
    let wrong = |e: ArrowError| Error::Query(format!("segment of {}: {e}", table.name));
    let told = |e: ParquetError| Error::Query(format!("segment of {}: {e}", table.name));
    let (order, keys) = sorted(rows)?;
    let ready = rows.ready();
    let schema = with_ids(&ready.schema());
    let temporary = temporary(root, table)?;
    let mut hash = LogicalHash::default();
    // Whether a column came as a dictionary is nobody's business.
    let options = ArrowWriterOptions::new().with_properties(properties(table, lineage)?).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(temporary.as_file(), schema.clone(), options).map_err(told)?;
    for places in order.chunks(BATCH) {
        let batch = ready.at(places).and_then(|columns| RecordBatch::try_new(schema.clone(), columns)).map_err(wrong)?;
        hash.add_batch(table, &batch);
        writer.write(&batch).map_err(told)?;
    }
    writer.close().map_err(told)?;
    let segment = settle(root, table, temporary.into_temp_path(), order.len() as u64, hash)?;
    Ok(Written { segment, keys })
}

/// Rows that are put in order and written at a time.
const BATCH: usize = 4096;
/// Bytes a column's dictionary may have: results are long, and often the same.
const DICTIONARY: usize = 8 << 20;

/// Where each row stands, in the order of the key, and the hashes of the keys.
fn sorted(rows: &Gathered) -> Result<(Vec<Place>, Vec<u128>)> {
    let table = rows.table;
    let wrong = |e: ArrowError| Error::Query(format!("segment of {}: {e}", table.name));
    let keys: Vec<usize> = table.key.iter().filter_map(|key| table.columns.iter().position(|c| c.name == *key)).collect();
    let fields = keys.iter().map(|index| SortField::new(table.columns[*index].kind.arrow())).collect();
    let converter = RowConverter::new(fields).map_err(wrong)?;
    let parts: Vec<Rows> =
        rows.plain(&keys).iter().map(|columns| converter.convert_columns(columns).map_err(wrong)).collect::<Result<_>>()?;
    let row = |place: Place| parts[place.0].row(place.1);
    // Most keys differ in how they begin, and where they do not they mostly came in order: whole keys are compared with their neighbours
    // alone, and only where that is not so are they sorted, and can one stand twice.
    let mut order: Vec<(u128, Place)> = rows.places().map(|place| (beginning(row(place).as_ref()), place)).collect();
    order.sort_unstable();
    let mut twice = false;
    for alike in order.chunk_by_mut(|a, b| a.0 == b.0) {
        if !alike.is_sorted_by(|a, b| row(a.1) < row(b.1)) {
            alike.sort_unstable_by(|a, b| row(a.1).cmp(&row(b.1)));
            twice |= alike.windows(2).any(|pair| row(pair[0].1) == row(pair[1].1));
        }
    }
    match twice {
        true => Err(Error::Damaged { path: table.name.clone().into(), what: format!("a key ({}) stands twice", table.key.join(", ")) }),
        false => {
            let hashes = parts.iter().flat_map(|rows| rows.iter().map(|row| xxh3_128(row.as_ref()))).collect();
            Ok((order.into_iter().map(|(_, place)| place).collect(), hashes))
        }
    }
}

/// The first 16 bytes of a key as a number that sorts as they do.
fn beginning(key: &[u8]) -> u128 {
    let mut beginning = [0; 16];
    let length = key.len().min(16);
    beginning[..length].copy_from_slice(&key[..length]);
    u128::from_be_bytes(beginning)
}

/// The columns with the ids that the lake's other segments give them.
fn with_ids(schema: &Schema) -> SchemaRef {
    let with_id = |(index, field): (usize, &FieldRef)| {
        let id: HashMap<String, String> = [(PARQUET_FIELD_ID_META_KEY.to_owned(), (index + 1).to_string())].into();
        field.as_ref().clone().with_metadata(id)
    };
    Arc::new(Schema::new(schema.fields().iter().enumerate().map(with_id).collect::<Vec<_>>()))
}

fn properties(table: &Table, lineage: &Lineage) -> Result<WriterProperties> {
    let told = serde_json::to_string(&Some(lineage)).map_err(|e| Error::Query(e.to_string()))?;
    let about = [("firefly.table", table.name.clone()), ("firefly.schema_version", table.version.to_string()), ("firefly.lineage", told)];
    let mut properties = WriterProperties::builder();
    // Nobody looks for JSON by what lies between two texts, and finding the first and last of long texts takes a while.
    for column in table.columns.iter().filter(|column| column.kind == ColumnType::Json) {
        properties = properties.set_column_statistics_enabled(ColumnPath::from(column.name.as_str()), EnabledStatistics::None);
    }
    Ok(properties
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(table.row_group as usize))
        .set_dictionary_page_size_limit(DICTIONARY)
        .set_statistics_truncate_length(Some(64))
        .set_created_by(concat!("firefly ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(about.into_iter().map(|(key, value)| KeyValue::new(key.to_owned(), value)).collect()))
        .build())
}

/// Writes the rows of `relation` to `path`, sorted on the key, so that the same rows give the same bytes whatever the
/// number of threads.
pub fn copy_to(session: &Session, lineage: Option<&Lineage>, table: &Table, relation: &str, path: &Path) -> Result<()> {
    let ids: Vec<_> = table.columns.iter().enumerate().map(|(i, c)| format!("{}: {}", quote(&c.name), i + 1)).collect();
    let told = serde_json::to_string(&lineage).map_err(|e| Error::Query(e.to_string()))?;
    session.execute(
        &format!("segment of {}", table.name),
        &format!(
            "COPY (SELECT {} FROM {} ORDER BY {}) TO {} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {},
             FIELD_IDS {{{}}},
             KV_METADATA {{\"firefly.table\": {}, \"firefly.schema_version\": '{}', \"firefly.lineage\": {}}})",
            table.typed_list(),
            quote(relation),
            table.key_list(),
            literal(&path.to_string_lossy()),
            table.row_group,
            ids.join(", "),
            literal(&table.name),
            table.version,
            literal(&told)
        ),
    )
}
