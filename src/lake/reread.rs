//! The logical hash of a Parquet file as Polars reads it: a second opinion on what DuckDB wrote.

use std::path::Path;

use polars::prelude::{AnyValue, DataType, LazyFrame, PlRefPath, TimeUnit};

use crate::error::{Error, Result};
use crate::lake::hash::{Cell, LogicalHash};
use crate::lake::schema::Table;

/// Rows and logical hash of the file at `path`, which holds rows of `table`.
pub fn hash(table: &Table, path: &Path) -> Result<(u64, LogicalHash)> {
    let bad = |what: String| Error::Damaged { path: path.into(), what };
    let source = PlRefPath::try_from_path(path).map_err(|e| bad(e.to_string()))?;
    let frame = LazyFrame::scan_parquet(source, Default::default()).and_then(LazyFrame::collect).map_err(|e| bad(e.to_string()))?;
    let mut columns = Vec::new();
    for column in table.columns.iter().filter(|c| c.hashed) {
        let series = frame.column(&column.name).map_err(|e| bad(e.to_string()))?;
        let micros = DataType::Datetime(TimeUnit::Microseconds, None);
        let series = if series.dtype().is_temporal() { series.cast(&micros) } else { Ok(series.clone()) };
        columns.push(series.map_err(|e| bad(e.to_string()))?.as_materialized_series().clone());
    }
    let mut hash = LogicalHash::default();
    let mut row = Vec::with_capacity(1024);
    let mut iterators: Vec<_> = columns.iter().map(polars::prelude::Series::iter).collect();
    for _ in 0..frame.height() {
        row.clear();
        for values in &mut iterators {
            let value = values.next().unwrap_or(AnyValue::Null);
            let cell = match &value {
                AnyValue::Null => Cell::Null,
                AnyValue::Boolean(b) => Cell::Bool(*b),
                AnyValue::Int64(i) => Cell::Int(*i),
                AnyValue::Float64(f) => Cell::Float(*f),
                AnyValue::String(text) => Cell::Text(text),
                AnyValue::StringOwned(text) => Cell::Text(text),
                AnyValue::Datetime(t, TimeUnit::Microseconds, _) => Cell::Time(*t),
                other => return Err(bad(format!("holds a {}, which no table has", other.dtype()))),
            };
            cell.encode(&mut row);
        }
        hash.add_row(&row);
    }
    Ok((frame.height() as u64, hash))
}
