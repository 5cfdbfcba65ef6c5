//! Words for people: what a tool does, what a parameter or field is called, how a value is written.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::json::{Leaf, scalar_text};
use crate::names;
use crate::text::shorten;

/// Members and lists that only hold the result together.
const CONTAINERS: [&str; 22] = [
    "data", "result", "results", "output", "response", "payload", "parsed_content", "content", "value", "body", "structured", "details",
    "items", "entries", "records", "rows", "list", "values", "matches", "objects", "elements", "hits",
];

/// Base forms of the verbs descriptions begin with.
const VERBS: [&str; 96] = [
    "add", "aggregate", "analyze", "apply", "assess", "audit", "build", "calculate", "cancel", "check", "classify", "compare", "compute",
    "convert", "copy", "count", "create", "decode", "define", "delete", "describe", "detect", "determine", "diff", "display", "draw",
    "encode", "estimate", "evaluate", "execute", "expand", "explain", "export", "extract", "factor", "fetch", "file", "filter", "find",
    "format", "generate", "get", "give", "handle", "identify", "import", "insert", "inspect", "integrate", "interpret", "list", "load",
    "look", "lookup", "make", "manage", "map", "measure", "merge", "modify", "move", "normalize", "obtain", "open", "parse", "perform",
    "plan", "predict", "print", "process", "produce", "provide", "query", "read", "receive", "recommend", "rename", "report", "resolve",
    "restore", "retrieve", "return", "run", "sample", "save", "search", "send", "set", "show", "simplify", "solve", "sort", "split",
    "suggest", "summarize", "validate",
];

