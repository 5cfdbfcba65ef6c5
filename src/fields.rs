//! Fields of results that are neither worth asking for nor worth passing on.

use serde_json::Value;

use crate::json::{last_key, unescape};
use crate::names;

/// Members that say how a call went, not what it found.
const HOUSEKEEPING: [&str; 50] = [
    "limit",
    "offset",
    "page",
    "per_page",
    "page_size",
    "total_pages",
    "has_more",
    "hasMore",
    "has_next",
    "hasNext",
    "next",
    "success",
    "ok",
    "found",
    "error",
    "errors",
    "message",
    "msg",
    "hint",
    "note",
    "notes",
    "timestamp",
    "took",
    "duration",
    "elapsed",
    "version",
    "schema",
    "uri",
    "cursor",
    "session",
    "token",
    "task_id",
    "state_key",
    "domain",
    "tool",
    "disclaimer",
    "isError",
    "running",
    "valid",
    "warnings",
    "status_code",
    "truncated",
    "regex_used",
    "recursive",
    "case_sensitive",
    "description",
    "requestor",
    "data_source",
    "dataSource",
    "usage",
];
/// Parts of a result that repeat the question or explain the answer.
const ASIDES: [&str; 42] = [
    "showWhen",
    "displayOptions",
    "coordinate_system",
    "server_info",
    "serverInfo",
    "server_status",
    "limits",
    "claude_limits",
    "capabilities",
    "arguments",
    "units",
    "unit",
    "assumptions",
    "input",
    "inputs",
    "parameters",
    "params",
    "request",
    "meta",
    "metadata",
    "pagination",
    "suggestion",
    "suggestions",
    "next_step",
    "next_steps",
    "nextStep",
    "nextSteps",
    "nextActions",
    "next_actions",
    "next_tool_suggestions",
    "hints",
    "chunking",
    "annotations",
    "examples",
    "usage_examples",
    "usageExamples",
    // What a schema says is about other values.
    "anyOf",
    "oneOf",
    "allOf",
    "$schema",
    "$defs",
    "additionalProperties",
];
/// Parameters that say how much of a list to show.
const PAGING: [&str; 10] = ["limit", "offset", "page", "page_size", "per_page", "cursor", "count", "max_results", "top_k", "skip"];

/// Whether the field at `pattern` is about the call and not about the world.
pub fn is_aside(pattern: &str) -> bool {
    HOUSEKEEPING.contains(&last_key(pattern)) || pattern.split('/').any(|step| ASIDES.contains(&step))
}

/// Whether a parameter says how much of a list to show: the caller's choice, no value of the world.
pub fn is_paging(param: &str) -> bool {
    PAGING.contains(&param)
}

/// Whether a member whose name is data stands on the way to `pointer`: nobody could name it without having
/// seen the result.
pub fn behind_data_key(result: &Value, pointer: &str) -> bool {
    let mut at = result;
    for step in pointer.split('/').skip(1) {
        let name = unescape(step);
        at = match at {
            Value::Array(items) => name.parse::<usize>().ok().and_then(|i| items.get(i)).unwrap_or(&Value::Null),
            Value::Object(members) if crate::json::is_data_key(&name) && members.contains_key(&name) => return true,
            Value::Object(members) => members.get(&name).unwrap_or(&Value::Null),
            _ => &Value::Null,
        };
    }
    false
}

/// What is given where nothing is known of a text, or was left open by an example: a call that succeeds with it says little.
const MADE_UP: [&str; 5] = ["sample", "...", "…", "string", "placeholder"];

/// Whether a text says that nothing is known.
pub fn is_unknown(text: &str) -> bool {
    ["unknown", "n/a"].iter().any(|said| text.eq_ignore_ascii_case(said))
}

/// Little words, of which a text by itself says nothing.
const LITTLE: [&str; 22] = [
    "to", "of", "for", "and", "the", "an", "with", "by", "from", "at", "this", "that", "are", "if", "on", "when", "which", "was", "you",
    "your", "or", "has",
];

/// What people, things and kinds are called: something with letters in it.
const CALLED: [&str; 38] = [
    "name",
    "title",
    "label",
    "topic",
    "tag",
    "category",
    "author",
    "subject",
    "description",
    "kind",
    "type",
    "city",
    "person",
    "company",
    "project",
    "resource",
    "owner",
    "summary",
    "note",
    "entity",
    "observation",
    "family",
    "text",
    "content",
    "message",
    "sentence",
    "query",
    "keyword",
    "search",
    "input",
    "industry",
    "currency",
    "holder",
    "thought",
    "icon",
    "component",
    "domain",
    "law",
];

