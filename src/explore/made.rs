//! Values made up from type, format and name, for parameters of which nothing better is known.

use std::sync::LazyLock;

use rand::{Rng, RngExt};
use serde::Deserialize;
use serde_json::{Number, Value, json};

use crate::likely::range;
use crate::names::words;
use crate::schema_walk::Shape;

#[derive(Deserialize)]
struct Table {
    plain: Vec<String>,
    group: Vec<Group>,
    unit: Vec<Unit>,
}

#[derive(Deserialize)]
struct Unit {
    of: String,
    values: Vec<String>,
}

#[derive(Deserialize)]
struct Group {
    words: Vec<String>,
    values: Vec<String>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("values.toml")).expect("values.toml is well-formed"));

/// Words in names of lists and numbers.
const NUMERIC: [&str; 6] = ["number", "numbers", "vector", "coefficients", "samples", "integers"];
/// Share of whole numbers of which nothing is known that are rather large, and how large they get.
const LARGE: (f64, i64) = (0.3, 119);

/// A word that may name anything.
pub fn plain(draw: u64) -> &'static str {
    let words = &TABLE.plain;
    words.get(draw as usize % words.len().max(1)).map_or("harbor", String::as_str)
}

/// Values for a scalar of this shape called `name` that a tool `of` a server takes, best first. The draw decides where among equals to begin.
pub fn values(shape: &Shape<'_>, name: &str, of: (&str, &str), rng: &mut impl Rng) -> Vec<Value> {
    match shape.kind() {
        "boolean" => vec![json!(rng.random_bool(0.5))],
        "integer" => (0..2).map(|_| json!(whole(shape, name, of, rng))).chain(within(shape, 2.0).map(|_| json!(2))).collect(),
        "number" => named(name, rng)
            .into_iter()
            .filter_map(|t| t.parse::<f64>().ok())
            .map(Value::from)
            .chain((0..2).map(|_| real(shape, name, of, rng)))
            // What has to be a share, a probability or a sine.
            .chain(within(shape, 0.5))
            .collect(),
        _ => {
            let mut all: Vec<Value> = by_format(shape.text("format")).into_iter().map(Value::from).collect();
            // Numbers that a schema calls texts.
            if words(name).iter().any(|word| NUMERIC.contains(&word.as_str())) {
                all.extend((0..2).map(|_| json!(rng.random_range(2..60).to_string())));
            }
            all.extend(named(name, rng).into_iter().map(Value::from));
            all.extend(units(name, of.1).into_iter().map(Value::from));
            all.extend(["sample", "7", "x + 1", "1, 2, 3", "A", "[1, 2, 3]"].map(Value::from));
            all.retain(|v| fits_length(shape, v));
            all
        }
    }
}

/// A list of which the schema does not say what it holds, by its name: rows of numbers for a matrix, names for names,
/// else numbers. Each attempt gives another one.
pub fn list(name: &str, attempt: usize) -> Value {
    let own = words(name);
    let called = |names: &[&str]| own.iter().any(|word| names.contains(&word.as_str()));
    let texts = called(&["name", "names", "word", "words", "label", "labels", "text", "texts", "column", "columns", "tag", "tags"]);
    let rows = called(&["matrix", "matrices", "rows", "grid", "points", "edges", "pairs"]);
    let numbers = called(&["number", "numbers", "value", "values", "data", "score", "scores", "sample", "samples", "series"]);
    let kinds = if numbers { 2 } else { 3 };
    match (if texts { 2 } else { usize::from(rows) } + attempt) % kinds {
        0 => json!([3, 5, 2, 8]),
        1 => json!([[4, 1], [2, 3]]),
        _ => json!(["sample", "second"]),
    }
}

/// A value for something of which not even the type is known.
pub fn unknown(name: &str, place: usize) -> Value {
    const NUMBERS: [&str; 24] = [
        "x", "y", "z", "width", "height", "size", "count", "amount", "number", "value", "radius", "length", "price", "quantity", "age",
        "index", "weight", "min", "max", "low", "high", "year", "rate", "depth",
    ];
    let own = words(name);
    if own.iter().any(|word| NUMBERS.contains(&word.as_str())) {
        return json!(2 + place);
    }
    let group = TABLE.group.iter().find(|g| g.words.iter().all(|w| own.contains(w)));
    match group.and_then(|g| g.values.get(place % g.values.len().max(1))) {
        Some(text) => json!(text),
        None if name.ends_with('s') && name.len() > 3 => json!(vec!["sample"; place % 2]),
        None => json!("sample"),
    }
}

/// An object of which nobody says what it holds.
pub fn object(name: &str, place: usize) -> Value {
    match place % 3 {
        1 => json!({"name": "sample", "value": 2}),
        2 => json!({"x": 1, "y": 2, "radius": 2}),
        _ => json!({ (name): "sample" }),
    }
}

/// `number` where the schema's bounds allow it.
fn within(shape: &Shape<'_>, number: f64) -> Option<Value> {
    let (low, high) = bounds(shape);
    let whole = number.fract() == 0.0;
    let value = if whole { json!(number as i64) } else { json!(number) };
    (low.is_none_or(|l| number >= l) && high.is_none_or(|h| number <= h)).then_some(value)
}

