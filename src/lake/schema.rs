//! The tables of the lake, read from `schemas/*.toml`: the one source of DDL, Arrow schema and docs.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use include_dir::{Dir, include_dir};
use serde::Deserialize;

static SCHEMAS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schemas");

/// Type of a column. `Json` is stored as text and read as DuckDB's JSON by the friendly views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ColumnType {
    /// UTF-8 text.
    Varchar,
    /// JSON text.
    Json,
    /// 64-bit signed integer.
    Bigint,
    /// 64-bit float.
    Double,
    /// True or false.
    Boolean,
    /// Microseconds since the epoch, UTC.
    Timestamp,
}

impl ColumnType {
    /// Name in DuckDB DDL.
    pub fn sql(self) -> &'static str {
        match self {
            ColumnType::Varchar | ColumnType::Json => "VARCHAR",
            ColumnType::Bigint => "BIGINT",
            ColumnType::Double => "DOUBLE",
            ColumnType::Boolean => "BOOLEAN",
            ColumnType::Timestamp => "TIMESTAMP",
        }
    }

    /// Arrow type, as DuckDB gives and takes it.
    pub fn arrow(self) -> DataType {
        match self {
            ColumnType::Varchar | ColumnType::Json => DataType::Utf8,
            ColumnType::Bigint => DataType::Int64,
            ColumnType::Double => DataType::Float64,
            ColumnType::Boolean => DataType::Boolean,
            ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
        }
    }
}

/// One column of a table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Type.
    #[serde(rename = "type")]
    pub kind: ColumnType,
    /// Whether it may be null.
    #[serde(default)]
    pub null: bool,
    /// Whether it counts for the logical hash. Times and durations do not.
    #[serde(default = "yes")]
    pub hashed: bool,
    /// What it means.
    pub doc: String,
}

fn yes() -> bool {
    true
}

/// 30 of DuckDB's vectors, few enough to skip many by their key.
fn usual_row_group() -> u32 {
    61_440
}

/// One table: an artifact of the pipeline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name.
    #[serde(rename = "table")]
    pub name: String,
    /// What it holds.
    pub doc: String,
    /// What one row is.
    pub grain: String,
    /// Version of the schema; raised when a column changes meaning.
    pub version: u32,
    /// Columns that are unique together; segments are sorted by them.
    pub key: Vec<String>,
    /// Rows a row group of a segment holds. DuckDB's threads share a table by row groups, so that tables of few rows with much to be read
    /// in each have small ones.
    #[serde(default = "usual_row_group")]
    pub row_group: u32,
    /// Its columns, in order.
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
}

impl Table {
    /// `CREATE TABLE` for it under the name `name`.
    pub fn ddl(&self, name: &str) -> String {
        let columns: Vec<_> =
            self.columns.iter().map(|c| format!("{} {}{}", quote(&c.name), c.kind.sql(), if c.null { "" } else { " NOT NULL" })).collect();
        format!("CREATE TABLE {} ({})", quote(name), columns.join(", "))
    }

    /// Arrow schema of its rows.
    pub fn arrow(&self) -> SchemaRef {
        let fields: Vec<_> = self.columns.iter().map(|c| Field::new(&c.name, c.kind.arrow(), c.null)).collect();
        Arc::new(Schema::new(fields))
    }

    /// Its columns, each cast to its type: a query may give a narrower number or a decimal.
    pub fn typed_list(&self) -> String {
        let cast = |c: &Column| format!("CAST({0} AS {1}) AS {0}", quote(&c.name), c.kind.sql());
        self.columns.iter().map(cast).collect::<Vec<_>>().join(", ")
    }

    /// Its key, quoted and separated by commas.
    pub fn key_list(&self) -> String {
        self.key.iter().map(|c| quote(c)).collect::<Vec<_>>().join(", ")
    }
}

/// A name as an SQL identifier.
pub fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as an SQL literal.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let mut tables: Vec<Table> = SCHEMAS
        .files()
        .map(|file| {
            let text = file.contents_utf8().unwrap_or_default();
            toml::from_str(text).unwrap_or_else(|e| panic!("schemas/{}: {e}", file.path().display()))
        })
        .collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    tables
});

/// All tables, sorted by name.
pub fn tables() -> &'static [Table] {
    &TABLES
}

/// The table called `name`.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|t| t.name == name)
}
