//! Texts of the form an error asks for: paths, JSON, digits, dates.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;
use serde_json::json;

use crate::explore::policy::Origin;
use crate::explore::repair::suspects::text_at;
use crate::explore::repair::{Edit, Failure, Put, pointer_of};
use crate::mcp::VIRTUAL_ROOT;
use crate::names::split;

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
    // Some want the name alone, with its ending or without, others a URL.
    let names = bare.iter().filter_map(|b| b.rsplit('/').next());
    let stems: Vec<String> = names.flat_map(|b| [b.to_owned(), b.split('.').next().unwrap_or(b).to_owned()]).collect();
    let urls: Vec<String> = failure.files.iter().filter(|f| !f.ends_with('/')).map(|f| format!("file://{f}")).collect();
    if error.contains("scheme") || error.contains("file:") || error.contains("uri") {
        offers.splice(0..0, urls.into_iter().take(3));
    }
    offers.extend(bare.into_iter().take(3).chain(stems.into_iter().take(4)));
    let mut all = joined(failure);
    let meant: Vec<&String> = suspects.iter().filter(|p| holds(p)).collect();
    for offer in &offers {
        all.extend(meant.iter().take(3).map(|pointer| Edit::value((*pointer).clone(), json!(offer))));
    }
    all
}

/// Where the error has a path joined to another that was given: the server wants it below that one.
fn joined(failure: &Failure<'_>) -> Vec<Edit> {
    let given = failure.arguments.iter().filter_map(|(name, value)| Some((name, value.as_str()?.trim_end_matches('/'))));
    let paths: Vec<(&String, &str)> = given.filter(|(_, path)| path.starts_with(VIRTUAL_ROOT)).collect();
    let mut all = Vec::new();
    for (root_name, root) in &paths {
        for (name, path) in paths.iter().filter(|(name, path)| name != root_name && failure.error.contains(&format!("{root}{path}"))) {
            if let Some(inner) = path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')) {
                all.push(Edit::value(pointer_of(name), json!(inner)));
            }
            if let Some((folder, file)) = path.rsplit_once('/').filter(|(folder, _)| folder != root) {
                let put = |value: &str| Put::Value(json!(value), Origin::Repaired);
                all.push(Edit { puts: vec![(pointer_of(root_name), put(folder)), (pointer_of(name), put(file))] });
            }
        }
    }
    all
}

/// Paths of the episode that the error names and the call did not.
fn error_paths(error: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (at, _) in error.match_indices(VIRTUAL_ROOT) {
        let end = error[at..].find(|c: char| c.is_whitespace() || "'\"`,;)]".contains(c)).map_or(error.len(), |e| at + e);
        let path = error[at..end].trim_end_matches(['.', ':', '/']).to_owned();
        // One that was joined to another leads nowhere.
        let whole = path.matches(VIRTUAL_ROOT).count() == 1 && !error[..at].ends_with(|c: char| !c.is_whitespace() && !"'\"`(".contains(c));
        if whole && !found.contains(&path) {
            found.push(path);
        }
    }
    found.truncate(3);
    found
}

#[derive(Deserialize)]
struct Table {
    form: Vec<Form>,
}

#[derive(Deserialize)]
struct Form {
    told: Vec<String>,
    values: Vec<Vec<String>>,
}

static FORMS: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("forms.toml")).expect("forms.toml is well-formed"));

/// Edits of texts that should have been JSON, a number, a date or the like.
pub fn edits(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    let error = failure.error.to_lowercase();
    let text = |pointer: &&String| {
        text_at(failure, pointer).is_some() && failure.top.at(pointer).is_none_or(|s| matches!(s.kind(), "string" | "any"))
    };
    let texts: Vec<&String> = suspects.iter().filter(text).collect();
    if texts.is_empty() {
        return Vec::new();
    }
    let mut forms: Vec<Vec<String>> = Vec::new();
    if ["json", "expecting value", "extra data", "list index", "length", "equal number", "vector"].iter().any(|told| error.contains(told)) {
        forms.push(texts.iter().enumerate().map(|(place, pointer)| by_name(pointer, place)).collect());
    }
    for length in lengths(&error) {
        forms.push(vec!["1234567890".chars().cycle().take(length).collect()]);
        forms.push(vec!["SPRJMGABCDEFHIKLNOQTUVWXYZ".chars().cycle().take(length).collect()]);
    }
    forms.extend(FORMS.form.iter().filter(|f| f.told.iter().any(|t| error.contains(t))).flat_map(|f| f.values.clone()));
    let mut all = Vec::new();
    for form in &forms {
        let put = |(place, pointer): (usize, &&String)| {
            ((*pointer).clone(), Put::Value(json!(form[place.min(form.len() - 1)]), Origin::Repaired))
        };
        all.push(Edit { puts: texts.iter().enumerate().map(put).collect() });
    }
    if texts.len() > 1 {
        for form in forms.iter().take(6) {
            all.extend(texts.iter().take(3).map(|pointer| Edit::value((*pointer).clone(), json!(form[0]))));
        }
    }
    all
}

/// The numbers of characters that the error asks for.
fn lengths(error: &str) -> Vec<usize> {
    static LENGTH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\d{1,2})(?: ?\([^)]*\))?(?: ?(?:[-–]|a|to|or|ou) ?\d{1,2})?(?: ?\([^)]*\))?[ -]?(?:caracteres|characters|chars|digits|dígitos|digit|letters|letras|stellen|자리|位)")
            .expect("a fixed pattern")
    });
    let stated = LENGTH.captures_iter(error).filter_map(|c| c[1].parse().ok());
    let mut found: Vec<usize> = stated.filter(|n| (2..=60).contains(n)).collect();
    found.dedup();
    found.truncate(2);
    found
}

/// Numbers as JSON, as the parameter's name has them: one each for times and masses, three each for what has a direction.
fn by_name(pointer: &str, place: usize) -> String {
    const DIRECTED: [&str; 18] = [
        "position",
        "positions",
        "point",
        "points",
        "force",
        "forces",
        "velocity",
        "velocities",
        "vector",
        "vectors",
        "torque",
        "torques",
        "acceleration",
        "accelerations",
        "momentum",
        "displacement",
        "locations",
        "coordinates",
    ];
    let own = split(pointer);
    let called = |names: &[&str]| own.iter().any(|word| names.contains(&word.as_str()));
    let plural = own.last().is_some_and(|word| word.ends_with('s'));
    match () {
        () if called(&DIRECTED) && plural => format!("[[0, 0, 0], [1, 2, {place}], [2, 4, 1]]"),
        () if called(&DIRECTED) => format!("[{}, 2, 1]", 3 + place),
        () if called(&["matrix"]) => "[[4, 1], [1, 3]]".to_owned(),
        () if plural => "[0, 1, 2]".to_owned(),
        () => format!("[{}, 0, 0]", 1 + place),
    }
}
