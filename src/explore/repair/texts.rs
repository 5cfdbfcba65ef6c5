//! Texts of the form an error asks for: paths, JSON, digits, dates.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::explore::repair::suspects::text_at;
use crate::explore::repair::{Edit, Failure};
use crate::mcp::VIRTUAL_ROOT;

/// Edits of arguments that hold a path, or whose error speaks of one.
pub fn paths(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    static ENDING: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\.([a-z][a-z0-9]{1,5})\b").expect("a fixed pattern"));
    let error = failure.error.to_lowercase();
    let about =
        ["path", "file", "director", "folder", "absolute", "enoent", "eisdir", "not found", "repository"].iter().any(|t| error.contains(t));
    if !about {
        return Vec::new();
    }
    let called = |pointer: &String| {
        let name = pointer.to_lowercase();
        ["path", "file", "dir", "folder", "repo", "source", "destination", "uri", "document"].iter().any(|w| name.contains(w))
    };
    let holds = |pointer: &String| called(pointer) || text_at(failure, pointer).is_some_and(|t| t.contains('/'));
    let endings: Vec<String> = ENDING.captures_iter(&error).map(|c| c[1].to_owned()).collect();
    // A path that the error allows, then files it would take, new ones among them, then any.
    let allowed = error_paths(failure.error);
    let folder = failure.files.iter().find(|f| f.ends_with('/')).map_or(VIRTUAL_ROOT, |f| f.trim_end_matches('/'));
    let fitting = failure.files.iter().filter(|f| endings.iter().any(|e| f.to_lowercase().ends_with(&format!(".{e}")))).cloned();
    let fresh =
        endings.iter().filter(|e| !failure.files.iter().any(|f| f.ends_with(&format!(".{e}")))).map(|e| format!("{folder}/report.{e}"));
    let rest = failure.files.iter().map(|f| f.trim_end_matches('/').to_owned());
    let mut offers: Vec<String> = allowed.into_iter().chain(fitting.take(4)).chain(fresh.take(2)).chain(rest.take(8)).collect();
    let bare: Vec<String> = failure
        .files
        .iter()
        .filter(|f| !f.ends_with('/'))
        .filter_map(|f| f.strip_prefix(&format!("{folder}/")))
        .map(str::to_owned)
        .collect();
    offers.extend(bare.into_iter().take(3));
    let mut all = Vec::new();
    let meant: Vec<&String> = suspects.iter().filter(|p| holds(p)).collect();
    for offer in &offers {
        all.extend(meant.iter().take(3).map(|pointer| Edit::value((*pointer).clone(), json!(offer))));
    }
    all
}

/// Paths of the episode that the error names and the call did not.
fn error_paths(error: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in error.match_indices(VIRTUAL_ROOT) {
        let end = error[at..].find(|c: char| c.is_whitespace() || "'\"`,;)]".contains(c)).map_or(error.len(), |e| at + e);
        let path = error[at..end].trim_end_matches(['.', ':', '/']).to_owned();
        if !found.contains(&path) {
            found.push(path);
        }
    }
    found.truncate(3);
    found
}

/// Edits of texts that should have been JSON, a number, a date or the like.
pub fn edits(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    let error = failure.error.to_lowercase();
    let has = |told: &[&str]| told.iter().any(|t| error.contains(t));
    let mut forms: Vec<Vec<Value>> = Vec::new();
    if has(&[
        "json",
        "expecting value",
        "extra data",
        "unexpected token",
        "unexpected end",
        "coordinates",
        "sequence",
        "unpack",
        "matrix",
        "vector",
        "'symbol'",
        "tuple",
    ]) {
        // One form for all of them at once, and another value for each.
        forms.extend([
            vec![json!("[1.0, 2.0, 4.0]"), json!("[3.0, 1.0, 2.0]"), json!("[0.0, 1.0, 2.0]")],
            vec![json!("[[0, 0, 0], [1, 2, 1], [2, 4, 4]]"), json!("[0, 1, 2]"), json!("[1, 2, 3]")],
            vec![json!("[[4, 1], [2, 3]]"), json!("[[1, 2], [0, 1]]"), json!("[[2, 0], [1, 2]]")],
            vec![json!("(0, 0)"), json!("(4, 0)"), json!("(1, 3)")],
            vec![json!("{\"a\": 1, \"b\": 2}"), json!("{\"b\": 2}"), json!("{\"c\": 3}")],
            vec![json!("[{\"x\": 1, \"y\": 2}, {\"x\": 2, \"y\": 4}]"), json!("x"), json!("y")],
            vec![json!("(0, 10)"), json!("(x, 0, 1)"), json!("x")],
        ]);
    }
    if has(&[
        "invalid literal for int",
        "could not convert string to float",
        "must be a number",
        "must be an integer",
        "nan",
        "only digits",
        "digit",
        "dígito",
        "numeric",
        "invalid number",
        "ziffer",
        "数字",
        "숫자",
        "binary",
        "octal",
        "hexadecimal",
    ]) {
        forms.extend(["7", "12", "1010", "1"].map(|t| vec![json!(t)]));
    }
    if let Some(length) = length(&error) {
        let digits: String = "123456789012345678901234567890123456789012345678901234567890".chars().take(length).collect();
        let letters: String = "SPRJMGABCDEFHIKLNOQTUVWXYZ".chars().cycle().take(length).collect();
        forms.extend([vec![json!(digits)], vec![json!(letters)]]);
    }
    if has(&["isoformat", "date", "time data", "yyyy", "does not match format", "datum", "timestamp"]) {
        forms.extend(
            ["2024-05-20", "2024-05-20T14:30:00", "2024-05-20T14:30:00Z", "20240520", "2024-05", "2024", "14:30"].map(|t| vec![json!(t)]),
        );
    }
    if has(&["roman"]) {
        forms.push(vec![json!("XIV")]);
    }
    if has(&["hex", "color", "colour"]) {
        forms.extend([vec![json!("#3366cc"), json!("#ffffff")], vec![json!("ff"), json!("a1")]]);
    }
    if has(&["base64"]) {
        forms.push(vec![json!("RmlyZWZseQ==")]);
    }
    if has(&["url", "uri"]) {
        forms.extend([vec![json!("https://example.com/reports")], vec![json!("data:text/plain,Firefly")]]);
    }
    if has(&["sql", "syntax error", "parser error"]) {
        forms.push(vec![json!("SELECT 1 AS one")]);
    }
    let text = |pointer: &&String| {
        text_at(failure, pointer).is_some() && failure.top.at(pointer).is_none_or(|s| matches!(s.kind(), "string" | "any"))
    };
    let texts: Vec<&String> = suspects.iter().filter(text).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for form in &forms {
        let put =
            |(place, pointer): (usize, &&String)| Edit::value((*pointer).clone(), form[place.min(form.len() - 1)].clone()).puts.remove(0);
        all.push(Edit { puts: texts.iter().enumerate().map(put).collect() });
    }
    if texts.len() > 1 {
        for form in forms.iter().take(6) {
            all.extend(texts.iter().take(3).map(|pointer| Edit::value((*pointer).clone(), form[0].clone())));
        }
    }
    all
}

/// The number of characters that the error asks for.
fn length(error: &str) -> Option<usize> {
    static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\d{1,2})(?: ?[-–] ?\d{1,2})?[ -]?(?:caracteres|characters|chars|digits|dígitos|digit|letters|stellen|자리|位)")
            .expect("a fixed pattern")
    });
    LENGTH.captures(error)?[1].parse().ok().filter(|n| (1..=60).contains(n))
}
