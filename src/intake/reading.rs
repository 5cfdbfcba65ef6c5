//! What the texts of a trace stand for. The same texts come back again and again (trials of one task, retries), so
//! what was read is remembered.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};
use twox_hash::XxHash3_128;
use xxhash_rust::xxh3::xxh3_64;

use crate::hashed::ByHash;
use crate::intake::Json;
use crate::json::{canonical, leaves, parse};
use crate::mcp::{ErrorKind, reading};
use crate::python;
use crate::redact;
use crate::state::is_path;
use crate::text::{sha256_hex, shorten};

/// Bytes of readings that one worker remembers.
const MEMORY: usize = 48 << 20;

/// A result as it was read.
pub struct Reading {
    /// The value it stands for, in canonical JSON.
    pub result: Arc<str>,
    /// The CallToolResult, where `result` alone does not give it back.
    pub reply: Option<Arc<str>>,
    /// SHA-256 of `result`.
    pub hash: Arc<str>,
    /// Whether and how it says that the call failed.
    pub error: Option<(ErrorKind, String)>,
    /// Secrets masked in it.
    pub masked: u64,
    scalars: OnceCell<ByHash<u64, String>>,
}

impl Reading {
    /// Where in the result a scalar with this text stands: the pointer of the first one.
    pub fn place_of(&self, scalar: u64) -> Option<&str> {
        let all = self.scalars.get_or_init(|| {
            let mut all = ByHash::default();
            for leaf in leaves(&parse(&self.result)) {
                all.entry(xxh3_64(leaf.text().as_bytes())).or_insert(leaf.pointer);
            }
            all
        });
        all.get(&scalar).map(String::as_str)
    }
}

/// Arguments as they were read.
pub struct Given {
    /// In canonical JSON.
    pub text: Arc<str>,
    /// Names and JSON types of the members.
    pub members: Vec<(String, &'static str)>,
    /// Hash of `members`.
    pub shape: u64,
    /// Whether one of them is a path.
    pub takes_path: bool,
    /// Scalars that say where they come from: hash of the text, the text, the pointer.
    pub telling: Vec<(u64, String, String)>,
    /// Secrets masked in it.
    pub masked: u64,
}

/// What a user said.
pub struct Said {
    /// The text, without secrets.
    pub text: String,
    /// Secrets masked in it.
    pub masked: u64,
}

/// Reads texts, and remembers what it read.
#[derive(Default)]
pub struct Reader {
    said: ByHash<u128, Rc<Said>>,
    results: ByHash<u128, Rc<Reading>>,
    arguments: ByHash<u128, Rc<Given>>,
    held: usize,
}

impl Reader {
    /// What a user said; trials of a task begin with the same words.
    pub fn said(&mut self, text: &str) -> Rc<Said> {
        let key = XxHash3_128::oneshot(text.as_bytes());
        if let Some(known) = self.said.get(&key) {
            return known.clone();
        }
        let (text, masked) = redact::text(text).unwrap_or_else(|| (text.to_owned(), 0));
        let read = Rc::new(Said { text, masked });
        self.make_room(read.text.len());
        self.said.insert(key, read.clone());
        read
    }

    /// What came back from a call.
    pub fn result(&mut self, said: &Json<'_>) -> Result<Rc<Reading>, String> {
        let key = key_of(said);
        if let Some(known) = self.results.get(&key) {
            return Ok(known.clone());
        }
        let read = Rc::new(read_result(value_of(said)?));
        self.make_room(read.result.len() + read.reply.as_ref().map_or(0, |reply| reply.len()));
        self.results.insert(key, read.clone());
        Ok(read)
    }

    /// Arguments of a call: an object, also in a string.
    pub fn arguments(&mut self, given: &Json<'_>) -> Result<Rc<Given>, String> {
        let key = key_of(given);
        if let Some(known) = self.arguments.get(&key) {
            return Ok(known.clone());
        }
        let mut value = match value_of(given)? {
            Value::String(text) if text.trim().is_empty() => json!({}),
            Value::String(text) => serde_json::from_str(&text).map_err(|e| format!("arguments: {e}"))?,
            Value::Null => json!({}),
            other => other,
        };
        let masked = redact::value(&mut value);
        let Value::Object(members) = &value else {
            return Err(format!("arguments are {}, not an object", kind_of(&value)));
        };
        let takes_path = members.keys().any(|name| is_path(name));
        let members: Vec<_> = members.iter().map(|(name, member)| (name.clone(), kind_of(member))).collect();
        let shape = xxh3_64(members.iter().map(|(name, kind)| format!("{name}\0{kind}\0")).collect::<String>().as_bytes());
        let telling = leaves(&value).into_iter().filter(|leaf| tells(&leaf.value)).map(|leaf| {
            let text = leaf.text();
            (xxh3_64(text.as_bytes()), text, leaf.pointer)
        });
        let text = canonical(&value).into();
        let read = Rc::new(Given { text, members, shape, takes_path, telling: telling.collect(), masked });
        self.make_room(read.text.len());
        self.arguments.insert(key, read.clone());
        Ok(read)
    }

