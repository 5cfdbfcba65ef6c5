//! Arguments in the form in which they are compared, written without intermediate values.

use serde_json::{Map, Value};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::json::canonical_number;
use crate::schema_walk::{MAX_DEPTH, Shape, shape};
use crate::state::is_path;

/// Most parts of one schema that are looked at: recursive schemas end here.
const MAX_PARTS: usize = 2000;

/// What a tool's input schema says of how its arguments are completed.
#[derive(Debug, Default)]
pub struct Form {
    members: Vec<Member>,
}

#[derive(Debug)]
struct Member {
    name: String,
    part: Part,
    /// Its default in canonical JSON, completed.
    default: Option<Vec<u8>>,
    /// Whether a null means that it was left out.
    null_is_absent: bool,
}

#[derive(Debug)]
enum Part {
    Object(Form),
    Array(Box<Part>),
    Path,
    Plain,
}

impl Form {
    /// The form of arguments with this input schema.
    pub fn of(input_schema: &Value) -> Form {
        object(&shape(input_schema, input_schema), 0, &mut MAX_PARTS.clone())
    }
}

fn object(shape: &Shape<'_>, depth: usize, left: &mut usize) -> Form {
    let mut members = Vec::new();
    for (name, property) in shape.properties() {
        if *left == 0 || depth > MAX_DEPTH {
            break;
        }
        *left -= 1;
        let part = part(&name, &property, depth + 1, left);
        let default = property.get("default").filter(|d| !d.is_null()).map(|value| {
            let mut out = Vec::new();
            write_part(&part, value, &mut out);
            out
        });
        // A null that the schema allows beside another default is a value of its own.
        let null_is_absent = !(shape.requires(&name) || default.is_some() && allows_null(&property));
        members.push(Member { name, part, default, null_is_absent });
    }
    Form { members }
}

fn part(name: &str, shape: &Shape<'_>, depth: usize, left: &mut usize) -> Part {
    match shape.kind() {
        "object" => Part::Object(object(shape, depth, left)),
        "array" if depth <= MAX_DEPTH => match shape.items() {
            Some(items) => Part::Array(Box::new(part(name, &items, depth + 1, left))),
            None => Part::Plain,
        },
        _ if is_path(name) => Part::Path,
        _ => Part::Plain,
    }
}

fn allows_null(shape: &Shape<'_>) -> bool {
    let is_null = |schema: &Value| schema["type"] == "null";
    let listed = |keyword: &str| shape.get(keyword).and_then(Value::as_array).is_some_and(|options| options.iter().any(is_null));
    let typed = shape.get("type").and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|k| k == "null"));
    typed || listed("anyOf") || listed("oneOf") || shape.get("nullable") == Some(&Value::Bool(true))
}

/// Writes `arguments` as [`crate::json::canonical`] does.
pub fn write_plain(arguments: &Map<String, Value>, out: &mut Vec<u8>) {
    write_members(arguments, None, false, out);
}

/// Writes `arguments` completed: defaults of the schema filled in, nulls of what may be left out and `_meta` dropped, text in
/// Unicode's form NFC, paths without empty steps; then as canonical JSON.
pub fn write_completed(form: &Form, arguments: &Map<String, Value>, out: &mut Vec<u8>) {
    write_members(arguments, Some(form), true, out);
}

enum Entry<'a> {
    Given(&'a Value, &'a Part),
    Default(&'a [u8]),
}

fn write_members(members: &Map<String, Value>, form: Option<&Form>, top: bool, out: &mut Vec<u8>) {
    let known = form.map_or(&[][..], |f| f.members.as_slice());
    let mut entries: Vec<(&str, Entry<'_>)> = Vec::with_capacity(members.len() + known.len());
    for (name, value) in members {
        let member = known.iter().find(|m| m.name == *name);
        let absent = value.is_null() && member.is_some_and(|m| m.null_is_absent);
        if !(absent || top && name == "_meta") {
            entries.push((name, Entry::Given(value, member.map_or(&Part::Plain, |m| &m.part))));
        }
    }
    for member in known {
        if let Some(default) = &member.default
            && members.get(&member.name).is_none_or(|value| value.is_null() && member.null_is_absent)
        {
            entries.push((&member.name, Entry::Default(default)));
        }
    }
    entries.sort_unstable_by_key(|(name, _)| *name);
    out.push(b'{');
    for (index, (name, entry)) in entries.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_text(name, out);
        out.push(b':');
        match entry {
            Entry::Default(text) => out.extend_from_slice(text),
            Entry::Given(value, part) if form.is_some() => write_part(part, value, out),
            Entry::Given(value, _) => write_raw(value, out),
        }
    }
    out.push(b'}');
}

/// Writes a value without change.
fn write_raw(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => write_text(text, out),
        Value::Number(number) => write_number(number, out),
        Value::Array(items) => write_items(items, out, write_raw),
        Value::Object(members) => write_members(members, None, false, out),
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
    }
}

fn write_part(part: &Part, value: &Value, out: &mut Vec<u8>) {
    match (part, value) {
        (Part::Object(form), Value::Object(members)) => write_members(members, Some(form), false, out),
        (_, Value::Object(members)) => write_members(members, Some(&Form::default()), false, out),
        (Part::Array(items), Value::Array(values)) => write_items(values, out, |value, out| write_part(items, value, out)),
        (_, Value::Array(values)) => write_items(values, out, |value, out| write_part(&Part::Plain, value, out)),
        (Part::Path, Value::String(text)) => write_text(&plain_path(&composed(text)), out),
        (_, Value::String(text)) => write_text(&composed(text), out),
        (_, scalar) => write_raw(scalar, out),
    }
}

fn write_items(items: &[Value], out: &mut Vec<u8>, mut each: impl FnMut(&Value, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        each(item, out);
    }
    out.push(b']');
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    if text.bytes().all(|b| b >= 0x20 && b != b'"' && b != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(Value::String(text.to_owned()).to_string().as_bytes());
    }
}

fn write_number(number: &serde_json::Number, out: &mut Vec<u8>) {
    use std::io::Write;
    let done = match (number.as_u64(), number.as_i64()) {
        (Some(n), _) => write!(out, "{n}"),
        (_, Some(n)) => write!(out, "{n}"),
        _ => out.write_all(canonical_number(number).as_bytes()),
    };
    // Writing to memory does not fail.
    debug_assert!(done.is_ok());
}

fn composed(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes { text.into() } else { text.nfc().collect::<String>().into() }
}

/// A path without empty steps, steps that stay where they are, and a slash at its end. URLs are left as they are.
fn plain_path(text: &str) -> std::borrow::Cow<'_, str> {
    let odd = text.contains("//") || text.contains("/./") || text.starts_with("./") || (text.len() > 1 && text.ends_with('/'));
    if !odd || text.contains("://") {
        return text.into();
    }
    let steps: Vec<&str> = text.split('/').filter(|step| !step.is_empty() && *step != ".").collect();
    let rooted = if text.starts_with('/') { "/" } else { "" };
    if rooted.is_empty() && steps.is_empty() { ".".into() } else { format!("{rooted}{}", steps.join("/")).into() }
}
