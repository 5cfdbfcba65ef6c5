//! All values that could be given to one scalar parameter, best first, each with where it comes from.

use std::sync::LazyLock;

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use regex::Regex;
use serde_json::{Value, json};

use crate::explore::policy::{Origin, Past};
use crate::explore::pool::{Pool, is_search};
use crate::explore::{docs, made};
use crate::fields::is_paging;
use crate::json::{Leaf, scalar_text};
use crate::mcp::VIRTUAL_ROOT;
use crate::names::{param_words, similarity};
use crate::schema_walk::Shape;

/// Names this alike let a value flow where no link says so.
const FLOW_ALIKE: f64 = 0.9;

/// A value with where it comes from.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The value, in the parameter's type.
    pub value: Value,
    /// Where from.
    pub from: Source,
}

/// Where a candidate comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A result of the episode: call and pointer.
    Result(usize, String),
    /// Anything else.
    Other(Origin),
}

/// What is known of the parameter and the episode.
pub struct Context<'a> {
    /// Server of the tool.
    pub server: &'a str,
    /// The tool.
    pub tool: &'a str,
    /// The episode so far.
    pub history: &'a [Past],
    /// Links into this parameter: source node and field pattern.
    pub links: Vec<(usize, &'a str)>,
    /// Values of the lake.
    pub pool: &'a Pool,
    /// Files of the episode.
    pub files: &'a [String],
    /// What the tool says of itself.
    pub description: &'a str,
}

/// Candidates for the scalar `shape` called `name`.
pub fn candidates(shape: &Shape<'_>, name: &str, context: &Context<'_>, rng: &mut ChaCha8Rng) -> Vec<Candidate> {
    let mut all = Vec::new();
    let other = |origin: Origin| move |value: Value| Candidate { value, from: Source::Other(origin) };
    if let Some(value) = shape.get("const") {
        return vec![other(Origin::Const)(value.clone())];
    }
    for (node, field) in &context.links {
        all.extend(linked(shape, *node, field, context.history, rng));
    }
    if let Some(options) = shape.get("enum").and_then(Value::as_array) {
        let mut options: Vec<Value> = options.iter().filter(|v| !v.is_null()).cloned().collect();
        options.shuffle(rng);
        all.extend(options.into_iter().map(other(Origin::Enum)));
        return all;
    }
    let words = param_words(name, context.tool);
    // Where the parameter itself is not explained, an example in the tool's description is most likely of its.
    let top_text = shape.kind() == "string" && shape.text("description").is_none();
    if !is_paging(name) {
        all.extend(from_results(shape, &words, context, rng));
    }
    all.extend(given(shape, name, context.history).into_iter().map(other(Origin::Given)));
    let examples = shape.get("examples").and_then(Value::as_array).cloned().unwrap_or_default();
    all.extend(examples.into_iter().chain(shape.get("example").cloned()).filter_map(|v| fit(shape, &v)).map(other(Origin::Example)));
    let told = docs::about(context.description, name).unwrap_or_default();
    let about = format!("{} {told}", shape.text("description").unwrap_or_default());
    let examples = docs::examples(context.description, name);
    all.extend(examples.iter().filter_map(|v| fit(shape, v)).map(other(Origin::Example)));
    let paths = paths(shape, &words, &about, context, rng);
    let is_path = !paths.is_empty();
    all.extend(paths.into_iter().map(other(Origin::Made)));
    if let Some(default) = shape.get("default").filter(|v| !v.is_null() && v.as_str() != Some("")) {
        all.extend(fit(shape, default).map(other(Origin::Default)));
    }
    all.extend(mined(&about).iter().filter_map(|v| fit(shape, v)).map(other(Origin::Example)));
    if top_text {
        all.extend(mined(context.description).iter().filter_map(|v| fit(shape, v)).map(other(Origin::Example)));
    }
    // A query in a language of its own is no name.
    let language = || {
        ["sql", "cypher", "graphql", "jsonpath", "regex"]
            .iter()
            .any(|l| format!("{about} {}", context.description).to_lowercase().contains(l))
    };
    if shape.kind() == "string" && is_search(&words) && !language() {
        let mut sought = context.pool.sought(context.server);
        sought.shuffle(rng);
        all.extend(sought.into_iter().take(6).map(other(Origin::Seen)));
    }
    let mut seen: Vec<Value> = context.pool.values(context.server, &words).into_iter().filter_map(|v| fit(shape, v)).collect();
    let near = seen.len().min(8);
    seen[..near].shuffle(rng);
    all.extend(seen.into_iter().map(other(Origin::Seen)));
    // A text that is no path makes no path.
    let plain = made::values(shape, name, (context.server, context.tool), rng).into_iter().filter(|_| !is_path);
    all.extend(plain.map(other(Origin::Made)));
    // A value that the tool would take anyway needs no call to find it.
    let default = shape.get("default");
    all.retain(|c| !matches!(c.from, Source::Result(..)) || Some(&c.value) != default);
    let mut unique: Vec<Candidate> = Vec::new();
    for candidate in all {
        if !unique.iter().any(|u| u.value == candidate.value) {
            unique.push(candidate);
        }
    }
    unique
}

