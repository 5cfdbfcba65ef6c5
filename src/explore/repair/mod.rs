//! What the error of a failed call says about its arguments, as edits to try next. Errors come in any wording;
//! those of the common validators (pydantic, zod, JSON Schema) are read field by field, others by the names and
//! values they repeat.

mod beyond;
mod missing;
mod numbers;
mod options;
mod suspects;
mod texts;

use std::sync::LazyLock;

pub use numbers::{row, square};
use regex::Regex;
use serde_json::{Map, Value, json};

use crate::explore::policy::Origin;
use crate::json::{escape, unescape};
use crate::schema_walk::Shape;

/// What was said, without what says nothing of the arguments: codes, the name of the tool, and the keys of a JSON
/// text.
pub fn bare(error: &str, tool: &str) -> String {
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^-32\d{3}: ").expect("a fixed pattern"));
    static KEY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#""[A-Za-z_]\w*"\s*:\s*"#).expect("a fixed pattern"));
    let text = CODE.replace(error, "");
    let text = text.replace(tool, "tool");
    if text.trim_start().starts_with('{') { KEY.replace_all(&text, "\n").replace("\\n", "\n") } else { text }
}

/// A call that failed.
pub struct Failure<'a> {
    /// What was said.
    pub error: &'a str,
    /// Its arguments.
    pub arguments: &'a Map<String, Value>,
    /// The tool's input schema.
    pub top: &'a Shape<'a>,
    /// Files of the episode.
    pub files: &'a [String],
    /// Arguments that flowed in along a link and are to stay.
    pub fixed: &'a [String],
}

/// What to put somewhere.
#[derive(Debug, Clone, PartialEq)]
pub enum Put {
    /// This value.
    Value(Value, Origin),
    /// The n-th value that the schema, the episode and the lake suggest.
    Fill(usize),
    /// Nothing: the argument is left out.
    Nothing,
}

/// A change to the arguments: where, by JSON pointer, and what.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edit {
    /// All of it at once.
    pub puts: Vec<(String, Put)>,
}

impl Edit {
    fn one(pointer: String, put: Put) -> Edit {
        Edit { puts: vec![(pointer, put)] }
    }

    fn value(pointer: String, value: Value) -> Edit {
        Edit::one(pointer, Put::Value(value, Origin::Repaired))
    }
}

/// Edits worth trying, likeliest first.
pub fn edits(failure: &Failure<'_>) -> Vec<Edit> {
    let suspects = suspects::of(failure);
    let mut all = missing::edits(failure);
    all.extend(options::edits(failure, &suspects));
    all.extend(texts::paths(failure, &suspects));
    all.extend(texts::edits(failure, &suspects));
    all.extend(numbers::edits(failure, &suspects));
    all.extend(beyond::edits(failure, &suspects));
    // Whatever it was: other values for what it seems to complain about.
    for place in 1..6 {
        all.extend(suspects.iter().map(|pointer| Edit::one(pointer.clone(), Put::Fill(place))));
        if place == 1 {
            let flags = failure.arguments.iter().filter_map(|(name, v)| Some((pointer_of(name), v.as_bool()?)));
            all.extend(flags.map(|(pointer, flag)| Edit::value(pointer, json!(!flag))));
            // Something that was left out may be what it takes after all.
            let left_out = failure.top.properties().into_iter().filter(|(name, _)| !failure.arguments.contains_key(name));
            all.extend(left_out.take(4).map(|(name, _)| Edit::one(pointer_of(&name), Put::Fill(0))));
        }
    }
    all
}

/// The scalars and lists of the arguments that the schema names, by pointer.
fn pointer_of(name: &str) -> String {
    format!("/{}", escape(name))
}

/// Puts `value` at `pointer`, making what lies between; false where something else stands in the way.
pub fn put(arguments: &mut Map<String, Value>, pointer: &str, value: Value) -> bool {
    let steps: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
    let Some((first, rest)) = steps.split_first() else { return false };
    let mut at = arguments.entry(first.clone()).or_insert(Value::Null);
    for step in rest {
        if at.is_null() {
            *at = if step.parse::<usize>().is_ok() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
        }
        at = match at {
            Value::Object(members) => members.entry(step.clone()).or_insert(Value::Null),
            Value::Array(items) => {
                let Ok(index) = step.parse::<usize>() else { return false };
                if index > items.len() || index > 64 {
                    return false;
                }
                if index == items.len() {
                    items.push(Value::Null);
                }
                &mut items[index]
            }
            _ => return false,
        };
    }
    *at = value;
    true
}

/// Takes away what is at `pointer`, one step deep.
pub fn take(arguments: &mut Map<String, Value>, pointer: &str) {
    if let Some(name) = pointer.strip_prefix('/') {
        arguments.shift_remove(&unescape(name));
    }
}
