//! Values that a tool's own schema does not allow. Some schemas are wrong: they say `string` where the code behind
//! adds numbers. Tried last, and only where the error is the code's own complaint about a type; recorded as such, so
//! that no task asks a model to break a schema.

use serde_json::{Value, json};

use crate::explore::policy::Origin;
use crate::explore::repair::numbers::{row, square};
use crate::explore::repair::{Edit, Failure, Put, pointer_of};
use crate::json::canonical;

const TOLD: [&str; 22] = [
    "unsupported operand",
    "bad operand",
    "'str' object",
    "must be real number",
    "can't multiply sequence",
    "not supported between instances",
    "must be a number",
    "must be numbers",
    "unpack",
    "list index out of range",
    "string index out of range",
    "not str",
    "'list' object",
    "must be a tuple",
    "indices must be",
    "can only concatenate",
    "non-numeric",
    "cannot be interpreted",
    "not callable",
    "empty matrix",
    "invalid number",
    "cannot calculate",
];

/// Edits that put numbers, points and matrices where the schema says text.
pub fn edits(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    let error = failure.error.to_lowercase();
    let ill = |name: &String| matches!(&failure.arguments[name], Value::String(_) | Value::Array(_) | Value::Object(_));
    if !TOLD.iter().any(|told| error.contains(told)) {
        return Vec::new();
    }
    let free = |name: &&String| !failure.fixed.contains(&pointer_of(name)) && ill(name);
    let names: Vec<&String> = failure.arguments.keys().filter(free).collect();
    if names.is_empty() || suspects.is_empty() {
        return Vec::new();
    }
    type Form = fn(usize) -> Value;
    let forms: [Form; 8] = [
        |place| row(4, place),
        |place| json!([[0, 0], [4, 0], [1, 3]][place % 3]),
        |place| square(2, place),
        |place| row(3, place),
        |place| square(3, place),
        |place| json!([[1, 2], [3, 4], [5, 9]][place % 3..].to_vec()),
        |place| json!(7 + 5 * place),
        |place| json!({"x": 1 + 3 * place, "y": 2 + place, "r": 2, "radius": 2}),
    ];
    let mut all = Vec::new();
    for form in forms {
        let puts = names.iter().enumerate().map(|(place, name)| (pointer_of(name), Put::Value(form(place), Origin::Beyond)));
        let edit = Edit { puts: puts.collect() };
        let same = edit
            .puts
            .iter()
            .zip(&names)
            .all(|((_, put), name)| matches!(put, Put::Value(v, _) if canonical(v) == canonical(&failure.arguments[*name])));
        if !same {
            all.push(edit);
        }
    }
    all
}
