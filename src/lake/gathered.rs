//! Rows of one table that wait to become a segment.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, DictionaryArray, Int32Array, StringArray};
use arrow::compute::{filter, interleave};
use arrow::datatypes::{DataType, Field, Int32Type, Schema};
use arrow::error::ArrowError;

use crate::error::{Error, Result};
use crate::hashed::ByHash;
use crate::lake::columns::{Column, Columns};
use crate::lake::schema::Table;

/// Where a row stands: which of the parts added, and its place there.
pub type Place = (usize, usize);

/// Rows of one table, part by part.
pub struct Gathered {
    /// The table.
    pub table: &'static Table,
    columns: Vec<Parts>,
    /// Rows of each part.
    parts: Vec<usize>,
    bytes: usize,
}

/// One column of all parts.
enum Parts {
    Plain(Vec<ArrayRef>),
    Shared(Shared),
}

/// Texts that rows share, each held once: told apart by where they are in memory, since comparing them would take longer.
#[derive(Default)]
struct Shared {
    texts: Vec<Arc<str>>,
    known: ByHash<u64, i32>,
    /// Of each part, which text each row has.
    places: Vec<Vec<Option<i32>>>,
}

impl Shared {
    /// Adds a part. Bytes that are held for it.
    fn add(&mut self, rows: Vec<Option<Arc<str>>>) -> usize {
        let mut bytes = rows.len() * size_of::<Option<i32>>();
        let mut place = |text: Arc<str>| {
            let next = self.texts.len() as i32;
            *self.known.entry(text.as_ptr() as u64).or_insert_with(|| {
                bytes += text.len();
                // Held for as long as its address stands for it.
                self.texts.push(text);
                next
            })
        };
        let places = rows.into_iter().map(|row| row.map(&mut place)).collect();
        self.places.push(places);
        bytes
    }
}

impl Gathered {
    /// No rows yet.
    pub fn new(table: &'static Table) -> Gathered {
        Gathered { table, columns: Vec::new(), parts: Vec::new(), bytes: 0 }
    }

    /// The rows of one part.
    pub fn of(rows: Columns) -> Result<Gathered> {
        let mut gathered = Gathered::new(rows.table());
        gathered.add(rows, None)?;
        Ok(gathered)
    }

    /// Adds rows of the table; where `keep` is given, those for which it says so.
    pub fn add(&mut self, rows: Columns, keep: Option<Vec<bool>>) -> Result<()> {
        let wrong = |what: String| Error::Query(format!("{}: {what}", self.table.name));
        let count = keep.as_ref().map_or(rows.rows(), |keep| keep.iter().filter(|kept| **kept).count());
        if count == 0 {
            return Ok(());
        }
        let keep = keep.map(BooleanArray::from);
        for (at, column) in rows.finish().into_iter().enumerate() {
            if self.columns.len() == at {
                self.columns.push(match column {
                    Column::Plain(_) => Parts::Plain(Vec::new()),
                    Column::Shared(_) => Parts::Shared(Shared::default()),
                });
            }
            match (&mut self.columns[at], column) {
                (Parts::Plain(parts), Column::Plain(array)) => {
                    let array = keep.as_ref().map_or(Ok(array.clone()), |keep| filter(&array, keep)).map_err(|e| wrong(e.to_string()))?;
                    self.bytes += array.get_array_memory_size();
                    parts.push(array);
                }
                (Parts::Shared(shared), Column::Shared(texts)) => {
                    let kept = |row: &usize| keep.as_ref().is_none_or(|keep| keep.value(*row));
                    let texts = texts.into_iter().enumerate().filter(|(row, _)| kept(row)).map(|(_, text)| text).collect();
                    self.bytes += shared.add(texts);
                }
                _ => return Err(wrong("parts whose columns are shared differently".into())),
            }
        }
        self.parts.push(count);
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.parts.iter().sum()
    }

    /// Bytes they are held in, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// All places, part by part.
    pub fn places(&self) -> impl Iterator<Item = Place> {
        self.parts.iter().enumerate().flat_map(|(part, rows)| (0..*rows).map(move |row| (part, row)))
    }

    /// The columns at these places of the schema, of each part; none of them is shared.
    pub fn plain(&self, columns: &[usize]) -> Vec<Vec<ArrayRef>> {
        let part = |part: usize| {
            let column = |at: &usize| match &self.columns[*at] {
                Parts::Plain(parts) => parts.get(part).cloned(),
                Parts::Shared(_) => None,
            };
            columns.iter().filter_map(column).collect()
        };
        (0..self.parts.len()).map(part).collect()
    }

    /// Its columns as [`Ready::at`] gives them, each shared text once.
    pub fn ready(&self) -> Ready<'_> {
        let texts = |at: usize| match self.columns.get(at)? {
            Parts::Plain(_) => None,
            Parts::Shared(shared) => Some(Arc::new(StringArray::from_iter_values(&shared.texts)) as ArrayRef),
        };
        Ready { rows: self, texts: (0..self.table.columns.len()).map(texts).collect() }
    }
}

/// Rows whose shared texts stand in arrays.
pub struct Ready<'a> {
    rows: &'a Gathered,
    texts: Vec<Option<ArrayRef>>,
}

impl Ready<'_> {
    /// What the columns are, in the order of the schema.
    pub fn schema(&self) -> Schema {
        let field = |(column, texts): (&crate::lake::schema::Column, &Option<ArrayRef>)| {
            let kind = match texts {
                Some(_) => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
                None => column.kind.arrow(),
            };
            Field::new(&column.name, kind, column.null)
        };
        Schema::new(self.rows.table.columns.iter().zip(&self.texts).map(field).collect::<Vec<_>>())
    }

    /// The columns of the rows at these places.
    pub fn at(&self, places: &[Place]) -> std::result::Result<Vec<ArrayRef>, ArrowError> {
        let column = |(parts, texts): (&Parts, &Option<ArrayRef>)| match (parts, texts) {
            (Parts::Shared(shared), Some(texts)) => {
                let rows: Int32Array = places.iter().map(|(part, row)| shared.places[*part][*row]).collect();
                Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(rows, texts.clone())?) as ArrayRef)
            }
            (Parts::Plain(parts), _) => interleave(&parts.iter().map(AsRef::as_ref).collect::<Vec<&dyn Array>>(), places),
            (Parts::Shared(_), None) => Err(ArrowError::InvalidArgumentError("shared texts that are not ready".into())),
        };
        self.rows.columns.iter().zip(&self.texts).map(column).collect()
    }
}
