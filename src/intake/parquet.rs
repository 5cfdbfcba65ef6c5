//! Parquet files as lines of JSON, which is what sources read.

use std::fs::File;
use std::io::Read;

use arrow::json::writer::LineDelimitedWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

/// Rows that are in memory at a time: a row of a trace can be a megabyte.
const ROWS: usize = 64;

struct Lines {
    batches: ParquetRecordBatchReader,
    ready: std::io::Cursor<Vec<u8>>,
}

/// The rows of a Parquet file, a line each. The error says why it can't be read.
pub fn rows_as_lines(file: File) -> Result<Box<dyn Read + Send>, String> {
    let told = |e: parquet::errors::ParquetError| format!("as Parquet: {e}");
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).map_err(told)?.with_batch_size(ROWS).build().map_err(told)?;
    Ok(Box::new(Lines { batches, ready: std::io::Cursor::default() }))
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.ready.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(batch) = self.batches.next() else { return Ok(0) };
            let mut writer = LineDelimitedWriter::new(Vec::new());
            let batch = batch.map_err(std::io::Error::other)?;
            writer.write(&batch).and_then(|()| writer.finish()).map_err(std::io::Error::other)?;
            self.ready = std::io::Cursor::new(writer.into_inner());
        }
    }
}
