//! The comparators: which two values are the same answer.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

use crate::json::canonical;
use crate::reward::{Judge, Judged, number, text};

/// Most characters of a value that a reason shows.
const SHOWN: usize = 80;

/// Why a value is not the one wanted.
#[derive(Debug)]
pub struct Wrong {
    /// Steps to the value, the last first.
    at: Vec<String>,
    why: String,
}

impl Wrong {
    fn new(why: impl Into<String>) -> Wrong {
        Wrong { at: Vec::new(), why: why.into() }
    }

    fn length(got: &[Value], want: &[Value]) -> Wrong {
        Wrong::new(format!("has {} entries, not {}", got.len(), want.len()))
    }

    fn below(mut self, step: impl ToString) -> Wrong {
        self.at.push(step.to_string());
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.at.is_empty() {
            let steps: Vec<String> = self.at.iter().rev().map(|s| format!("/{}", crate::json::escape(s))).collect();
            write!(out, "{} ", steps.concat())?;
        }
        out.write_str(&self.why)
    }
}

/// Who decides on free text, and whether that came up.
pub struct FreeText<'a> {
    /// The judge, where there is one.
    pub judge: Option<Judge<'a>>,
    /// Whether it was needed.
    pub judged: Judged,
}

impl FreeText<'_> {
    /// Nobody.
    pub fn none() -> FreeText<'static> {
        FreeText { judge: None, judged: Judged::No }
    }

    /// Whether the judge, where there is one, takes `got` for `want`.
    pub fn accepts(&mut self, got: &str, want: &str) -> bool {
        match &mut self.judge {
            Some(judge) => {
                self.judged = Judged::Asked;
                judge(got, want)
            }
            None => {
                self.judged = Judged::Needed;
                false
            }
        }
    }
}

/// The schema of a member of an object that `schema` describes; null where it says nothing of it.
pub fn property<'s>(schema: &'s Value, name: &str) -> &'s Value {
    schema.get("properties").and_then(|p| p.get(name)).unwrap_or(&Value::Null)
}

/// Whether `got` is the answer `want`, by what `schema` says of it.
pub fn compare(got: &Value, want: &Value, schema: &Value, free: &mut FreeText<'_>) -> Result<(), Wrong> {
    match (got, want) {
        (Value::Array(got), Value::Array(want)) => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            if rule(schema) == "set" { same_set(got, want, items) } else { same_list(got, want, items, free) }
        }
        (Value::Object(got), Value::Object(want)) => same_members(got, want, schema, free),
        _ if scalar(got, want, schema, free) => Ok(()),
        _ => Err(Wrong::new(format!("is {}, not {}", shown(got), shown(want)))),
    }
}

/// What `x-compare` says.
pub fn rule(schema: &Value) -> &str {
    schema.get("x-compare").and_then(Value::as_str).unwrap_or_default()
}

fn same_list(got: &[Value], want: &[Value], items: &Value, free: &mut FreeText<'_>) -> Result<(), Wrong> {
    if got.len() != want.len() {
        return Err(Wrong::length(got, want));
    }
    got.iter().zip(want).enumerate().try_for_each(|(place, (a, b))| compare(a, b, items, free).map_err(|wrong| wrong.below(place)))
}

/// Each entry of either stands in the other, whatever the order and however often.
fn same_set(got: &[Value], want: &[Value], items: &Value) -> Result<(), Wrong> {
    // An honest answer names nothing many times; a huge one would take long to look through.
    if got.len() > 4 * want.len() {
        return Err(Wrong::length(got, want));
    }
    let same = |a: &Value, b: &Value| compare(a, b, items, &mut FreeText::none()).is_ok();
    // What is written the same needs no search.
    let written = |list: &[Value]| list.iter().map(canonical).collect::<HashSet<_>>();
    let (in_got, in_want) = (written(got), written(want));
    if let Some(other) = got.iter().find(|a| !in_want.contains(&canonical(a)) && !want.iter().any(|b| same(a, b))) {
        return Err(Wrong::new(format!("holds {}, which is not in it", shown(other))));
    }
    match want.iter().find(|b| !in_got.contains(&canonical(b)) && !got.iter().any(|a| same(a, b))) {
        Some(absent) => Err(Wrong::new(format!("does not hold {}", shown(absent)))),
        None => Ok(()),
    }
}

fn same_members(got: &Map<String, Value>, want: &Map<String, Value>, schema: &Value, free: &mut FreeText<'_>) -> Result<(), Wrong> {
    if let Some(other) = got.keys().find(|name| !want.contains_key(*name)) {
        return Err(Wrong::new(format!("has a member {}, which is not asked for", shown(&Value::from(other.as_str())))));
    }
    want.iter().try_for_each(|(name, want)| match got.get(name) {
        Some(got) => compare(got, want, property(schema, name), free).map_err(|wrong| wrong.below(name)),
        None => Err(Wrong::new("is missing").below(name)),
    })
}

fn scalar(got: &Value, want: &Value, schema: &Value, free: &mut FreeText<'_>) -> bool {
    if got.is_array() || got.is_object() || want.is_array() || want.is_object() {
        return false;
    }
    let decided = match want {
        Value::Null => got.is_null(),
        Value::Bool(want) => text::truth(got) == Some(*want),
        Value::Number(_) => number::same(got, want, schema),
        Value::String(want) => text::same(got, want, schema, free),
        _ => false,
    };
    decided || text::synonym(got, want, schema)
}

/// A value as a reason shows it, in one line.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