/// Values of the linked field, the first of a list likelier than the rest.
fn linked(shape: &Shape<'_>, node: usize, field: &str, history: &[Past], rng: &mut ChaCha8Rng) -> Vec<Candidate> {
    let calls = history.iter().rev().filter(|past| past.node == node);
    let mut found: Vec<Candidate> = calls
        .flat_map(|past| past.news.iter().filter(|(leaf, _)| leaf.pattern == field).map(move |(leaf, _)| (past, leaf)))
        .filter_map(|(past, leaf)| from_result(shape, past, leaf))
        .take(12)
        .collect();
    if found.len() > 1 && rng.random_bool(0.6) {
        let first = rng.random_range(0..found.len().min(5));
        found.swap(0, first);
    }
    found
}

/// Values of earlier results that are called alike.
fn from_results(shape: &Shape<'_>, words: &[String], context: &Context<'_>, rng: &mut ChaCha8Rng) -> Vec<Candidate> {
    let mut found: Vec<(f64, Candidate)> = Vec::new();
    for past in context.history.iter().rev() {
        for (leaf, called) in past.news.iter().filter(|(leaf, _)| !context.pool.is_worthless(&past.server, &past.tool, &leaf.pattern)) {
            let alike = similarity(words, called);
            if alike >= FLOW_ALIKE && !(leaf.pointer.is_empty() && leaf.value.is_string()) {
                found.extend(from_result(shape, past, leaf).map(|c| (alike, c)));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.truncate(8);
    let mut found: Vec<Candidate> = found.into_iter().map(|(_, c)| c).collect();
    found.shuffle(rng);
    found
}

fn from_result(shape: &Shape<'_>, past: &Past, leaf: &Leaf) -> Option<Candidate> {
    let value = fit(shape, &leaf.value)?;
    let dull = value.is_boolean() || value.as_str().is_some_and(|t| t.trim().is_empty() || t.len() > 400);
    (!dull).then(|| Candidate { value, from: Source::Result(past.call_index, leaf.pointer.clone()) })
}

/// Files or folders of the episode, for parameters that are called like one; folders end in a slash in
/// `files` and lose it here.
fn paths(shape: &Shape<'_>, words: &[String], about: &str, context: &Context<'_>, rng: &mut ChaCha8Rng) -> Vec<Value> {
    let files = context.files;
    let named = |names: &[&str]| words.iter().any(|w| names.contains(&w.as_str()));
    let folder = named(&["folder", "repo", "repository", "project", "workspace", "root"]);
    if shape.kind() != "string" || !(folder || named(&["path", "file", "directory", "dir"])) {
        return Vec::new();
    }
    let (mut folders, mut plain): (Vec<&String>, Vec<&String>) = files.iter().partition(|f| f.ends_with('/'));
    plain.shuffle(rng);
    // A description that names a file's ending means such files; so does a server called like the ending's program.
    let about = format!("{about} {} {}", context.server, context.description).to_lowercase();
    let meant = self::ending(&about);
    let told = |ending: &str| ending.len() > 1 && (Some(ending) == meant || about.contains(ending));
    plain.sort_by_key(|path| !path.rsplit_once('.').is_some_and(|(_, ending)| told(&ending.to_lowercase())));
    folders.reverse();
    let order = if folder { folders } else { plain.into_iter().chain(folders).collect() };
    let mut found: Vec<Value> = order.into_iter().map(|path| Value::from(path.trim_end_matches('/'))).collect();
    // What a tool creates is not there yet.
    let creates = ["create", "write", "export", "save", "new", "output", "destination", "target", "dest"];
    let called = format!("{} {}", context.tool, words.join(" ")).to_lowercase();
    if !folder && let Some(ending) = meant.or(Some("txt").filter(|_| found.is_empty())) {
        let home = files.iter().find(|f| f.ends_with('/')).map_or(VIRTUAL_ROOT, |f| f.trim_end_matches('/'));
        let fresh = Value::from(format!("{home}/report.{ending}"));
        let at = if creates.iter().any(|word| called.contains(word)) { 0 } else { found.len().min(2) };
        found.insert(at, fresh);
    }
    found
}

/// The file ending that a text speaks of.
fn ending(text: &str) -> Option<&'static str> {
    const PROGRAMS: [(&str, &str); 8] = [
        ("excel", "xlsx"),
        ("spreadsheet", "xlsx"),
        ("word doc", "docx"),
        ("powerpoint", "pptx"),
        ("presentation", "pptx"),
        ("markdown", "md"),
        ("excalidraw", "excalidraw"),
        ("sqlite", "db"),
    ];
    const ENDINGS: [&str; 16] =
        ["xlsx", "docx", "pptx", "pdf", "csv", "json", "md", "html", "png", "svg", "xml", "yaml", "parquet", "zip", "db", "txt"];
    let dotted = ENDINGS.into_iter().find(|e| text.contains(&format!(".{e}")));
    dotted.or_else(|| PROGRAMS.into_iter().find(|(program, _)| text.contains(program)).map(|(_, ending)| ending))
}

/// Values given before under the same name.
fn given(shape: &Shape<'_>, name: &str, history: &[Past]) -> Vec<Value> {
    let same = history.iter().rev().filter_map(|past| past.choice.arguments.get(name));
    same.filter(|v| !v.is_array() && !v.is_object()).filter_map(|v| fit(shape, v)).take(3).collect()
}

/// `value` in the type of `shape`; none where it does not fit.
pub fn fit(shape: &Shape<'_>, value: &Value) -> Option<Value> {
    let fitted = match (shape.kind(), value) {
        ("string", Value::Number(_)) => json!(scalar_text(value)),
        ("integer", Value::Number(n)) => json!(n.as_i64().or_else(|| n.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64))?),
        ("integer", Value::String(text)) => json!(text.trim().parse::<i64>().ok()?),
        ("number", Value::String(text)) => json!(text.trim().parse::<f64>().ok()?),
        ("string", Value::String(_)) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) | ("any", _) => value.clone(),
        _ => return None,
    };
    let number = fitted.as_f64();
    let beyond = |keyword: &str, wrong: fn(f64, f64) -> bool| {
        number.zip(shape.get(keyword).and_then(Value::as_f64)).is_some_and(|(n, b)| wrong(n, b))
    };
    let out = beyond("minimum", |n, b| n < b) || beyond("maximum", |n, b| n > b);
    (!out).then_some(fitted)
}

/// Examples that a description names: `e.g. 'x'`, `such as "x"`, `example: x`, `(x, y or z)` after a colon.
fn mined(description: &str) -> Vec<Value> {
    static EXAMPLE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?i)(?:e\.g\.,?|for example,?|for instance,?|such as|examples?:?|like)\s*:?\s*([^.;)\n]{1,120})"#)
            .expect("a fixed pattern")
    });
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"["'`“]([^"'`”]{1,80})["'`”]"#).expect("a fixed pattern"));
    let mut out: Vec<String> = Vec::new();
    for found in EXAMPLE.captures_iter(description) {
        let list = &found[1];
        let quoted: Vec<_> = QUOTED.captures_iter(list).map(|q| q[1].to_owned()).collect();
        if quoted.is_empty() {
            out.extend(
                list.split([',', '|'])
                    .flat_map(|part| part.split(" or "))
                    .map(|t| t.trim().to_owned())
                    .filter(|t| !t.is_empty() && !t.contains(' ')),
            );
        } else {
            out.extend(quoted);
        }
    }
    if out.is_empty() {
        out.extend(QUOTED.captures_iter(description).map(|q| q[1].to_owned()));
    }
    out.truncate(6);
    out.into_iter().map(Value::from).collect()
}
