//! Derivations: values that an answer reads from a result by more than a pointer. Each is a SQL expression
//! over `value`, the recorded value at the pointer, and the same in Rust for replay.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

/// Number of entries of a list.
pub const COUNT: &str = "json_array_length(value)";
/// Last number of a sentence, as in "The sum of 2 and 3 is 5."
pub const LAST_NUMBER: &str = "last_number(value)";

/// What `expression` makes of `value`; none where it makes nothing of it, or is none of this module's.
pub fn apply(expression: &str, value: &Value) -> Option<Value> {
    match expression {
        COUNT => value.as_array().map(|items| json!(items.len())),
        LAST_NUMBER => value.as_str().and_then(last_number).map(number),
        _ => None,
    }
}

/// The last number in a text.
pub fn last_number(text: &str) -> Option<f64> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?").expect("a fixed pattern"));
    NUMBER.find_iter(text).last().and_then(|found| found.as_str().parse().ok())
}

/// A float as a JSON number, whole where it is.
fn number(value: f64) -> Value {
    serde_json::from_str(&crate::json::canonical(&json!(value))).unwrap_or(Value::Null)
}
