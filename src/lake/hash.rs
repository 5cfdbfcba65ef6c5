//! The logical hash: what a table holds, whatever the order of its rows and whoever wrote the file.
//!
//! Each row is encoded column by column (a tag byte, then the value), hashed with XXH3-128, and the
//! row hashes are added modulo 2^128, so that the order of rows and their division into segments do
//! not matter. It tells equal content from different content; it is no protection against an attacker,
//! which is what the SHA-256 of each file is for.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};
use xxhash_rust::xxh3::xxh3_128;

use super::schema::{ColumnType, Table};

/// Running logical hash of some rows of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogicalHash(u128);

impl LogicalHash {
    /// Adds one encoded row.
    pub fn add_row(&mut self, encoded: &[u8]) {
        self.0 = self.0.wrapping_add(xxh3_128(encoded));
    }

    /// Adds what another part of the same table holds.
    pub fn add(&mut self, other: LogicalHash) {
        self.0 = self.0.wrapping_add(other.0);
    }

    /// Adds all rows of `batch`, whose columns are those of `table` in order.
    pub fn add_batch(&mut self, table: &Table, batch: &RecordBatch) {
        let mut row = Vec::with_capacity(1024);
        for index in 0..batch.num_rows() {
            row.clear();
            for (column, array) in table.columns.iter().zip(batch.columns()) {
                if column.hashed {
                    encode(&mut row, column.kind, array.as_ref(), index);
                }
            }
            self.add_row(&row);
        }
    }

    /// Reads what `to_string` wrote.
    pub fn parse(text: &str) -> Option<LogicalHash> {
        u128::from_str_radix(text, 16).ok().map(LogicalHash)
    }
}

impl std::fmt::Display for LogicalHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// One value, as it is encoded into a row.
#[derive(Debug, Clone, Copy)]
pub enum Cell<'a> {
    /// Null of any type.
    Null,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float; negative zero counts as zero, all NaN as one.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Microseconds since the epoch.
    Time(i64),
}

impl Cell<'_> {
    /// Appends the value: a tag byte, then its bytes, little-endian; text with its length first.
    pub fn encode(self, row: &mut Vec<u8>) {
        match self {
            Cell::Null => row.push(0),
            Cell::Bool(value) => row.extend([1, u8::from(value)]),
            Cell::Int(value) => {
                row.push(2);
                row.extend(value.to_le_bytes());
            }
            Cell::Float(value) => {
                let value = if value == 0.0 { 0.0 } else { value };
                let bits = if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
                row.push(3);
                row.extend(bits.to_le_bytes());
            }
            Cell::Text(value) => {
                row.push(4);
                row.extend((value.len() as u64).to_le_bytes());
                row.extend(value.as_bytes());
            }
            Cell::Time(value) => {
                row.push(5);
                row.extend(value.to_le_bytes());
            }
        }
    }
}

fn encode(row: &mut Vec<u8>, kind: ColumnType, array: &dyn Array, index: usize) {
    let cell = if array.is_null(index) {
        Cell::Null
    } else {
        match kind {
            ColumnType::Varchar | ColumnType::Json => Cell::Text(array.as_string::<i32>().value(index)),
            ColumnType::Bigint => Cell::Int(array.as_primitive::<Int64Type>().value(index)),
            ColumnType::Double => Cell::Float(array.as_primitive::<Float64Type>().value(index)),
            ColumnType::Boolean => Cell::Bool(array.as_boolean().value(index)),
            ColumnType::Timestamp => Cell::Time(array.as_primitive::<TimestampMicrosecondType>().value(index)),
        }
    };
    cell.encode(row);
}