/// Whether what is given for the parameter called `name` stands for any text, is a little word, was cut out of prose that went on in the
/// next line, or is no name of anything where one is meant.
pub fn is_made_up(name: &str, value: &Value) -> bool {
    let called = || names::words(name).last().is_some_and(|word| CALLED.contains(&word.as_str()));
    let nameless = |text: &str| text.split(|c: char| !c.is_alphabetic()).all(|word| word.chars().count() < 2) && !text.trim().is_empty();
    // A number is nobody's name.
    const NAMED: [&str; 6] = ["component", "icon", "name", "title", "author", "city"];
    let counted = || value.is_number() && names::words(name).last().is_some_and(|word| NAMED.contains(&word.as_str()));
    counted()
        || value.as_str().is_some_and(|text| {
            let bare = text.trim();
            if nameless(bare) && called() || is_misfit(name, bare) {
                return true;
            }
            // What follows an apostrophe was cut out of a sentence; a path of an example leads nowhere.
            let clipped = ["ll ", "re ", "ve "].iter().any(|end| text.starts_with(end)) || bare.starts_with("/path/to/");
            let cut = clipped || text.starts_with(' ') && text.len() < 200 || text.ends_with("\n\n");
            // A quotation that only begins or only ends was cut out of something.
            let cut = cut || text.len() < 60 && text.matches('"').count() % 2 == 1;
            let numbered = bare.strip_prefix("line ").is_some_and(|n| n.len() <= 2 && n.bytes().all(|b| b.is_ascii_digit()));
            MADE_UP.contains(&bare)
                || is_unknown(bare)
                || numbered
                || LITTLE.contains(&bare)
                || cut
                || text.contains("\n    ") && !text.contains(['{', ';', '#'])
        })
}

/// Whether a text is of another kind than its parameter's name says: a sum where no expression is meant, a number where one is, or where
/// a variable or an address is.
fn is_misfit(name: &str, text: &str) -> bool {
    const MATHS: [&str; 24] = [
        "expression",
        "expr",
        "equation",
        "function",
        "func",
        "formula",
        "lhs",
        "rhs",
        "polynomial",
        "poly",
        "condition",
        "integrand",
        "inequality",
        "arg",
        "set1",
        "set2",
        "base",
        "element",
        "numerator",
        "denominator",
        "argument",
        "value",
        "start",
        "end",
    ];
    let own = names::split(name);
    let is = |words: &[&str]| own.iter().any(|word| words.contains(&word.as_str()));
    let maths = is(&MATHS) || name.chars().count() <= 2 || own.iter().any(|word| word.starts_with("expr"));
    let sum = || text.split_once(" + ").is_some_and(|(a, b)| a.len() == 1 && b.bytes().all(|c| c.is_ascii_digit()));
    let number = || text.parse::<f64>().is_ok();
    // "36 7 * * 2": two numbers with nothing between them.
    let digits = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let apart = |text: &str| text.split(' ').zip(text.split(' ').skip(1)).any(|(a, b)| digits(a) && digits(b));
    sum() && !maths
        || number() && is(&["expression", "expr", "equation", "formula", "variable", "symbol", "url", "uri"])
        || number() && own.iter().any(|word| word.starts_with("matrix"))
        // An id is one word, and so is what a program calls something.
        || text.contains(' ') && is(&["class", "function", "method", "symbol"]) && !text.contains(['(', '+', '*'])
        || own.last().is_some_and(|last| last == "id") && text.contains(' ')
        || text.bytes().all(|b| b.is_ascii_digit()) && is(&["color", "colour"])
        || text.starts_with("file://") && is(&["path"])
        || number() && own.last().is_some_and(|last| last == "path")
        // "invoice invoice invoice" fills a text.
        || text.split(' ').zip(text.split(' ').skip(1)).zip(text.split(' ').skip(2)).any(|((a, b), c)| a.len() > 3 && a == b && b == c)
        || !text.contains(['=', '+', '-', '*', '/', '^', '(']) && is(&["equation"])
        || maths && apart(text)
        || text.contains("expr2") && text.contains("expr")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_would_give_is_made_up() {
        assert!(is_made_up("components", &Value::from(7)) && !is_made_up("count", &Value::from(7)));
        for (name, text) in [
            ("note", "sample"),
            ("query", "to"),
            ("name", "2, 7, 3"),
            ("entityType", "7"),
            ("from_entity", "x + 1"),
            ("query", "60"),
            ("version", "\"2"),
            ("topic", "ll know it"),
            ("image_path", "/path/to/image.jpg"),
            ("query", "x + 12"),
            ("expression", "7.0"),
            ("variable", "8"),
            ("url", "7"),
            ("matrix1", "7"),
            ("expression", "36 7 * * 2"),
            ("equation", "x,y"),
            ("class_name", "Ada Lovelace"),
            ("message_id", "The parcel has arrived"),
        ] {
            assert!(is_made_up(name, &Value::from(text)), "{name} {text}");
        }
        for (name, text) in [
            ("name", "Ada"),
            ("expression", "x + 1"),
            ("equation", "x^2 = 4"),
            ("n", "7"),
            ("variable", "x"),
            ("id", "7"),
            ("type", "Q1 report"),
            ("title", "東京"),
        ] {
            assert!(!is_made_up(name, &Value::from(text)), "{name} {text}");
        }
    }
}
