//! Texts: what is no matter in them, what may stand for them, and what they say of true and false.

use serde_json::Value;

use crate::json::scalar_text;
use crate::reward::compare::{FreeText, rule};
use crate::reward::{date, number};

/// What a value says of a question that is true or false: also as a text, "yes" and "no" among them. 1 and 0 are numbers.
pub fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(said) => Some(*said),
        Value::String(text) => match plain(text).as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Whether `got` is the text `want`, by what `schema` says of it.
pub fn same(got: &Value, want: &str, schema: &Value, free: &mut FreeText<'_>) -> bool {
    if got.is_null() {
        return false;
    }
    let given = scalar_text(got);
    if rule(schema) == "exact" {
        return given == want;
    }
    let kind = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    if matches!(kind, "number" | "integer") && number::Decimal::parse(want).is_some() {
        return number::same(got, &Value::from(want), schema);
    }
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    if let Some(same) = date::same(&given, want, format).filter(|_| got.is_string()) {
        return same;
    }
    if plain(&given) == plain(want) {
        return true;
    }
    let judged = schema.get("x-judge") == Some(&Value::Bool(true)) && got.is_string() && !given.trim().is_empty();
    judged && free.accepts(&given, want)
}

/// Whether the schema lists `got` among what may stand for `want`.
pub fn synonym(got: &Value, want: &Value, schema: &Value) -> bool {
    let (Some(listed), false) = (schema.get("x-synonyms").and_then(Value::as_object), got.is_null()) else { return false };
    let (given, wanted) = (plain(&scalar_text(got)), plain(&scalar_text(want)));
    let of_want = listed.iter().filter(|(label, _)| plain(label) == wanted).filter_map(|(_, texts)| texts.as_array());
    of_want.flatten().any(|text| plain(&scalar_text(text)) == given)
}

/// A text without what people write one way or the other: case, white space, and the form of quotes and dashes.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let fold = |c: char| match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2014}' | '\u{2212}' => '-',
        other => other,
    };
    words.join(" ").chars().map(fold).collect::<String>().to_lowercase()
}
