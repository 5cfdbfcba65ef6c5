//! Writing a segment: rows of a session, sorted on the table's key, as one immutable Parquet file.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, DictionaryArray, Int32Array, RecordBatch, StringBuilder};
use arrow::compute::interleave;
use arrow::datatypes::{FieldRef, Int32Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use tempfile::{NamedTempFile, TempPath};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{self, Lineage, Segment};
use crate::lake::schema::{Table, literal, quote};
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

/// Writes rows that are in hand as a segment of `table`, without a database between: sorted on the key, in the form in
/// which [`copy_to`] writes them. Needs no session, so that it can go on beside the reading of more.
///
/// Errors with [`Error::Damaged`] where a key stands twice in `batches`.
pub fn write_batches(root: &Path, lineage: &Lineage, table: &'static Table, batches: &[RecordBatch]) -> Result<Written> {
    let wrong = |e: ArrowError| Error::Query(format!("segment of {}: {e}", table.name));
    let told = |e: ParquetError| Error::Query(format!("segment of {}: {e}", table.name));
    let (order, keys) = sorted(table, batches)?;
    let schema = with_ids(&batches.first().map_or_else(|| table.arrow(), RecordBatch::schema));
    let columns: Vec<Gathered<'_>> = (0..schema.fields().len()).map(|at| Gathered::of(batches, at)).collect();
    let temporary = temporary(root, table)?;
    let mut hash = LogicalHash::default();
    // Whether a column came as a dictionary is nobody's business.
    let options = ArrowWriterOptions::new().with_properties(properties(table, lineage)?).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(temporary.as_file(), schema.clone(), options).map_err(told)?;
    for rows in order.chunks(BATCH) {
        let taken = columns.iter().map(|column| column.take(rows)).collect::<Result<_, _>>().map_err(wrong)?;
        let batch = RecordBatch::try_new(schema.clone(), taken).map_err(wrong)?;
        hash.add_batch(table, &batch);
        writer.write(&batch).map_err(told)?;
    }
    writer.close().map_err(told)?;
    let segment = settle(root, table, temporary.into_temp_path(), order.len() as u64, hash)?;
    Ok(Written { segment, keys })
}

/// A column of all batches.
enum Gathered<'a> {
    Plain(Vec<&'a dyn Array>),
    /// Each text once, and of each batch where its rows' texts stand.
    Often(ArrayRef, Vec<Vec<Option<i32>>>),
}

impl<'a> Gathered<'a> {
    fn of(batches: &'a [RecordBatch], at: usize) -> Gathered<'a> {
        let parts: Option<Vec<_>> = batches.iter().map(|batch| batch.column(at).as_dictionary_opt::<Int32Type>()).collect();
        let Some(parts) = parts else { return Gathered::Plain(batches.iter().map(|batch| batch.column(at).as_ref()).collect()) };
        let mut texts = StringBuilder::new();
        let mut known: HashMap<&str, i32> = HashMap::new();
        let mut places = Vec::with_capacity(parts.len());
        for part in parts {
            let own = part.values().as_string::<i32>().iter().map(|text| {
                let (text, next) = (text.unwrap_or_default(), known.len() as i32);
                *known.entry(text).or_insert_with(|| {
                    texts.append_value(text);
                    next
                })
            });
            let own: Vec<i32> = own.collect();
            places.push(part.keys().iter().map(|key| key.map(|key| own[key as usize])).collect());
        }
        Gathered::Often(Arc::new(texts.finish()), places)
    }

    /// The rows that stand in these batches at these places.
    fn take(&self, rows: &[(usize, usize)]) -> Result<ArrayRef, ArrowError> {
        match self {
            Gathered::Plain(parts) => interleave(parts, rows),
            Gathered::Often(texts, places) => {
                let places: Int32Array = rows.iter().map(|(batch, row)| places[*batch][*row]).collect();
                Ok(Arc::new(DictionaryArray::try_new(places, texts.clone())?))
            }
        }
    }
}

/// Rows that are put in order and written at a time.
const BATCH: usize = 4096;
/// Bytes a column's dictionary may have: results are long, and often the same.
const DICTIONARY: usize = 8 << 20;

/// Batch and row.
type Place = (usize, usize);

/// Where each row stands, in the order of the key, and the hashes of the keys.
fn sorted(table: &Table, batches: &[RecordBatch]) -> Result<(Vec<Place>, Vec<u128>)> {
    let wrong = |e: ArrowError| Error::Query(format!("segment of {}: {e}", table.name));
    let keys: Vec<usize> = table.key.iter().filter_map(|key| table.columns.iter().position(|c| c.name == *key)).collect();
    let fields = keys.iter().map(|index| SortField::new(table.columns[*index].kind.arrow())).collect();
    let converter = RowConverter::new(fields).map_err(wrong)?;
    let convert = |batch: &RecordBatch| {
        let columns: Vec<_> = keys.iter().map(|index| batch.column(*index).clone()).collect();
        converter.convert_columns(&columns).map_err(wrong)
    };
    let rows: Vec<Rows> = batches.iter().map(convert).collect::<Result<_>>()?;
    let mut order: Vec<Place> =
        rows.iter().enumerate().flat_map(|(batch, rows)| (0..rows.num_rows()).map(move |row| (batch, row))).collect();
    order.sort_unstable_by(|a, b| rows[a.0].row(a.1).cmp(&rows[b.0].row(b.1)));
    match order.windows(2).any(|pair| rows[pair[0].0].row(pair[0].1) == rows[pair[1].0].row(pair[1].1)) {
        true => Err(Error::Damaged { path: table.name.clone().into(), what: format!("a key ({}) stands twice", table.key.join(", ")) }),
        false => Ok((order, rows.iter().flat_map(|rows| rows.iter().map(|row| xxh3_128(row.as_ref()))).collect())),
    }
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
    Ok(WriterProperties::builder()
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
