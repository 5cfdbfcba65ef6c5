//! The logical hash: what a table holds, whatever the order of its rows and whoever wrote the file.
//!
//! Each row is encoded column by column (a tag byte, then the value), hashed with XXH3-128, and the
//! row hashes are added modulo 2^128, so that the order of rows and their division into segments do
//! not matter. It tells equal content from different content; it is no protection against an attacker,
//! which is what the SHA-256 of each file is for.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::Int32Type;
use twox_hash::XxHash3_128;

use super::schema::{ColumnType, Table};

/// Running logical hash of some rows of one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogicalHash(u128);

impl LogicalHash {
    /// Adds one encoded row.
    pub fn add_row(&mut self, encoded: &[u8]) {
        self.0 = self.0.wrapping_add(XxHash3_128::oneshot(encoded));
    }

    /// Adds what another part of the same table holds.
    pub fn add(&mut self, other: LogicalHash) {
        self.0 = self.0.wrapping_add(other.0);
    }

    /// Adds all rows of `batch`, whose columns are those of `table` in order.
    pub fn add_batch(&mut self, table: &Table, batch: &RecordBatch) {
        let columns = table.columns.iter().zip(batch.columns()).filter(|(c, _)| c.hashed).map(|(c, array)| (c.kind, array));
        self.0 = self.0.wrapping_add(sum_of_rows(columns, batch.num_rows()));
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

/// A column, looked at as its type once and not for every value.
enum Typed<'a> {
    Text(&'a StringArray),
    Often(&'a Int32Array, &'a StringArray),
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
    Time(&'a TimestampMicrosecondArray),
}

/// The sum modulo 2^128 of the hashes of the rows of the hashed columns.
fn sum_of_rows<'a>(columns: impl Iterator<Item = (ColumnType, &'a ArrayRef)>, rows: usize) -> u128 {
    let columns: Vec<(&ArrayRef, Typed<'_>)> = columns
        .map(|(kind, array)| {
            let typed = match kind {
                ColumnType::Varchar | ColumnType::Json => match array.as_dictionary_opt::<Int32Type>() {
                    Some(often) => Typed::Often(often.keys(), often.values().as_string()),
                    None => Typed::Text(array.as_string()),
                },
                ColumnType::Bigint => Typed::Int(array.as_primitive()),
                ColumnType::Double => Typed::Float(array.as_primitive()),
                ColumnType::Boolean => Typed::Bool(array.as_boolean()),
                ColumnType::Timestamp => Typed::Time(array.as_primitive()),
            };
            (array, typed)
        })
        .collect();
    let mut encoded = Vec::with_capacity(4096);
    let hash = |row: usize| {
        encoded.clear();
        for (array, typed) in &columns {
            let cell = match typed {
                _ if array.is_null(row) => Cell::Null,
                Typed::Text(texts) => Cell::Text(texts.value(row)),
                Typed::Often(places, texts) => Cell::Text(texts.value(places.value(row) as usize)),
                Typed::Int(numbers) => Cell::Int(numbers.value(row)),
                Typed::Float(numbers) => Cell::Float(numbers.value(row)),
                Typed::Bool(values) => Cell::Bool(values.value(row)),
                Typed::Time(times) => Cell::Time(times.value(row)),
            };
            cell.encode(&mut encoded);
        }
        XxHash3_128::oneshot(&encoded)
    };
    (0..rows).map(hash).fold(0, u128::wrapping_add)
}