    fn make_room(&mut self, bytes: usize) {
        self.held += bytes + 200;
        if self.held > MEMORY {
            self.results.clear();
            self.arguments.clear();
            self.said.clear();
            self.held = bytes + 200;
        }
    }
}

fn key_of(said: &Json<'_>) -> u128 {
    match said {
        Json::Raw(text) => XxHash3_128::oneshot(text.as_bytes()),
        // One bit apart from a raw value with the same text.
        Json::Text(text) => XxHash3_128::oneshot(text.as_bytes()) ^ 1,
        Json::Value(value) => XxHash3_128::oneshot(value.to_string().as_bytes()) ^ 2,
    }
}

fn value_of(said: &Json<'_>) -> Result<Value, String> {
    match said {
        Json::Raw(text) => serde_json::from_str(text).map_err(|e| e.to_string()),
        Json::Text(text) => Ok(Value::String(text.to_string())),
        Json::Value(value) => Ok(value.clone()),
    }
}

/// A result is a CallToolResult, a list of content blocks, or whatever else the tool gave.
fn read_result(mut said: Value) -> Reading {
    let mut masked = redact::value(&mut said);
    let mut reply = reply_of(&said);
    let mut value = opened(reading::value_of(&reply));
    // A secret may be written with escapes in a text that is JSON; then the text as it was can't be kept.
    let inside = redact::value(&mut value);
    if inside > 0 {
        masked += inside;
        reply = json!({"content": [{"type": "text", "text": canonical(&value)}]});
    }
    let error = match reading::error_of(&reply) {
        Some(error) => Some((error.kind, error.text)),
        None if says_timeout(&value) => Some((ErrorKind::Timeout, shorten(value.as_str().unwrap_or_default(), 500))),
        None => reading::soft_error(&value).map(|text| (ErrorKind::Soft, shorten(&text, 500))),
    };
    let result = canonical(&value);
    // A text that is its own result is all there was.
    let plain = matches!((&value, &said), (Value::String(a), Value::String(b)) if a == b);
    Reading {
        hash: sha256_hex(result.as_bytes()).into(),
        reply: (!plain).then(|| canonical(&reply).into()),
        result: result.into(),
        error,
        masked,
        scalars: OnceCell::new(),
    }
}

/// The CallToolResult that was said, or one that holds what was said as a text.
fn reply_of(said: &Value) -> Value {
    let text = match said {
        Value::String(text) => match python::call_tool_result(text) {
            Some(printed) => return printed,
            None => text.clone(),
        },
        Value::Array(blocks) if !blocks.is_empty() && blocks.iter().all(reading::is_block) => return json!({"content": blocks}),
        Value::Object(_) if is_reply(said) => return said.clone(),
        Value::Object(_) if is_text(said) => return json!({"content": [said]}),
        other => other.to_string(),
    };
    json!({"content": [{"type": "text", "text": text}]})
}

/// Agents that call through another tool pass on what that one said: the CallToolResult, or its only block, inside a text.
fn opened(value: Value) -> Value {
    match &value {
        whole if is_reply(whole) => reading::value_of(whole),
        block if is_text(block) => reading::value_of(&json!({"content": [block]})),
        _ => value,
    }
}

/// Whether `value` is a text block that says so.
fn is_text(value: &Value) -> bool {
    value.get("type").is_some_and(|kind| kind == "text") && reading::is_block(value)
}

fn is_reply(value: &Value) -> bool {
    let blocks = value.get("content").and_then(Value::as_array);
    let marked = ["isError", "_meta", "meta", "structuredContent"].iter().any(|name| value.get(name).is_some());
    marked && blocks.is_some_and(|b| !b.is_empty() && b.iter().all(reading::is_block))
}

fn says_timeout(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() < 200 && text.to_ascii_lowercase().contains("tool call timed out"))
}

/// JSON type of a value.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a scalar is particular enough that the same one in an earlier result is where it came from.
fn tells(value: &Value) -> bool {
    match value {
        Value::String(text) => text.chars().count() >= 4,
        Value::Number(number) => number.as_f64().is_some_and(|n| n.abs() >= 1000.0 || n.fract() != 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Rc<Reading> {
        Reader::default().result(&Json::Raw(text.into())).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn results_are_opened_and_can_be_given_back() {
        let plain = read("\"four\"");
        assert_eq!((&*plain.result, plain.reply.as_deref()), ("\"four\"", None));
        let inner = read("\"{\\\"b\\\": 1, \\\"a\\\": 2.0}\"");
        assert_eq!(&*inner.result, "{\"a\":2,\"b\":1}");
        assert!(inner.reply.as_deref().is_some_and(|r| r.contains("{\\\"b\\\": 1, \\\"a\\\": 2.0}")), "{:?}", inner.reply);
        assert_eq!(read("[{\"type\": \"text\", \"text\": \"x\"}]").result.as_ref(), "\"x\"");
        let failed = read("\"meta=None content=[TextContent(type='text', text='no', annotations=None)] isError=True\"");
        assert_eq!(failed.error, Some((ErrorKind::Tool, "no".into())));
        assert_eq!(read("\"Tool call timed out.\"").error.as_ref().map(|e| e.0), Some(ErrorKind::Timeout));
        assert_eq!(inner.place_of(xxh3_64(b"2")), Some("/a"));
    }

    #[test]
    fn arguments_are_objects_in_or_out_of_a_string() {
        let mut reader = Reader::default();
        let given = reader.arguments(&Json::Text("{\"id\": \"AB-12\"}".into())).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&*given.text, given.telling.len()), ("{\"id\":\"AB-12\"}", 1));
        assert_eq!(reader.arguments(&Json::Raw("{\"id\":\"AB-12\"}".into())).map(|g| g.text.clone()), Ok(given.text.clone()));
        assert!(reader.arguments(&Json::Raw("[1]".into())).is_err());
        assert!(reader.arguments(&Json::Raw("{\"n\": 1e999}".into())).is_err());
    }
}
