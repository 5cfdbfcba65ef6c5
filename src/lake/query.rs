//! Queries from outside: read-only, and confined to the lake's tables.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result};
use crate::lake::{Lake, Session};

/// Runs one query that only reads. The session is locked down first: no files but the lake's segments, no
/// network, no extensions, no settings.
pub fn run(session: &Session, lake: &Lake, text: &str) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let text = text.trim().trim_end_matches(';').trim();
    if text.is_empty() {
        return Err(Error::Usage("the query is empty".into()));
    }
    session.lock_down(lake)?;
    let text = as_select(text);
    check(session, &text)?;
    session.batches(&text).map_err(said)
}

/// `DESCRIBE t` and its like, as the SELECT they stand for.
fn as_select(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "describe" | "desc" | "show" | "summarize" => format!("SELECT * FROM (\n{text}\n)"),
        _ => text.to_owned(),
    }
}

/// Refuses what is not exactly one SELECT: DuckDB can serialize nothing else.
fn check(session: &Session, text: &str) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Parsed {
        error: bool,
        error_message: Option<String>,
        statements: Option<Vec<serde_json::Value>>,
    }
    session.set("query_text", text)?;
    #[derive(serde::Deserialize)]
    struct Row {
        parsed: String,
    }
    let rows: Vec<Row> = session.rows(crate::sql::get("stages/parsed_query.sql"))?;
    let parsed: Parsed =
        rows.first().and_then(|row| serde_json::from_str(&row.parsed).ok()).ok_or_else(|| Error::Query("can't be read".into()))?;
    if parsed.error {
        return Err(Error::Query(parsed.error_message.unwrap_or_else(|| "only SELECT queries can be run here".into())));
    }
    match parsed.statements.map(|s| s.len()) {
        Some(1) => Ok(()),
        _ => Err(Error::Query("one query at a time".into())),
    }
}

fn said(error: Error) -> Error {
    match error {
        Error::Sql { source, .. } => Error::Query(source.to_string()),
        other => other,
    }
}
