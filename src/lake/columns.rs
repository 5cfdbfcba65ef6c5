//! Rows of a table of the lake, built column by column.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBuilder, DictionaryArray, Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{Field, Int32Type, Schema};

use crate::error::{Error, Result};
use crate::hashed::ByHash;
use crate::lake::schema::{self, ColumnType, Table};

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Text or JSON text.
    Text(&'a str),
    /// A text that may have come before in this column, and the number by which it is known again: no other text of the column
    /// has it.
    Again(u64, &'a str),
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// True or false.
    Flag(bool),
    /// Microseconds since the epoch.
    Time(i64),
}

impl<'a> From<Option<&'a str>> for Cell<'a> {
    fn from(text: Option<&'a str>) -> Cell<'a> {
        text.map_or(Cell::Null, Cell::Text)
    }
}

/// Texts of which many come again: each is held once. Results are long, and copying them was most of what a row cost.
#[derive(Default)]
struct Often {
    texts: StringBuilder,
    held: i32,
    known: ByHash<u64, i32>,
    places: Int32Builder,
}

impl Often {
    fn push(&mut self, cell: &Cell<'_>) {
        let place = match cell {
            Cell::Again(number, text) => *self.known.entry(*number).or_insert_with(|| hold(&mut self.texts, &mut self.held, text)),
            Cell::Text(text) => hold(&mut self.texts, &mut self.held, text),
            _ => return self.places.append_null(),
        };
        self.places.append_value(place);
    }

    fn finish(&mut self) -> std::result::Result<ArrayRef, arrow::error::ArrowError> {
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(self.places.finish(), Arc::new(self.texts.finish()))?))
    }
}

fn hold(texts: &mut StringBuilder, held: &mut i32, text: &str) -> i32 {
    texts.append_value(text);
    *held += 1;
    *held - 1
}

enum Builder {
    Text(StringBuilder),
    Often(Box<Often>),
    Int(Int64Builder),
    Real(Float64Builder),
    Flag(BooleanBuilder),
    Time(TimestampMicrosecondBuilder),
}

/// Rows in the making.
pub struct Columns {
    table: &'static Table,
    builders: Vec<Builder>,
    rows: usize,
}

impl Columns {
    /// No rows yet of the table called `name`, which is one of schemas/.
    pub fn new(name: &str) -> Columns {
        let table = schema::table(name).expect("rows are built for tables of schemas/");
        Columns::sized(table, 0, &[])
    }

    /// The same; the columns called `names` hold a text that comes again once, as dictionaries.
    pub fn often(mut self, names: &[&str]) -> Columns {
        for (builder, column) in self.builders.iter_mut().zip(&self.table.columns) {
            if names.contains(&column.name.as_str()) {
                *builder = Builder::Often(Box::default());
            }
        }
        self
    }

    /// No rows yet, with room for as many as `self` has: chunks of a file are much alike.
    pub fn alike(&self) -> Columns {
        let bytes = self.builders.iter().map(|b| if let Builder::Text(text) = b { text.values_slice().len() } else { 0 });
        let mut alike = Columns::sized(self.table, self.rows + self.rows / 16, &bytes.map(|b| b + b / 16).collect::<Vec<_>>());
        for (own, builder) in self.builders.iter().zip(&mut alike.builders) {
            if let Builder::Often(_) = own {
                *builder = Builder::Often(Box::default());
            }
        }
        alike
    }

    fn sized(table: &'static Table, rows: usize, bytes: &[usize]) -> Columns {
        let builder = |(index, kind): (usize, ColumnType)| match kind {
            ColumnType::Varchar | ColumnType::Json => {
                Builder::Text(StringBuilder::with_capacity(rows, bytes.get(index).copied().unwrap_or_default()))
            }
            ColumnType::Bigint => Builder::Int(Int64Builder::with_capacity(rows)),
            ColumnType::Double => Builder::Real(Float64Builder::with_capacity(rows)),
            ColumnType::Boolean => Builder::Flag(BooleanBuilder::with_capacity(rows)),
            ColumnType::Timestamp => Builder::Time(TimestampMicrosecondBuilder::with_capacity(rows)),
        };
        Columns { table, builders: table.columns.iter().map(|c| c.kind).enumerate().map(builder).collect(), rows: 0 }
    }

    /// Adds a row: a cell a column, in the order of the schema. A cell of another type than its column is null there.
    pub fn push(&mut self, row: &[Cell<'_>]) {
        debug_assert_eq!(row.len(), self.builders.len(), "{}", self.table.name);
        for (builder, cell) in self.builders.iter_mut().zip(row) {
            match (builder, cell) {
                (Builder::Text(b), Cell::Text(text) | Cell::Again(_, text)) => b.append_value(text),
                (Builder::Text(b), _) => b.append_null(),
                (Builder::Often(b), cell) => b.push(cell),
                (Builder::Int(b), Cell::Int(number)) => b.append_value(*number),
                (Builder::Int(b), _) => b.append_null(),
                (Builder::Real(b), Cell::Real(number)) => b.append_value(*number),
                (Builder::Real(b), _) => b.append_null(),
                (Builder::Flag(b), Cell::Flag(flag)) => b.append_value(*flag),
                (Builder::Flag(b), _) => b.append_null(),
                (Builder::Time(b), Cell::Time(time)) => b.append_value(*time),
                (Builder::Time(b), _) => b.append_null(),
            }
        }
        self.rows += 1;
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The rows.
    pub fn finish(mut self) -> Result<RecordBatch> {
        let wrong = |e: arrow::error::ArrowError| Error::Query(format!("{}: {e}", self.table.name));
        let column = |builder: &mut Builder| -> Result<ArrayRef> {
            Ok(match builder {
                Builder::Text(b) => Arc::new(b.finish()),
                Builder::Often(b) => b.finish().map_err(wrong)?,
                Builder::Int(b) => Arc::new(b.finish()),
                Builder::Real(b) => Arc::new(b.finish()),
                Builder::Flag(b) => Arc::new(b.finish()),
                Builder::Time(b) => Arc::new(b.finish()),
            })
        };
        let columns: Vec<ArrayRef> = self.builders.iter_mut().map(column).collect::<Result<_>>()?;
        let field = |(of, column): (&schema::Column, &ArrayRef)| Field::new(&of.name, column.data_type().clone(), of.null);
        let fields: Vec<Field> = self.table.columns.iter().zip(&columns).map(field).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(wrong)
    }
}

/// The rows of `batch` for which `keep` says so.
pub fn kept(batch: &RecordBatch, keep: Vec<bool>) -> Result<RecordBatch> {
    arrow::compute::filter_record_batch(batch, &BooleanArray::from(keep)).map_err(|e| Error::Query(e.to_string()))
}