fn named(name: &str, rng: &mut impl Rng) -> Vec<String> {
    let own = words(name);
    // The id of a message is no message.
    let id = |words: &[String]| words.last().is_some_and(|last| last == "id");
    let group = TABLE.group.iter().find(|g| g.words.iter().all(|w| own.contains(w)) && (!id(&own) || id(&g.words)));
    let mut values = group.map(|g| g.values.clone()).unwrap_or_default();
    if !values.is_empty() {
        let start = rng.random_range(0..values.len());
        values.rotate_left(start);
    }
    values
}

/// Units of what the tool or the parameter is about.
fn units(name: &str, tool: &str) -> Vec<String> {
    let own = words(name);
    if !own.iter().any(|word| word == "unit") {
        return Vec::new();
    }
    let about: Vec<String> = own.into_iter().chain(words(tool)).collect();
    let (meant, other): (Vec<&Unit>, Vec<&Unit>) = TABLE.unit.iter().partition(|unit| about.contains(&unit.of));
    // One of each kind where nothing says which.
    meant
        .into_iter()
        .flat_map(|unit| unit.values.clone())
        .chain(other.into_iter().filter_map(|unit| unit.values.first().cloned()))
        .collect()
}

fn by_format(format: Option<&str>) -> Option<&'static str> {
    Some(match format? {
        "date" => "2024-05-20",
        "date-time" => "2024-05-20T14:30:00Z",
        "time" => "14:30:00",
        "email" => "ada@example.com",
        "uri" | "url" => "https://example.com/reports?id=7",
        "uuid" => "3f2b8c1e-5d4a-4e6f-9a7b-1c2d3e4f5a6b",
        "ipv4" => "192.0.2.7",
        _ => return None,
    })
}

fn fits_length(shape: &Shape<'_>, value: &Value) -> bool {
    let length = value.as_str().map_or(0, |t| t.chars().count()) as u64;
    let bound = |keyword: &str| shape.get(keyword).and_then(Value::as_u64);
    bound("minLength").is_none_or(|min| length >= min) && bound("maxLength").is_none_or(|max| length <= max)
}

/// Least and largest number that the schema allows.
fn bounds(shape: &Shape<'_>) -> (Option<f64>, Option<f64>) {
    let at = |keyword: &str| shape.get(keyword).and_then(Value::as_f64);
    let low = at("minimum").or_else(|| at("exclusiveMinimum").map(|m| m + 1.0));
    let high = at("maximum").or_else(|| at("exclusiveMaximum").map(|m| m - 1.0));
    (low, high)
}

/// The same, and within what numbers called `name` are in the world, where the schema allows any of it.
pub fn likely(shape: Option<&Shape<'_>>, name: &str, of: (&str, &str)) -> (Option<f64>, Option<f64>) {
    let (low, high) = shape.map_or((None, None), bounds);
    let both = range(name, of).map(|r| (low.map_or(r.low, |l| l.max(r.low)), high.map_or(r.high, |h| h.min(r.high))));
    both.filter(|(low, high)| low < high).map_or((low, high), |(low, high)| (Some(low), Some(high)))
}

/// Another text for what is called `name`, of the kind that its name says; none where it says nothing of the kind.
pub fn text(name: &str, rng: &mut impl Rng) -> Option<String> {
    // What has a name may be called anything.
    const FREE: [&str; 5] = ["label", "topic", "tag", "group", "project"];
    let values = named(name, rng);
    let own = words(name);
    let free = || own.last().is_some_and(|last| FREE.contains(&last.as_str())).then(|| plain(rng.random()).to_owned());
    values.first().cloned().or_else(free)
}

fn whole(shape: &Shape<'_>, name: &str, of: (&str, &str), rng: &mut impl Rng) -> i64 {
    let (low, high) = likely(Some(shape), name, of);
    let low = low.map_or(1, |l| l.ceil() as i64);
    let known = range(name, of).is_some();
    let widest = if known { i64::MAX } else { low.saturating_add(99) };
    let usual = if rng.random_bool(LARGE.0) { LARGE.1 } else { 23 };
    let high = high.map_or(low.saturating_add(usual), |h| (h.floor() as i64).min(widest)).max(low);
    let value = rng.random_range(low..=high);
    // Of large sums, people give the thousands.
    if known && high >= 100_000 { (value / 1000 * 1000).max(low) } else { value }
}

fn real(shape: &Shape<'_>, name: &str, of: (&str, &str), rng: &mut impl Rng) -> Value {
    if range(name, of).is_some_and(|range| range.whole) {
        return json!(whole(shape, name, of, rng));
    }
    let (low, high) = likely(Some(shape), name, of);
    let low = low.unwrap_or(1.0);
    let high = high.unwrap_or(low + 99.0).min(if range(name, of).is_some() { f64::MAX } else { low + 999.0 }).max(low);
    let value = low + (high - low) * rng.random_range(0.0..1.0);
    // Two significant decimals at most: a person would not ask with more.
    let scale = if high - low <= 2.0 { 100.0 } else { 2.0 };
    Number::from_f64((value * scale).round().clamp(low * scale, high * scale) / scale).map_or(Value::Null, Value::Number)
}