/// What a tool does, as an imperative that begins in lower case and ends without a stop.
pub fn clause(description: &str, tool: &str) -> String {
    static NOISE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\[[^\]]*\]|\([^)]*\)|`|\*\*|^\W+|(?i)^(tool|function|use this( tool)?|this (tool|function)|a tool) (to|for|that|which) ").expect("a fixed pattern"));
    let first = description.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let text = NOISE.replace_all(first, "");
    let text = NOISE.replace_all(text.trim(), "");
    let end = text.find(". ").into_iter().chain(text.find([';', ':', '—', '–'])).chain(text.find(" - ")).min().unwrap_or(text.len());
    let text = text[..end].trim().trim_end_matches(['.', ',', '!']).trim();
    let text: Vec<String> = text.split_whitespace().map(plain_word).collect();
    let text = shorten(&text.join(" "), 140);
    if text.chars().count() < 4 {
        return from_name(tool);
    }
    let (head, rest) = text.split_once(' ').unwrap_or((&text, ""));
    match base_verb(head) {
        Some(verb) if verb == "return" || verb == "provide" => format!("find {}", with_article(rest)),
        Some(verb) => format!("{verb} {rest}").trim().to_owned(),
        None => format!("look up {}", with_article(&lower_first(&text))),
    }
}

fn from_name(tool: &str) -> String {
    let words = names::split(tool);
    match words.split_first() {
        Some((head, rest)) if base_verb(head).is_some() => format!("{head} {}", with_article(&rest.join(" "))),
        _ => format!("work out {}", with_article(&words.join(" "))),
    }
}

fn base_verb(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let stems = [word.clone(), word.trim_end_matches('s').to_owned(), word.trim_end_matches("es").to_owned(), word.trim_end_matches("ing").to_owned(), word.replace("ing", "e")];
    VERBS.iter().find(|verb| stems.iter().any(|s| s == *verb)).copied()
}

fn with_article(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default().to_lowercase();
    let has = matches!(first.as_str(), "the" | "a" | "an" | "all" | "any" | "each" | "every" | "whether" | "if" | "how" | "what" | "which" | "your" | "its" | "one" | "available");
    if has || text.is_empty() || first.ends_with('s') && !first.ends_with("ss") && !first.ends_with("us") { text.to_owned() } else { format!("the {text}") }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // An acronym keeps its capitals.
        (Some(a), Some(b)) if a.is_uppercase() && !b.is_uppercase() => a.to_lowercase().chain(text.chars().skip(1)).collect(),
        _ => text.to_owned(),
    }
}

/// A word of a description without the spelling of code: `order_id` as `order ID`.
fn plain_word(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let code = core.contains('_') && core.chars().all(|c| c.is_alphanumeric() || c == '_');
    if code { word.replace(core, &phrase(core)) } else { word.to_owned() }
}

/// A name as words: `order_id` as `order ID`.
pub fn phrase(name: &str) -> String {
    let words = names::split(name);
    let shown = words.iter().map(|word| match word.as_str() {
        "id" | "url" | "uri" | "sql" | "iata" | "icao" | "eta" | "sla" | "sku" | "vat" | "utc" | "ip" | "json" | "csv" | "pdf" | "uuid" | "rgb" | "hsl" => word.to_uppercase(),
        "ids" => "IDs".into(),
        "lat" => "latitude".into(),
        "lon" | "lng" => "longitude".into(),
        "qty" => "quantity".into(),
        "num" => "number".into(),
        "tz" => "timezone".into(),
        _ => word.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// A value as a person writes it into a question: text in quotes, ids, numbers and dates bare.
pub fn written(value: &Value) -> String {
    let text = scalar_text(value);
    match value {
        Value::String(_) if text.is_empty() => "nothing".into(),
        Value::String(_) => {
            let bare = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.:#@+".contains(c)) && text.chars().any(|c| c.is_ascii_digit() || c == '@');
            if bare { text } else { format!("“{text}”") }
        }
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        _ => text,
    }
}

/// What the scalar at `leaf` of `result` is called: `carrier of the first entry`. None where only a
/// machine could say which one is meant.
pub fn field_phrase(result: &Value, leaf: &Leaf, tool: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = result;
    let mut name: Option<&str> = None;
    let mut pending: Option<&str> = None;
    for step in leaf.pointer.split('/').skip(1) {
        if let Some(items) = at.as_array() {
            let index: usize = step.parse().unwrap_or(0);
            if items.len() > 1 {
                parts.push(format!("the {} {}", ordinal(index), item_name(pending.take(), tool)));
            }
            at = items.get(index).unwrap_or(&Value::Null);
            pending = None;
            name = None;
        } else {
            let key = step.replace("~1", "/").replace("~0", "~");
            let members = at.as_object();
            let place = members.and_then(|m| m.keys().position(|k| *k == key)).unwrap_or(0);
            if members.is_some_and(|m| m.len() > 1) && crate::json::leaves(at).first().is_some_and(|l| l.pattern.starts_with("/*")) {
                parts.push(format!("the {} {}", ordinal(place), item_name(pending.take(), tool)));
                name = None;
            } else {
                if let Some(owner) = pending.filter(|p| !is_container(p)) {
                    parts.push(format!("the {}", phrase(owner)));
                }
                pending = Some(step);
                name = Some(step);
            }
            at = members.and_then(|m| m.get(&key)).unwrap_or(&Value::Null);
        }
    }
    let own = match name {
        Some(name) if parts.is_empty() && is_container(name) => subject(tool),
        Some(name) => phrase(name),
        None => parts.pop().map_or_else(|| subject(tool), |p| p.trim_start_matches("the ").to_owned()),
    };
    parts.reverse();
    std::iter::once(own).chain(parts).collect::<Vec<_>>().join(" of ")
}

/// What a tool's bare result is called.
pub fn subject(tool: &str) -> String {
    let words: Vec<String> = names::split(tool).into_iter().filter(|w| base_verb(w).is_none() && !matches!(w.as_str(), "by" | "for" | "all" | "the")).collect();
    if words.is_empty() { "result".into() } else { phrase(&words.join("_")) }
}

fn item_name(list: Option<&str>, tool: &str) -> String {
    let own = list.filter(|l| !is_container(l)).map(phrase);
    let words = own.unwrap_or_else(|| names::entity(tool).last().cloned().filter(|w| !names::is_generic(w)).unwrap_or_else(|| "entry".into()));
    match words.as_str() {
        w if w.ends_with("ies") => format!("{}y", &w[..w.len() - 3]),
        w if w.ends_with('s') && !w.ends_with("ss") && !w.ends_with("us") => w[..w.len() - 1].to_owned(),
        w => w.to_owned(),
    }
}

fn is_container(name: &str) -> bool {
    CONTAINERS.contains(&name)
}

/// `first`, `second`, … `11th`.
pub fn ordinal(index: usize) -> String {
    const NAMES: [&str; 10] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    NAMES.get(index).map_or_else(|| format!("{}th", index + 1), |n| (*n).to_owned())
}

/// `a`, `a and b`, `a, b and c`.
pub fn join_and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
