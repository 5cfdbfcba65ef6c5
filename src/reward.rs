//! The reward: one function, called by the SQL function `reward`, the simulator's scorer and the evaluator.
//!
//! An answer is compared with the label field by field, by type: numbers within a relative tolerance,
//! text without regard to case and white space, lists in order. It is binary, as in the paper: 1 where
//! every field is right, else 0.

use serde_json::Value;

use crate::json::scalar_text;

/// Relative tolerance of numbers that are not whole.
pub const TOLERANCE: f64 = 1e-4;
/// Longest answer that is read; no honest answer is longer.
pub const MAX_ANSWER: usize = 64 << 10;

/// How an answer was graded.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// Each field of the label, and why it is wrong if it is.
    pub fields: Vec<(String, Option<String>)>,
}

impl Grade {
    /// 1 where every field is right, else 0.
    pub fn reward(&self) -> f64 {
        let right = !self.fields.is_empty() && self.fields.iter().all(|(_, wrong)| wrong.is_none());
        if right { 1.0 } else { 0.0 }
    }

    /// Share of the fields that are right.
    pub fn field_score(&self) -> f64 {
        let right = self.fields.iter().filter(|(_, wrong)| wrong.is_none()).count();
        right as f64 / self.fields.len().max(1) as f64
    }
}

/// Grades `answer`, the final message of an agent, against `label`, an object of answer fields. Members
/// that the label does not have are no matter. The answer is JSON, or text with one JSON object in it.
pub fn grade(answer: &str, label: &Value) -> Grade {
    let given = read_answer(answer);
    let expected = label.as_object().cloned().unwrap_or_default();
    let fields = expected.into_iter().map(|(name, want)| {
        let wrong = match given.as_ref() {
            Err(reason) => Some((*reason).to_owned()),
            Ok(answer) => match answer.get(&name) {
                None => Some("is missing".to_owned()),
                Some(got) if same(got, &want) => None,
                Some(got) => Some(format!("is {got}, not {want}")),
            },
        };
        (name, wrong)
    });
    Grade { fields: fields.collect() }
}

fn read_answer(answer: &str) -> Result<Value, &'static str> {
    if answer.len() > MAX_ANSWER {
        return Err("the answer is too long to be one");
    }
    if let Ok(value @ Value::Object(_)) = serde_json::from_str(answer.trim()) {
        return Ok(value);
    }
    // Exactly one object in the text: an answer that lists candidates is none.
    let mut found = None;
    let mut rest = answer;
    while let Some(start) = rest.find('{') {
        let mut stream = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(value)) => {
                if found.is_some() {
                    return Err("the answer holds more than one JSON object");
                }
                found = Some(value);
                rest = &rest[start + stream.byte_offset()..];
            }
            _ => rest = &rest[start + 1..],
        }
    }
    found.ok_or("the answer holds no JSON object")
}

/// Whether two values are the same answer.
pub fn same(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && b.iter().all(|(k, y)| a.get(k).is_some_and(|x| same(x, y))),
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::Bool(b)) => a.trim().eq_ignore_ascii_case(&b.to_string()),
        (Value::Number(_), Value::Number(_)) => same_number(&scalar_text(got), &scalar_text(want)),
        (Value::String(text), Value::Number(_)) => same_number(&text.trim().replace(',', ""), &scalar_text(want)),
        (Value::Number(_) | Value::String(_), Value::String(_)) => same_text(&scalar_text(got), &scalar_text(want)),
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

fn same_number(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let (Ok(a), Ok(b)) = (a.parse::<f64>(), b.parse::<f64>()) else { return false };
    // Whole numbers are counts or amounts: they are right or wrong, never nearly right.
    if b.fract() == 0.0 { a == b } else { (a - b).abs() <= TOLERANCE * b.abs() }
}

fn same_text(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    plain(a) == plain(b)
}
