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
    /// One JSON object a line, packed with zstd
    #[value(name = "jsonl.zst")]
    JsonlZst,
    /// Comma-separated values with a header
    Csv,
    /// A Markdown table
    Markdown,
    /// A Parquet file
    Parquet,
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
    let mut printer = Printer::new(global)?;
    if rows.batches.is_empty() {
        printer.batch(&rows.schema, RecordBatch::new_empty(rows.schema.clone()))?;
    }
    rows.batches.iter().try_for_each(|batch| printer.batch(&rows.schema, batch.clone()))?;
    printer.finish()
}

/// Rows of values that serialize, as [`print()`] takes them; `columns` names them where there are no rows.
pub fn print_values<T: serde::Serialize>(global: &Global, schema: SchemaRef, values: &[T]) -> Result<()> {
    let wrong = |e: arrow::error::ArrowError| Error::Query(e.to_string());
    let mut decoder = arrow::json::ReaderBuilder::new(schema.clone()).with_batch_size(1 << 16).build_decoder().map_err(wrong)?;
    decoder.serialize(values).map_err(wrong)?;
    let batches = decoder.flush().map_err(wrong)?.into_iter().collect();
    print(global, &Rows { schema, batches })
}

/// Prints values whose columns are all text.
pub fn print_texts<T: serde::Serialize>(global: &Global, columns: &[&str], values: &[T]) -> Result<()> {
    let field = |name: &&str| arrow::datatypes::Field::new(*name, arrow::datatypes::DataType::Utf8, true);
    print_values(global, std::sync::Arc::new(arrow::datatypes::Schema::new(columns.iter().map(field).collect::<Vec<_>>())), values)
}

/// Most rows that a table to be looked at holds; the other formats have no limit, because they hold none back.
const TABLE_ROWS: usize = 10_000;

/// Writes rows to standard output as they come.
pub struct Printer {
    format: Format,
    bold: bool,
    held: Vec<RecordBatch>,
    rows: usize,
    sink: Sink,
}

enum Sink {
    Held,
    Text(Box<dyn Write>),
    Json(Box<arrow::json::ArrayWriter<std::io::BufWriter<std::io::Stdout>>>),
    Packed(Box<zstd::Encoder<'static, std::io::Stdout>>),
    Parquet(Option<Box<parquet::arrow::ArrowWriter<std::io::Stdout>>>),
}

impl Printer {
    /// A printer in the format that was asked for.
    pub fn new(global: &Global) -> Result<Printer> {
        let stdout = std::io::stdout();
        let terminal = stdout.is_terminal();
        let format = global.rows_as()?.unwrap_or(if terminal { Format::Table } else { Format::Ndjson });
        if terminal && matches!(format, Format::Parquet | Format::JsonlZst) {
            return Err(Error::Usage("this format is not for a terminal; send it into a file with `>`".into()));
        }
        let sink = match format {
            Format::Table | Format::Markdown => Sink::Held,
            Format::Ndjson | Format::Csv => Sink::Text(Box::new(std::io::BufWriter::new(stdout))),
            Format::Json => Sink::Json(Box::new(arrow::json::ArrayWriter::new(std::io::BufWriter::new(stdout)))),
            Format::JsonlZst => Sink::Packed(Box::new(zstd::Encoder::new(stdout, 9).map_err(failed)?)),
            Format::Parquet => Sink::Parquet(None),
        };
        Ok(Printer { format, bold: super::colours(global.color, terminal), held: Vec::new(), rows: 0, sink })
    }

