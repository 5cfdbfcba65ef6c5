//! JSON as firefly compares it: a canonical text form, and the scalars of a value with their pointers.

use serde_json::{Map, Number, Value};

/// Canonical JSON text: members sorted by name, no white space, and numbers that are whole written as
/// integers (`2.0` as `2`), so that equal values have equal texts. After RFC 8785, except that integers
/// beyond 2^53 keep all their digits.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Number(number) => out.push_str(&canonical_number(number)),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(name.clone()).to_string());
                out.push(':');
                write_canonical(member, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

/// A number's canonical text.
pub fn canonical_number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 => {
            format!("{float:.0}").replace("-0", "0")
        }
        _ => number.to_string(),
    }
}

/// One scalar of a JSON value.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaf {
    /// JSON pointer (RFC 6901) to it; empty for the value itself.
    pub pointer: String,
    /// The pointer with `*` in place of array indices and of keys that look like data.
    pub pattern: String,
    /// The scalar.
    pub value: Value,
}

impl Leaf {
    /// The last named step of the pattern: what the scalar is called. Empty for a bare value.
    pub fn key(&self) -> &str {
        last_key(&self.pattern)
    }

    /// The scalar as text, without quotes.
    pub fn text(&self) -> String {
        scalar_text(&self.value)
    }
}

/// The last named step of a pattern.
pub fn last_key(pattern: &str) -> &str {
    pattern.rsplit('/').find(|step| !step.is_empty() && *step != "*").unwrap_or_default()
}

/// A scalar as text: strings without quotes, numbers in canonical form.
pub fn scalar_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => canonical_number(number),
        other => other.to_string(),
    }
}

/// Most scalars that are looked at in one value; what is beyond is large data, not fields.
pub const MAX_LEAVES: usize = 400;

/// The scalars of `value` in document order, up to [`MAX_LEAVES`]; nulls are left out.
pub fn leaves(value: &Value) -> Vec<Leaf> {
    let mut out = Vec::new();
    collect(value, String::new(), String::new(), &mut out);
    out
}

fn collect(value: &Value, pointer: String, pattern: String, out: &mut Vec<Leaf>) {
    if out.len() >= MAX_LEAVES {
        return;
    }
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), format!("{pattern}/*"), out);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let step = escape(name);
                let shown = if is_data_key(name) { "*" } else { step.as_str() };
                collect(member, format!("{pointer}/{step}"), format!("{pattern}/{shown}"), out);
            }
        }
        scalar => out.push(Leaf { pointer, pattern, value: scalar.clone() }),
    }
}

/// A member name as a step of a JSON pointer.
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The member name that a step of a JSON pointer is.
pub fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// Of how many lists with more than one entry a pointer has to say which entry is meant.
pub fn places_in(value: &Value, pointer: &str) -> usize {
    let mut at = value;
    let mut places = 0;
    for step in pointer.split('/').skip(1) {
        at = match at {
            Value::Array(items) => {
                places += usize::from(items.len() > 1);
                step.parse::<usize>().ok().and_then(|index| items.get(index)).unwrap_or(&Value::Null)
            }
            Value::Object(members) => members.get(&unescape(step)).unwrap_or(&Value::Null),
            _ => &Value::Null,
        };
    }
    places
}

/// Whether the JSON pointer `other` leads to what is at `pointer`, or to a part of it.
pub fn leads_into(other: &str, pointer: &str) -> bool {
    other.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A pointer with `*` in place of array indices and of keys that look like data.
pub fn pattern_of(pointer: &str) -> String {
    let step = |s: &str| if is_data_key(&unescape(s)) { "*".to_owned() } else { s.to_owned() };
    pointer.split('/').skip(1).map(|s| format!("/{}", step(s))).collect()
}

/// Whether a member name is data (an id, a date) rather than the name of a field.
pub fn is_data_key(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    digits >= 4 || (digits > 0 && digits == name.len()) || name.len() > 60 || name.is_empty()
}

/// The members of an object; none for anything else.
pub fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// Parses stored JSON text; null where it is not JSON, which no writer of the lake produces.
pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// Whether a value, or one inside it, is what is looked for.
pub fn holds(value: &Value, looked_for: &dyn Fn(&Value) -> bool) -> bool {
    let inside = match value {
        Value::Array(items) => items.iter().any(|item| holds(item, looked_for)),
        Value::Object(members) => members.values().any(|member| holds(member, looked_for)),
        _ => false,
    };
    inside || looked_for(value)
}

/// Whether a list in `value` holds the same text or the same object twice; numbers may come again.
pub fn repeats(value: &Value) -> bool {
    match value {
        Value::Array(items) => {
            let again = |(at, item): (usize, &Value)| (item.is_string() || item.is_object()) && items[..at].contains(item);
            items.iter().enumerate().any(again) || items.iter().any(repeats)
        }
        Value::Object(members) => members.values().any(repeats),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_those_of_lists_with_several_entries() {
        let value = json!({"rows": [[3, 7]], "links": [{"to": ["a"]}, {"to": ["b", "c"]}]});
        for (pointer, places) in [("/rows/0/1", 1), ("/links/1/to/0", 2), ("/links/0/to/0", 1), ("/rows", 0), ("/nothing/0", 0)] {
            assert_eq!(places_in(&value, pointer), places, "{pointer}");
        }
    }
}
