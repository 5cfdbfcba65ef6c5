//! How a CallToolResult is read: which value provenance points into, and whether it is a failure.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::mcp::client::{CallError, ErrorKind};
use crate::text::shorten;

/// The value a result stands for: its structured content, else its text. Text that is a JSON object or
/// array is read as that; a wrapper that holds nothing but `result` is opened.
pub fn value_of(reply: &Value) -> Value {
    if let Some(structured) = reply.get("structuredContent").filter(|s| !s.is_null()) {
        return match structured.as_object() {
            Some(members) if members.len() == 1 => members.get("result").map_or_else(|| structured.clone(), open),
            _ => structured.clone(),
        };
    }
    let blocks = reply.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match blocks {
        [one] => read_block(one),
        many => Value::Array(many.iter().map(read_block).collect()),
    }
}

fn read_block(block: &Value) -> Value {
    block.get("text").map_or_else(|| block.clone(), open)
}

fn open(value: &Value) -> Value {
    let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    parsed.filter(|v: &Value| v.is_object() || v.is_array() || v.is_number() || v.is_boolean()).unwrap_or_else(|| value.clone())
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
              | please\ provide | no\ [\w\s]{1,40}\ (found|match(es|ing)?)\b )",
        )
        .expect("a fixed pattern")
    });
    match value {
        Value::String(text) if SAYS_ERROR.is_match(text.trim_start()) => Some(text.clone()),
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
