//! Arguments that an error says are missing, or of the wrong type, by their paths.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::explore::policy::Origin;
use crate::explore::repair::suspects::names;
use crate::explore::repair::{Edit, Failure, Put, pointer_of};

/// Edits that add what is missing: all of it at once first, then one by one.
pub fn edits(failure: &Failure<'_>) -> Vec<Edit> {
    let mut puts = issues(failure);
    puts.extend(pydantic(failure));
    puts.extend(keys(failure));
    puts.dedup();
    let mut all = Vec::new();
    if !puts.is_empty() {
        all.push(Edit { puts: puts.clone() });
    }
    let unset = unset(failure);
    all.extend(unset.iter().map(|pointer| Edit::one(pointer.clone(), Put::Fill(0))));
    if unset.len() > 1 {
        all.push(Edit { puts: unset.iter().map(|pointer| (pointer.clone(), Put::Fill(0))).collect() });
    }
    // Of two that exclude each other, one goes.
    let error = failure.error.to_lowercase();
    if ["exactly one", "only one", "not both", "mutually exclusive", "both or neither", "cannot be used together"]
        .iter()
        .any(|t| error.contains(t))
    {
        let optional = failure.arguments.keys().filter(|name| !failure.top.requires(name) && names(&error, name));
        all.extend(optional.map(|name| Edit::one(pointer_of(name), Put::Nothing)));
    }
    all
}

/// Keys that an object has not: all that a program says of a missing one is its name.
fn keys(failure: &Failure<'_>) -> Vec<(String, Put)> {
    let last = failure.error.rsplit(": ").next().unwrap_or_default().trim().trim_matches(['\'', '"', '`']);
    let word = !last.is_empty() && last.len() < 30 && last.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let objects = failure.arguments.iter().filter(|(_, v)| v.as_object().is_some_and(|o| !o.contains_key(last)));
    let items = failure.arguments.iter().flat_map(|(name, v)| {
        let rows = v.as_array().into_iter().flatten().enumerate();
        rows.filter(|(_, row)| row.is_object()).map(move |(index, _)| format!("{}/{index}", pointer_of(name)))
    });
    let at = objects.map(|(name, _)| pointer_of(name)).chain(items);
    if word { at.map(|at| (format!("{at}{}", pointer_of(last)), Put::Fill(0))).collect() } else { Vec::new() }
}

/// Properties that are not set and that the error names, where it sounds as if they were wanted.
fn unset(failure: &Failure<'_>) -> Vec<String> {
    const WANTED: [&str; 22] = [
        "require",
        "missing",
        "provide",
        "specify",
        "specified",
        "give ",
        "need",
        "must",
        "expected",
        "at least one",
        "exactly one",
        "no ",
        "empty",
        "with ",
        "use ",
        "pass ",
        "set ",
        "必",
        "obrigat",
        "falta",
        "requis",
        "erforderlich",
    ];
    let error = failure.error.to_lowercase();
    if !WANTED.iter().any(|told| error.contains(told)) {
        return Vec::new();
    }
    let wanted = |name: &str, held: &serde_json::Map<String, Value>| !held.contains_key(name) && name.len() > 1 && names(&error, name);
    let place = |name: &str| error.find(&name.to_lowercase()).unwrap_or(usize::MAX);
    let mut found: Vec<(usize, String)> = Vec::new();
    for (name, property) in failure.top.properties() {
        if wanted(&name, failure.arguments) {
            found.push((place(&name), pointer_of(&name)));
        }
        // A member of an object, or of the first object of a list.
        let (at, held, inner) = match failure.arguments.get(&name) {
            Some(Value::Object(held)) => (pointer_of(&name), held, Some(property)),
            Some(Value::Array(items)) => match items.first() {
                Some(Value::Object(held)) => (format!("{}/0", pointer_of(&name)), held, property.items()),
                _ => continue,
            },
            _ => continue,
        };
        let members = inner.map(|inner| inner.properties()).unwrap_or_default();
        found.extend(members.iter().filter(|(m, _)| wanted(m, held)).map(|(m, _)| (place(m), format!("{at}{}", pointer_of(m)))));
    }
    found.sort();
    found.into_iter().map(|(_, pointer)| pointer).take(4).collect()
}

