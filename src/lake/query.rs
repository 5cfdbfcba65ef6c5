//! Queries from outside: read-only, confined to the lake's tables, and limited in time and memory.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result};
use crate::lake::schema::{self, literal};
use crate::lake::{Lake, Session, Snapshot, history, inspect};
use crate::sql;

/// What a query may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long it may run.
    pub time: Duration,
    /// How much memory it may take, in MiB.
    pub memory_mib: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { time: Duration::from_secs(300), memory_mib: 4096 }
    }
}

/// A session for queries from outside. No files but the lake's own, no network, no extensions, no settings.
pub struct Guarded {
    session: Session,
    tables: BTreeSet<String>,
    limits: Limits,
    lake: Lake,
    history: Cell<bool>,
}

impl Guarded {
    /// Opens `snapshot` of `lake` and locks everything else away.
    pub fn open(lake: &Lake, snapshot: Snapshot, limits: Limits) -> Result<Guarded> {
        let session = Session::open(lake, snapshot)?;
        let own = |folder| literal(&format!("{}/", folder_of(lake, folder).to_string_lossy()));
        session.execute(
            "lock-down",
            &format!(
                "SET memory_limit = '{}MiB'; SET temp_directory = ''; SET allowed_directories = [{}, {}];
                 SET enable_external_access = false; SET lock_configuration = true;",
                limits.memory_mib,
                own("data"),
                own("snapshots")
            ),
        )?;
        let views = ["views", "history"].into_iter().flat_map(sql::list).map(|view| view.name().to_owned());
        let tables = schema::tables().iter().map(|t| t.name.clone()).chain(views).collect();
        Ok(Guarded { session, tables, limits, lake: lake.clone(), history: Cell::new(false) })
    }

    /// The tables and views that can be queried.
    pub fn tables(&self) -> &BTreeSet<String> {
        &self.tables
    }

    /// What a query may use.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The session behind it.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Runs one query that only reads, and hands its rows over batch by batch, as they come. The first batch may
    /// be empty: it tells the columns.
    pub fn run(&self, text: &str, mut each: impl FnMut(&SchemaRef, RecordBatch) -> Result<()>) -> Result<()> {
        let text = text.trim().trim_end_matches(';').trim();
        if text.is_empty() {
            return Err(Error::Usage("the query is empty".into()));
        }
        let text = self.as_select(text);
        let lower = text.to_ascii_lowercase();
        let around = looks_around(&lower);
        if (around || lower.contains("snapshot") || lower.contains("segment")) && !self.history.replace(true) {
            history::define(&self.session, &self.lake)?;
        }
        if around {
            self.session.define_all()?;
        }
        self.check(&text)?;
        let (done, over) = mpsc::channel::<()>();
        let handle = self.session.interrupt_handle();
        let limit = self.limits.time;
        let watch = std::thread::spawn(move || {
            let late = matches!(over.recv_timeout(limit), Err(mpsc::RecvTimeoutError::Timeout));
            if late {
                handle.interrupt();
            }
            late
        });
        let result = self.session.stream(&text, &mut each);
        drop(done);
        let late = watch.join().unwrap_or_default();
        result.map_err(|error| match error {
            Error::Sql { .. } if late => {
                Error::Query(format!("ran longer than {} s and was ended; `--timeout` allows more", self.limits.time.as_secs()))
            }
            Error::Sql { source, .. } => Error::Query(self.told(&source.to_string())),
            other => other,
        })
    }

    /// `DESCRIBE t` and its like, as the SELECT they stand for; a table of the lake with what its columns mean.
    fn as_select(&self, text: &str) -> String {
        let mut words = text.split_whitespace();
        let verb = words.next().unwrap_or_default().to_ascii_lowercase();
        match (verb.as_str(), words.next().map(str::to_ascii_lowercase), words.next()) {
            ("describe" | "desc" | "show", Some(name), None) if self.tables.contains(&name) => format!(
                "SELECT column_name, data_type AS column_type, column_comment AS meaning FROM information_schema.columns
                 WHERE table_name = {} ORDER BY ordinal_position",
                literal(&name)
            ),
            ("describe" | "desc" | "show" | "summarize", _, _) => format!("SELECT * FROM (\n{text}\n)"),
            _ => text.to_owned(),
        }
    }

    /// DuckDB's words, with what to do where memory ran out.
    fn told(&self, error: &str) -> String {
        match error.contains("Out of Memory") || error.contains("bad_alloc") {
            true => format!("took more than {} MiB of memory; `--memory` allows more", self.limits.memory_mib),
            false => error.split("\n\nStack Trace:").next().unwrap_or_default().to_owned(),
        }
    }

    /// Refuses what is not exactly one SELECT, which is all that DuckDB can serialize, and what reads anything
    /// but the lake's tables.
    fn check(&self, text: &str) -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Parsed {
            error: bool,
            error_message: Option<String>,
            position: Option<String>,
            statements: Option<Vec<serde_json::Value>>,
        }
        #[derive(serde::Deserialize)]
        struct Row {
            parsed: String,
        }
        self.session.set("query_text", text)?;
        let rows: Vec<Row> = self.session.rows(sql::get("stages/parsed_query.sql"))?;
        let parsed: Parsed = rows
            .first()
            .and_then(|row| serde_json::from_str(&row.parsed).ok())
            .ok_or_else(|| Error::Query("can't be read: it may be nested too deeply".into()))?;
        if parsed.error {
            let plain = parsed.error_message.filter(|said| !said.contains("Only SELECT"));
            let said = plain.unwrap_or_else(|| "only a SELECT can be run here".into());
            return Err(Error::Query(match parsed.position.and_then(|p| p.parse().ok()) {
                Some(position) => format!("{said}\n\n{}", pointed(text, position)),
                None => said,
            }));
        }
        match parsed.statements.as_deref() {
            Some([statement]) => inspect::objection(statement, &self.tables).map_or(Ok(()), |what| Err(Error::Query(what))),
            _ => Err(Error::Query("one query at a time".into())),
        }
    }
}

/// Whether a query asks what tables and columns there are.
fn looks_around(text: &str) -> bool {
    let asks = |rest: &str| ["describe", "desc ", "show ", "summarize"].iter().any(|word| rest.trim_start().starts_with(word));
    text.contains("information_schema") || text.split('(').skip(1).any(asks)
}

fn folder_of(lake: &Lake, folder: &str) -> std::path::PathBuf {
    let path = lake.root().join(folder);
    std::path::absolute(&path).unwrap_or(path)
}

/// The line of `text` at the byte `position`, with a caret below the place.
fn pointed(text: &str, position: usize) -> String {
    let position = (0..=position.min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    let start = text[..position].rfind('\n').map_or(0, |i| i + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let number = text[..start].matches('\n').count() + 1;
    let head = format!("LINE {number}: ");
    let before = head.chars().count() + text[start..position].chars().count();
    format!("{head}{line}\n{}^", " ".repeat(before))
}
