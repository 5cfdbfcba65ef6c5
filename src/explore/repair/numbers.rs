//! Numbers and lists of them: bounds, lengths and shapes that an error speaks of.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::explore::candidates::fit;
use crate::explore::repair::suspects::text_at;
use crate::explore::repair::{Edit, Failure, pointer_of};

/// Numbers that satisfy most conditions, tried where nothing better is known.
const LADDER: [f64; 10] = [2.0, 0.5, 1.0, 3.0, 0.0, 5.0, 0.25, 10.0, 100.0, -1.0];

/// Edits of numbers and of lists.
pub fn edits(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    let error = failure.error.to_lowercase();
    let mut all = Vec::new();
    if [
        "matrix",
        "square",
        "length",
        "shape",
        "dimension",
        "size",
        "sequence",
        "same number",
        "elements",
        "items",
        "at least",
        "tuple",
        "points",
        "groups",
        "values",
        "sorted",
        "ascending",
        "increasing",
        "symmetric",
    ]
    .iter()
    .any(|told| error.contains(told))
    {
        all.extend(lists(failure, &error));
    }
    let numeric = |pointer: &&String| match failure.top.at(pointer) {
        Some(shape) => matches!(shape.kind(), "number" | "integer"),
        None => text_at(failure, pointer).is_some_and(|t| t.parse::<f64>().is_ok()),
    };
    let numbers: Vec<&String> = suspects.iter().filter(numeric).collect();
    if numbers.is_empty() {
        return all;
    }
    let told: Vec<f64> = within(&error);
    for pointer in numbers.iter().take(3) {
        for number in told.iter().chain(&LADDER) {
            let value = if number.fract() == 0.0 { json!(*number as i64) } else { json!(number) };
            match failure.top.at(pointer) {
                Some(shape) => all.extend(fit(&shape, &value).map(|value| Edit::value((*pointer).clone(), value))),
                None => all.push(Edit::value((*pointer).clone(), value)),
            }
        }
    }
    if numbers.len() > 1 {
        for number in &LADDER[..4] {
            let puts = numbers.iter().filter_map(|pointer| {
                let value = fit(&failure.top.at(pointer)?, &json!(number))?;
                Some(Edit::value((*pointer).clone(), value).puts.remove(0))
            });
            all.push(Edit { puts: puts.collect() });
        }
    }
    all
}

/// Numbers inside the bounds that the error states.
fn within(error: &str) -> Vec<f64> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"-?\d+(?:\.\d+)?").expect("a fixed pattern"));
    // The middle of an interval first.
    static INTERVAL: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(-?\d+(?:\.\d+)?)\s*(?:,|and|to|-|–|\.\.)\s*(-?\d+(?:\.\d+)?)").expect("a fixed pattern"));
    let read = |text: &str| text.parse::<f64>().ok();
    let middles = INTERVAL.captures_iter(error).filter_map(|c| Some((read(&c[1])? + read(&c[2])?) / 2.0)).take(2);
    let stated = NUMBER.find_iter(error).filter_map(|n| n.as_str().parse::<f64>().ok()).filter(|n| n.abs() < 1e7).take(6);
    middles.chain(stated.flat_map(|n| [n, n - 1.0, n + 1.0])).collect()
}

/// Lists of other lengths, and square matrices, for all lists of numbers at once.
fn lists(failure: &Failure<'_>, error: &str) -> Vec<Edit> {
    static LENGTH: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b(\d{1,2})\b").expect("a fixed pattern"));
    let free = |pointer: &String| !failure.fixed.iter().any(|f| f.starts_with(pointer.as_str()));
    let held: Vec<(String, &Value)> =
        failure.arguments.iter().filter(|(_, v)| v.is_array()).map(|(n, v)| (pointer_of(n), v)).filter(|(p, _)| free(p)).collect();
    if held.is_empty() {
        return Vec::new();
    }
    let mut sizes: Vec<usize> = LENGTH.captures_iter(error).filter_map(|c| c[1].parse().ok()).filter(|n| (1..=24).contains(n)).collect();
    sizes.extend([2, 3, 4, 10]);
    let mut unique: Vec<usize> = Vec::new();
    sizes.into_iter().for_each(|n| {
        if !unique.contains(&n) {
            unique.push(n)
        }
    });
    let nested = |value: &Value| value.get(0).is_some_and(Value::is_array);
    let mut all = Vec::new();
    for size in unique.into_iter().take(5) {
        let sorted = ["sorted", "ascending", "increasing"].iter().any(|told| error.contains(told));
        let puts = held.iter().enumerate().map(|(place, (pointer, value))| {
            let made = if nested(value) && size <= 6 {
                square(size, place)
            } else if sorted {
                Value::Array((1..=size).map(|n| json!(n)).collect())
            } else {
                row(size, place)
            };
            Edit::value(pointer.clone(), made).puts.remove(0)
        });
        all.push(Edit { puts: puts.collect() });
    }
    all
}

/// A list of `size` small numbers, another one for each place.
pub fn row(size: usize, place: usize) -> Value {
    Value::Array((0..size).map(|i| json!([3, 5, 2, 8, 7, 4, 6, 9][(i + 2 * place) % 8] + 2 * (i / 8))).collect())
}

/// A symmetric matrix of `size` by `size` that has an inverse.
pub fn square(size: usize, place: usize) -> Value {
    let cell = |r: usize, c: usize| json!(if r == c { 4 + place + r } else { usize::from(r.abs_diff(c) == 1) });
    Value::Array((0..size).map(|r| Value::Array((0..size).map(|c| cell(r, c)).collect())).collect())
}