    /// Takes some rows; the first batch tells the columns.
    pub fn batch(&mut self, schema: &SchemaRef, batch: RecordBatch) -> Result<()> {
        let first = self.rows == 0 && self.held.is_empty();
        self.rows += batch.num_rows();
        match &mut self.sink {
            Sink::Held => {
                let room = (TABLE_ROWS + batch.num_rows()).saturating_sub(self.rows);
                if room > 0 || first {
                    self.held.push(batch.slice(0, room.min(batch.num_rows())));
                }
                Ok(())
            }
            Sink::Text(out) if self.format == Format::Csv => csv(out, schema, &batch, first),
            Sink::Text(out) => lines(out, &batch),
            Sink::Packed(out) => lines(out, &batch),
            Sink::Json(out) => out.write(&batch).map_err(wrong),
            Sink::Parquet(writer) => {
                if writer.is_none() {
                    let level = parquet::basic::ZstdLevel::default();
                    let properties = parquet::file::properties::WriterProperties::builder()
                        .set_compression(parquet::basic::Compression::ZSTD(level))
                        .build();
                    let made = parquet::arrow::ArrowWriter::try_new(std::io::stdout(), schema.clone(), Some(properties));
                    *writer = Some(Box::new(made.map_err(|e| Error::Query(e.to_string()))?));
                }
                writer.as_mut().map_or(Ok(()), |w| w.write(&batch)).map_err(|e| Error::Query(e.to_string()))
            }
        }
    }

    /// Ends the output.
    pub fn finish(self) -> Result<()> {
        let mut out = std::io::stdout().lock();
        match self.sink {
            Sink::Held => {
                let Some(schema) = self.held.first().map(RecordBatch::schema) else { return Ok(()) };
                let rows = Rows { schema, batches: self.held };
                let text = match self.format {
                    Format::Markdown => table(&rows, presets::ASCII_MARKDOWN, false, false)?,
                    _ => table(&rows, presets::UTF8_FULL_CONDENSED, true, self.bold)?,
                };
                writeln!(out, "{text}").map_err(failed)?;
                if self.rows > TABLE_ROWS {
                    eprintln!("the first {TABLE_ROWS} of {} rows; `--format ndjson` or another gives all", self.rows);
                }
                Ok(())
            }
            Sink::Text(mut text) => text.flush().map_err(failed),
            Sink::Json(mut json) => {
                json.finish().map_err(wrong)?;
                json.get_mut().flush().map_err(failed)?;
                writeln!(out).map_err(failed)
            }
            Sink::Packed(packed) => packed.finish().map(|_| ()).map_err(failed),
            Sink::Parquet(writer) => {
                drop(out);
                writer.map_or(Ok(()), |w| w.close().map(|_| ())).map_err(|e| Error::Query(e.to_string()))
            }
        }
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::io("writing", "standard output")(error)
}

fn wrong(error: arrow::error::ArrowError) -> Error {
    match error {
        arrow::error::ArrowError::IoError(_, source) => failed(source),
        other => Error::Query(other.to_string()),
    }
}

fn lines(out: &mut impl Write, batch: &RecordBatch) -> Result<()> {
    let mut writer = arrow::json::LineDelimitedWriter::new(out);
    writer.write(batch).and_then(|()| writer.finish()).map_err(wrong)
}

/// Every row as text cells; null is empty.
fn cells(batches: &[RecordBatch], mut each: impl FnMut(Vec<String>) -> Result<()>) -> Result<()> {
    let options = FormatOptions::default().with_display_error(false);
    for batch in batches {
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
    let shown = |cell: String| -> String {
        let plain = cell.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect::<String>();
        if fit { plain } else { plain.replace('|', "\\|").replace('\n', "<br>") }
    };
    cells(&rows.batches, |row| {
        let row: Vec<String> = row.into_iter().map(shown).collect();
        table.add_row(row);
        Ok(())
    })?;
    Ok(table)
}

fn csv(out: &mut impl Write, schema: &SchemaRef, batch: &RecordBatch, first: bool) -> Result<()> {
    let quoted =
        |text: &str| if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() };
    let line = |row: &[String]| row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",");
    if first {
        let header: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
        writeln!(out, "{}", line(&header)).map_err(failed)?;
    }
    cells(std::slice::from_ref(batch), |row| writeln!(out, "{}", line(&row)).map_err(failed))
}
