//! Rows of a table of the lake, built column by column.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMicrosecondBuilder};

use crate::lake::schema::{self, ColumnType, Table};

/// One value of a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Text or JSON text.
    Text(&'a str),
    /// A text that others hold too. In a column of [`Columns::shared`] it is not copied.
    Shared(&'a Arc<str>),
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

/// A column that is done.
pub enum Column {
    /// Its values.
    Plain(ArrayRef),
    /// Texts that others hold too.
    Shared(Vec<Option<Arc<str>>>),
}

enum Builder {
    Text(StringBuilder),
    Shared(Vec<Option<Arc<str>>>),
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

    /// The same; the columns called `names`, of which none is of the key, take [`Cell::Shared`] as it is. Results are long, and copying
    /// them was most of what a row cost.
    pub fn shared(mut self, names: &[&str]) -> Columns {
        for (builder, column) in self.builders.iter_mut().zip(&self.table.columns) {
            if names.contains(&column.name.as_str()) && !self.table.key.contains(&column.name) {
                *builder = Builder::Shared(Vec::new());
            }
        }
        self
    }

    /// No rows yet, with room for as many as `self` has: chunks of a file are much alike.
    pub fn alike(&self) -> Columns {
        let bytes = self.builders.iter().map(|b| if let Builder::Text(text) = b { text.values_slice().len() } else { 0 });
        let mut alike = Columns::sized(self.table, self.rows + self.rows / 16, &bytes.map(|b| b + b / 16).collect::<Vec<_>>());
        for (own, builder) in self.builders.iter().zip(&mut alike.builders) {
            if let Builder::Shared(texts) = own {
                *builder = Builder::Shared(Vec::with_capacity(texts.len() + texts.len() / 16));
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
                (Builder::Text(b), Cell::Text(text)) => b.append_value(text),
                (Builder::Text(b), Cell::Shared(text)) => b.append_value(text),
                (Builder::Text(b), _) => b.append_null(),
                (Builder::Shared(b), Cell::Shared(text)) => b.push(Some(Arc::clone(text))),
                (Builder::Shared(b), Cell::Text(text)) => b.push(Some((*text).into())),
                (Builder::Shared(b), _) => b.push(None),
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

    /// The table whose rows they are.
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Its columns, in the order of the schema.
    pub fn finish(self) -> Vec<Column> {
        let column = |builder: Builder| match builder {
            Builder::Text(mut b) => Column::Plain(Arc::new(b.finish())),
            Builder::Shared(texts) => Column::Shared(texts),
            Builder::Int(mut b) => Column::Plain(Arc::new(b.finish())),
            Builder::Real(mut b) => Column::Plain(Arc::new(b.finish())),
            Builder::Flag(mut b) => Column::Plain(Arc::new(b.finish())),
            Builder::Time(mut b) => Column::Plain(Arc::new(b.finish())),
        };
        self.builders.into_iter().map(column).collect()
    }
}
