//! The prompt of `firefly sql`: queries end with `;`, Tab completes names of tables and columns.

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Editor, Helper, Highlighter, Hinter};

use crate::cli::{Global, sql};
use crate::error::{Error, Result};
use crate::lake::query::Guarded;

/// What can stand in a query besides names.
const WORDS: [&str; 30] = [
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "COUNT",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "FROM",
    "GROUP",
    "HAVING",
    "IN",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "SELECT",
    "SHOW TABLES",
    "SUMMARIZE",
    "UNNEST",
    "WHERE",
    "WITH",
];

#[derive(Helper, Hinter, Highlighter)]
struct Names {
    names: Vec<String>,
}

impl Completer for Names {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(complete(&self.names, line, pos))
    }
}

/// Where the word before `pos` starts, and the names it can become.
pub fn complete(names: &[String], line: &str, pos: usize) -> (usize, Vec<String>) {
    let start = line[..pos]
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(0, |i| i + line[i..].chars().next().map_or(1, char::len_utf8));
    let word = line[start..pos].to_lowercase();
    let fits = |name: &&String| !word.is_empty() && name.to_lowercase().starts_with(&word);
    (start, names.iter().filter(fits).cloned().collect())
}

impl Validator for Names {
    /// A query goes on until its `;`.
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = context.input().trim();
        let whole = text.is_empty() || text.ends_with(';') || text.starts_with('.');
        Ok(if whole { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

/// Reads queries until the end of input. A query that fails says why, and the prompt goes on.
pub fn run(global: &Global, guarded: &Guarded) -> Result<()> {
    let broken = |e: ReadlineError| Error::Usage(format!("the prompt can't be shown: {e}"));
    let mut editor: Editor<Names, DefaultHistory> = Editor::new().map_err(broken)?;
    editor.set_helper(Some(Names { names: names(guarded)? }));
    global.say(format!(
        "snapshot {}; a query ends with `;`, `SHOW TABLES;` and `DESCRIBE calls;` tell what there is, Ctrl-D leaves",
        guarded.session().snapshot().id
    ));
    loop {
        match editor.readline("firefly> ") {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) if matches!(line.trim(), ".quit" | ".exit" | "quit;" | "exit;") => return Ok(()),
            Ok(line) => {
                let _ = editor.add_history_entry(line.as_str());
                if let Err(error) = sql::print(global, guarded, &line) {
                    eprintln!("error: {error}");
                }
            }
            Err(ReadlineError::Interrupted) => {}
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(broken(error)),
        }
    }
}

/// Tables, views and their columns, and the words of SQL.
fn names(guarded: &Guarded) -> Result<Vec<String>> {
    #[derive(serde::Deserialize)]
    struct Row {
        name: String,
    }
    guarded.session().define_all()?;
    let mut names: Vec<String> = guarded.tables().iter().cloned().collect();
    let columns: Vec<Row> = guarded.session().query("SELECT DISTINCT column_name AS name FROM information_schema.columns ORDER BY 1")?;
    names.extend(columns.into_iter().map(|row| row.name));
    names.extend(WORDS.map(str::to_owned));
    names.dedup();
    Ok(names)
}