/// The issues of zod, a JSON list of `path` and what was expected there.
fn issues(failure: &Failure<'_>) -> Vec<(String, Put)> {
    let Some(start) = failure.error.find("[\n").or_else(|| failure.error.find("[{")) else { return Vec::new() };
    let mut read = serde_json::Deserializer::from_str(&failure.error[start..]).into_iter::<Value>();
    // A list that was cut off still has its first members.
    let whole = read.next().and_then(Result::ok);
    let list = whole.or_else(|| {
        let text = &failure.error[start..];
        let end = text.rfind("},").or_else(|| text.rfind('}'))?;
        serde_json::from_str(&format!("{}}}]", &text[..end])).ok()
    });
    let Some(Value::Array(list)) = list else { return Vec::new() };
    let of = |issue: &Value| {
        let steps = issue.get("path")?.as_array()?;
        let pointer: String = steps.iter().map(|s| s.as_str().map_or_else(|| format!("/{s}"), pointer_of)).collect();
        let options = issue.get("options").or_else(|| issue.get("values")).and_then(Value::as_array).and_then(|o| o.first().cloned());
        let expected = issue.get("expected").and_then(Value::as_str).unwrap_or_default();
        let put = options.or_else(|| typed(expected)).map_or(Put::Fill(0), |value| Put::Value(value, Origin::Repaired));
        (!pointer.is_empty()).then_some((pointer, put))
    };
    list.iter().filter_map(of).take(12).collect()
}

/// The errors of pydantic: a line with the path, and a line on what is wrong there.
fn pydantic(failure: &Failure<'_>) -> Vec<(String, Put)> {
    static ISSUE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^\s*([A-Za-z_][\w.\-\[\]]*)\s*\n?\s+(Field required|Missing required argument|Input should be [^\n\[]*|Unexpected keyword argument|Extra inputs are not permitted|String should [^\n\[]*|List should [^\n\[]*)")
            .expect("a fixed pattern")
    });
    let mut found = Vec::new();
    for issue in ISSUE.captures_iter(failure.error).take(12) {
        // The name of a variant of a union stands between the names of fields.
        let steps: Vec<&str> = issue[1].split('.').filter(|s| !s.is_empty() && !s.contains('[')).collect();
        let pointer: String = steps.iter().map(|s| pointer_of(s)).collect();
        let told = &issue[2];
        let put = match told.strip_prefix("Input should be ") {
            Some(wanted) => quoted(wanted).or_else(|| typed(wanted)).map_or(Put::Fill(1), |value| Put::Value(value, Origin::Repaired)),
            None if told.starts_with("Unexpected") || told.starts_with("Extra") => Put::Nothing,
            None => Put::Fill(0),
        };
        found.push((pointer, put));
    }
    found
}

fn quoted(text: &str) -> Option<Value> {
    let (_, rest) = text.split_once('\'')?;
    rest.split_once('\'').map(|(value, _)| json!(value))
}

/// A value of the type that a validator asks for.
fn typed(wanted: &str) -> Option<Value> {
    let wanted = wanted.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|w| wanted.contains(w));
    Some(match () {
        () if has(&["integer"]) => json!(2),
        () if has(&["greater than", "number", "decimal", "float"]) => json!(2.5),
        () if has(&["boolean"]) => json!(true),
        () if has(&["datetime"]) => json!("2024-05-20T14:30:00"),
        () if has(&["date"]) => json!("2024-05-20"),
        () if has(&["url"]) => json!("https://example.com/reports"),
        () if has(&["list", "array", "tuple"]) => json!([]),
        () if has(&["dictionary", "object"]) => json!({}),
        () => return None,
    })
}
