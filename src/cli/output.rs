//! Rows on standard output, in the format asked for. The only place that formats tables.

use std::io::{IsTerminal, Write};

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::{Attribute, Cell, ContentArrangement, Table, TableStyle, presets};

use crate::cli::Global;
use crate::error::{Error, Result};

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns for reading
    Table,
    /// One JSON array
    Json,
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values with a header
    Csv,
    /// A Markdown table
    Markdown,
}

/// Rows of one query.
pub struct Rows {
    /// Columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// Prints rows on standard output.
pub fn print(global: &Global, rows: &Rows) -> Result<()> {
    let bold = super::colours(global.color, std::io::stdout().is_terminal());
    let stdout = std::io::stdout();
    let format = global.format.unwrap_or(if stdout.is_terminal() { Format::Table } else { Format::Ndjson });
    let mut out = stdout.lock();
    match format {
        Format::Table => writeln!(out, "{}", table(rows, presets::UTF8_FULL_CONDENSED, true, bold)?).map_err(failed)?,
        Format::Markdown => writeln!(out, "{}", table(rows, presets::ASCII_MARKDOWN, false, false)?).map_err(failed)?,
        Format::Json => {
            let mut writer = arrow::json::ArrayWriter::new(&mut out);
            write_all(&mut writer, rows)?;
            writeln!(out).map_err(failed)?;
        }
        Format::Ndjson => {
            let mut writer = arrow::json::LineDelimitedWriter::new(&mut out);
            write_all(&mut writer, rows)?;
        }
        Format::Csv => csv(&mut out, rows)?,
    }
    out.flush().map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::io("writing", "standard output")(error)
}

fn write_all<W: Write, F: arrow::json::writer::JsonFormat>(writer: &mut arrow::json::Writer<W, F>, rows: &Rows) -> Result<()> {
    let wrong = |e: arrow::error::ArrowError| match e {
        arrow::error::ArrowError::IoError(_, source) => failed(source),
        other => Error::Query(other.to_string()),
    };
    rows.batches.iter().try_for_each(|batch| writer.write(batch)).map_err(wrong)?;
    writer.finish().map_err(wrong)
}

/// Every row as text cells; null is empty.
fn cells(rows: &Rows, mut each: impl FnMut(Vec<String>) -> Result<()>) -> Result<()> {
    let options = FormatOptions::default().with_display_error(false);
    for batch in &rows.batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|c| ArrayFormatter::try_new(c.as_ref(), &options).map(|f| (c, f)))
            .collect::<Result<_, _>>()
            .map_err(|e| Error::Query(e.to_string()))?;
        for row in 0..batch.num_rows() {
            each(columns.iter().map(|(c, f)| if c.is_null(row) { String::new() } else { f.value(row).to_string() }).collect())?;
        }
    }
    Ok(())
}

fn table(rows: &Rows, style: TableStyle, fit: bool, bold: bool) -> Result<Table> {
    let mut table = Table::new();
    table.load_style(style).set_header(rows.schema.fields().iter().map(|f| {
        let cell = Cell::new(f.name());
        if bold { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    if bold {
        table.enforce_styling();
    }
    if fit {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for (index, field) in rows.schema.fields().iter().enumerate() {
        if field.data_type().is_numeric()
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(comfy_table::CellAlignment::Right);
        }
    }
    cells(rows, |row| {
        table.add_row(row);
        Ok(())
    })?;
    Ok(table)
}

fn csv(out: &mut impl Write, rows: &Rows) -> Result<()> {
    let quoted =
        |text: &str| if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() };
    let line = |row: &[String]| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    let header: Vec<String> = rows.schema.fields().iter().map(|f| f.name().clone()).collect();
    writeln!(out, "{}", line(&header)).map_err(failed)?;
    cells(rows, |row| writeln!(out, "{}", line(&row)).map_err(failed))
}
