//! How a CallToolResult is read: which value provenance points into, and whether it is a failure.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::mcp::client::{CallError, ErrorKind};
use crate::python;
use crate::text::shorten;

/// The value a result stands for: its structured content, else its text. Text that is a JSON object or array, or a list or
/// dict as Python prints it, is read as that; a wrapper that holds nothing but `result`, `content` or such a text is opened.
pub fn value_of(reply: &Value) -> Value {
    if let Some(structured) = reply.get("structuredContent").filter(|s| !s.is_null()) {
        let only = structured.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        return match only {
            Some((name, value)) if name == "result" => open(value),
            // The reply's own shape once more.
            Some((name, Value::Array(blocks))) if name == "content" && !blocks.is_empty() && blocks.iter().all(is_block) => {
                read_blocks(blocks)
            }
            Some((name, text @ Value::String(_))) if name == "content" => open(text),
            Some((_, Value::String(text))) => nested(text).unwrap_or_else(|| structured.clone()),
            _ => structured.clone(),
        };
    }
    read_blocks(reply.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default())
}

/// Whether `value` is a content block; some writers leave the type of a text away.
pub fn is_block(value: &Value) -> bool {
    match value.get("type").and_then(Value::as_str) {
        Some("text") => value.get("text").is_some_and(Value::is_string),
        Some(kind) => matches!(kind, "image" | "audio" | "resource" | "resource_link"),
        None => value.as_object().is_some_and(|m| m.len() == 1 && m.get("text").is_some_and(Value::is_string)),
    }
}

fn read_blocks(blocks: &[Value]) -> Value {
    match blocks {
        [one] => read_block(one),
        many => Value::Array(many.iter().map(read_block).collect()),
    }
}

fn read_block(block: &Value) -> Value {
    block.get("text").map_or_else(|| block.clone(), open)
}

fn open(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    // A whole number of more digits than are held would lose them.
    let whole = || text.trim().trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
    let held = |v: &Value| v.is_boolean() || v.is_number() && !(v.is_f64() && whole());
    let scalar = || serde_json::from_str(text).ok().filter(held);
    nested(text).or_else(scalar).unwrap_or_else(|| value.clone())
}

/// The object or list that a text is.
fn nested(text: &str) -> Option<Value> {
    let text = text.trim();
    let closed = matches!((text.chars().next(), text.chars().last()), (Some('{'), Some('}')) | (Some('['), Some(']')));
    closed.then(|| python::json_or_literal(text)).flatten().filter(|v| v.is_object() || v.is_array())
}

/// How a result failed, if it did: `isError`, or a text that says so although `isError` does not.
pub fn error_of(reply: &Value) -> Option<CallError> {
    let value = value_of(reply);
    if reply.get("isError") == Some(&Value::Bool(true)) {
        return Some(CallError { kind: ErrorKind::Tool, text: shorten(&plain(&value), 500) });
    }
    soft_error(&value).map(|text| CallError { kind: ErrorKind::Soft, text: shorten(&text, 500) })
}

/// All that was said of a failure: its text, and what else stands in its result.
pub fn whole_error(error: &CallError, reply: Option<&Value>) -> String {
    let blocks = reply.and_then(|r| r.get("content")).and_then(Value::as_array).into_iter().flatten();
    let said: Vec<&str> = blocks.filter_map(|block| block.get("text").and_then(Value::as_str)).collect();
    let said = said.join("\n");
    if said.is_empty() { error.text.clone() } else { shorten(&said, 4000) }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The error a value reports although the call succeeded, if it does.
pub fn soft_error(value: &Value) -> Option<String> {
    static SAYS_ERROR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?ix) ^ [\W_]* ( (\w+\s?)? error \b | exception | failed \b | failure | traceback | unable\ to | could\ not | cannot | can't
              | invalid \b | unknown\ (tool|argument|option) | unsupported | missing\ (required|argument) | not\ found | no\ such
              | (file|path|directory|sheet|document|workbook|database|table|user|order|item|entity|note)\b .{0,120}? \b(not\ found|does\ not\ exist)
              | \w+\ failed:\ '?[[:alpha:]] | rejected\b | please\ provide | no\ [\w\s]{1,40}\ (found|match(es|ing)?|configured)\b )",
        )
        .expect("a fixed pattern")
    });
    // What JavaScript makes of a date that it can't read, in a sentence that goes on as if nothing were; and what names something first:
    // the thing that is not there, or what was to be done.
    static GIVES_UP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r#"(?x) ^.{0,300}\b(Invalid\ Date|is\ NaN)\b | ^['"][^'"]{1,120}['"]\ (was\ |is\ )?not\ found\b
             | ^[[:alpha:]][[:alnum:]\ ]{1,60}\ error:\ . | ^[^\n]{1,160}\ (not\ found|does\ not\ exist)[.!]?$
             | ^Must\ provide\ | ^不支持的"#,
        )
        .expect("a fixed pattern")
    });
    match value {
        Value::String(text) if SAYS_ERROR.is_match(text.trim_start()) || GIVES_UP.is_match(text) => Some(text.clone()),
        Value::Array(items) if items.len() == 1 => items[0].as_str().and(soft_error(&items[0])),
        Value::Object(members) => {
            let truthy = |v: &&Value| {
                !matches!(v, Value::Null | Value::Bool(false)) && v.as_str() != Some("") && v.as_array().is_none_or(|a| !a.is_empty())
            };
            let denied = ["success", "ok", "found"].iter().any(|k| members.get(*k) == Some(&Value::Bool(false)));
            let status = members
                .get("status")
                .and_then(Value::as_str)
                .is_some_and(|s| matches!(s.to_ascii_lowercase().as_str(), "error" | "failed" | "failure" | "not_found"));
            let named = members.get("error").filter(truthy).filter(|e| !e.is_number());
            (denied || status || named.is_some()).then(|| named.map_or_else(|| value.to_string(), plain))
        }
        _ => None,
    }
}
