//! A call like one that succeeded, with other values in the same places: likelier to succeed than one made up anew.

use std::sync::LazyLock;

use rand::seq::IndexedRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use regex::{Captures, Regex};
use serde_json::{Map, Number, Value, json};

use crate::explore::made;
use crate::explore::policy::{Choice, Origin};
use crate::explore::pool::{Pool, is_search};
use crate::explore::repair::put;
use crate::explore::settle::settle;
use crate::fields::is_paging;
use crate::json::{Leaf, escape, leaves, repeats};
use crate::likely::is_unlikely;
use crate::names::param_words;
use crate::schema_walk::Shape;
use crate::state::is_path;

/// Known values of a parameter that are few.
const FEW: usize = 8;
/// Share of the values that become others.
const CHANGED: f64 = 0.6;
/// Share of the variations in which a list gets one item more, and how long lists may get.
const GROWN: f64 = 0.5;
const ITEMS: usize = 4;

/// Share of the variations that give a number for which much is different.
const CONTRAST: f64 = 0.25;
/// Numbers of which much is true that is true of few: perfect, square, cubic, abundant, palindromic, narcissistic, highly composite.
const TELLING: [i64; 22] = [6, 8, 12, 16, 24, 28, 30, 36, 45, 60, 64, 70, 81, 97, 100, 121, 128, 153, 220, 360, 496, 945];

/// Arguments like those of `base`, at least one of whose values is another; none where nothing can be another.
pub fn varied(base: &Choice, top: &Shape<'_>, (server, tool): (&str, &str), pool: &Pool, rng: &mut ChaCha8Rng) -> Option<Choice> {
    let mut choice = Choice { arguments: base.arguments.clone(), flows: base.flows.clone(), ..Choice::default() };
    let all = leaves(&Value::Object(base.arguments.clone()));
    let sure = rng.random_range(0..all.len().max(1));
    for (at, leaf) in all.iter().enumerate() {
        let known = base.origins.iter().find(|(pointer, _)| *pointer == leaf.pointer).map(|(_, origin)| *origin);
        let other = if at == sure || rng.random_bool(CHANGED) { other(leaf, top, (server, tool), pool, rng) } else { None };
        let Some((value, origin)) = other.filter(|(value, _)| *value != leaf.value) else {
            if !choice.flows.iter().any(|f| f.dst_pointer == leaf.pointer) {
                choice.origins.push((leaf.pointer.clone(), known.unwrap_or(Origin::Seen)));
            }
            continue;
        };
        if put(&mut choice.arguments, &leaf.pointer, value) {
            choice.flows.retain(|f| f.dst_pointer != leaf.pointer);
            choice.origins.push((leaf.pointer.clone(), origin));
        }
    }
    if rng.random_bool(CONTRAST) {
        contrast(&mut choice, top, (server, tool), rng);
    }
    if rng.random_bool(GROWN) {
        grow(&mut choice, top, (server, tool), pool, rng);
    }
    settle(&mut choice, rng);
    let twice = |arguments: &Map<String, Value>| arguments.values().any(repeats);
    (choice.arguments != base.arguments && (twice(&base.arguments) || !twice(&choice.arguments))).then_some(choice)
}

/// Gives one number as another would make a difference: what is always false of numbers drawn by chance is true of some.
fn contrast(choice: &mut Choice, top: &Shape<'_>, of: (&str, &str), rng: &mut ChaCha8Rng) {
    let all = leaves(&Value::Object(choice.arguments.clone()));
    let listed = |leaf: &Leaf| top.at(&leaf.pointer).is_some_and(|shape| shape.get("enum").is_some() || shape.get("const").is_some());
    let numbers: Vec<&Leaf> = all.iter().filter(|leaf| leaf.value.is_number() && !is_paging(leaf.key()) && !listed(leaf)).collect();
    let Some(leaf) = numbers.choose(rng) else { return };
    let Some(was) = leaf.value.as_f64() else { return };
    let (low, high) = made::likely(top.at(&leaf.pointer).as_ref(), leaf.key(), of);
    let others: Vec<f64> = numbers.iter().filter(|other| other.pointer != leaf.pointer).filter_map(|other| other.value.as_f64()).collect();
    let value = match others.choose(rng).filter(|_| rng.random_bool(0.5)) {
        // The same, or a multiple of it, with no more decimals than people write.
        Some(other) => (other * [1.0, 1.0, 2.0, 3.0][rng.random_range(0..4)] * 1e9).round() / 1e9,
        // What has a name of its own is seldom less than nothing.
        None if leaf.value.is_f64() && low.is_none() && leaf.key().chars().count() == 1 && rng.random_bool(0.4) => -was,
        None => {
            let near: Vec<i64> = TELLING.into_iter().filter(|n| (*n as f64) <= (20.0 * was.abs()).max(36.0)).collect();
            near.choose(rng).map_or(was, |n| *n as f64)
        }
    };
    let within = value != was && low.is_none_or(|l| value >= l) && high.is_none_or(|h| value <= h);
    let value = if leaf.value.is_f64() { json!(value) } else { json!(value.round() as i64) };
    let (pointer, was) = (leaf.pointer.clone(), leaf.value.clone());
    if within && value != was && put(&mut choice.arguments, &pointer, value) {
        choice.flows.retain(|f| f.dst_pointer != pointer);
        choice.origins.retain(|(p, _)| *p != pointer);
        choice.origins.push((pointer, Origin::Made));
    }
}

/// Adds to one of the lists of texts or objects an item like its last: where there are several things, there is something to count,
/// to compare and to look up.
fn grow(choice: &mut Choice, top: &Shape<'_>, of: (&str, &str), pool: &Pool, rng: &mut ChaCha8Rng) {
    let whole = Value::Object(choice.arguments.clone());
    let mut lists = Vec::new();
    find_lists(&whole, String::new(), &mut lists);
    let room = |pointer: &str, length: usize| {
        let most = top.at(pointer).and_then(|shape| shape.get("maxItems").and_then(Value::as_u64));
        length < ITEMS && most.is_none_or(|most| (length as u64) < most)
    };
    lists.retain(|(pointer, items)| room(pointer, items.len()));
    let Some((pointer, items)) = lists.choose(rng) else { return };
    let Some(last) = items.last() else { return };
    let (from, to) = (format!("{pointer}/{}", items.len() - 1), format!("{pointer}/{}", items.len()));
    let mut item = last.clone();
    let mut origins = Vec::new();
    for leaf in leaves(&whole) {
        let Some(inside) = leaf.pointer.strip_prefix(&from).filter(|rest| rest.is_empty() || rest.starts_with('/')) else { continue };
        let (value, origin) = other(&leaf, top, of, pool, rng).unwrap_or((leaf.value.clone(), Origin::Seen));
        if let Some(slot) = item.pointer_mut(inside) {
            *slot = value;
            origins.push((format!("{to}{inside}"), origin));
        }
    }
    if !items.contains(&item) && put(&mut choice.arguments, &to, item) {
        choice.origins.extend(origins);
    }
}

/// The lists of texts or of objects in a value, with where they stand.
fn find_lists<'a>(value: &'a Value, pointer: String, out: &mut Vec<(String, &'a Vec<Value>)>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| find_lists(item, format!("{pointer}/{place}"), out));
            if !items.is_empty() && (items.iter().all(Value::is_string) || items.iter().all(Value::is_object)) {
                out.push((pointer, items));
            }
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| find_lists(member, format!("{pointer}/{}", escape(name)), out));
        }
        _ => {}
    }
}

/// Another value for one place.
fn other(leaf: &Leaf, top: &Shape<'_>, (server, tool): (&str, &str), pool: &Pool, rng: &mut ChaCha8Rng) -> Option<(Value, Origin)> {
    let shape = top.at(&leaf.pointer);
    let name = leaf.key();
    let listed = shape.as_ref().and_then(|s| s.get("enum")).and_then(Value::as_array);
    if let Some(options) = listed {
        let options: Vec<&Value> = options.iter().filter(|v| !v.is_null() && **v != leaf.value).collect();
        return options.choose(rng).map(|v| ((*v).clone(), Origin::Enum));
    }
    if shape.as_ref().is_some_and(|s| s.get("const").is_some()) || is_paging(name) {
        return None;
    }
    let free = |shape: &Option<Shape<'_>>| shape.as_ref().is_none_or(|s| s.get("pattern").is_none() && s.get("format").is_none());
    match &leaf.value {
        Value::Bool(value) => rng.random_bool(0.3).then(|| (json!(!value), Origin::Made)),
        Value::Number(number) => {
            let of = (server, tool);
            let (low, high) = made::likely(shape.as_ref(), name, of);
            let other = match shape.filter(|_| is_unlikely(name, of, &leaf.value)) {
                // One like what nobody would give is no better.
                Some(shape) => made::values(&shape, name, of, rng).into_iter().next(),
                None => near(number, low, high, rng),
            };
            other.map(|value| (value, Origin::Made))
        }
        Value::String(text) => {
            if let Some(day) = later(text, rng) {
                return Some((json!(day), Origin::Made));
            }
            let words = param_words(name, tool);
            if free(&shape) && is_search(&words) && is_plain(text) {
                let sought = pool.sought(server);
                if let Some(other) = sought.choose(rng).filter(|_| rng.random_bool(0.7)) {
                    return Some((other.clone(), Origin::Seen));
                }
            }
            let seen: Vec<&Value> =
                pool.values(server, &words).into_iter().filter(|v| v.as_str().is_some_and(|s| alike(s, text))).collect();
            // Few known values are soon used up; what is plain text takes others of its kind. (Any text of the lake would do for most
            // tools, but nobody asks for the square root of “search”.)
            let others = free(&shape) && seen.len() < FEW && is_plain(text) && rng.random_bool(0.5);
            if let Some(other) = others.then(|| made::text(name, rng)).flatten().filter(|other| is_plain(other) && other != text) {
                return Some((json!(other), Origin::Made));
            }
            if let Some(value) = seen.choose(rng) {
                return Some(((*value).clone(), Origin::Seen));
            }
            (!is_path(name) && !text.contains('/')).then(|| counted(text, rng)).flatten().map(|text| (json!(text), Origin::Made))
        }
        _ => None,
    }
}

/// From where on a number has its first four places only.
const LARGE: f64 = 1e9;

/// A number of the same size and as many decimals, within the bounds; a positive one stays positive. As likely larger as smaller: what
/// is varied again and again is not to grow.
fn near(number: &Number, low: Option<f64>, high: Option<f64>, rng: &mut impl Rng) -> Option<Value> {
    let was = number.as_f64()?;
    let within = |value: f64| low.is_none_or(|l| value >= l) && high.is_none_or(|h| value <= h);
    let scaled = was * f64::exp2(rng.random_range(-1.0..1.0));
    if number.is_f64() {
        // Nobody tells a planet's mass to sixteen places.
        if was.abs() >= LARGE {
            let scale = 10f64.powi(scaled.abs().log10().floor() as i32 - 3);
            return Number::from_f64((scaled / scale).round() * scale).filter(|n| n.as_f64().is_some_and(within)).map(Value::Number);
        }
        let decimals = number.to_string().split('.').nth(1).map_or(1, str::len).clamp(1, 3) as i32;
        let scale = 10f64.powi(decimals);
        let value = (scaled * scale).round() / scale;
        return Number::from_f64(value).filter(|_| within(value) && value != 0.0).map(Value::Number);
    }
    let was = number.as_i64()?;
    let value = match was {
        -20..=20 => was + rng.random_range(-5..=5),
        _ => scaled.round() as i64,
    };
    let value = if was > 0 { value.max(1) } else { value };
    within(value as f64).then(|| json!(value))
}

/// A date some days away, in the same form.
fn later(text: &str, rng: &mut impl Rng) -> Option<String> {
    let date = chrono::NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    let moved = date.checked_add_signed(chrono::TimeDelta::days(rng.random_range(-60..=60)))?;
    Some(format!("{moved}{}", &text[10..]))
}

/// Whether two texts are of one kind: both paths, both of digits, both one word or several.
fn alike(a: &str, b: &str) -> bool {
    let kind = |text: &str| {
        let digits = text.bytes().any(|b| b.is_ascii_digit());
        let words = text.split_whitespace().count();
        (text.contains('/'), digits, words > 1, text.contains(['(', '{', '=', '<', '@', '#']))
    };
    a != b && kind(a) == kind(b) && b.len() <= 4 * a.len() + 8 && a.len() <= 4 * b.len() + 8
}

/// Whether a text is one to three words and nothing else.
fn is_plain(text: &str) -> bool {
    text.len() > 2 && text.chars().all(|c| c.is_alphabetic() || c == ' ') && text.split(' ').count() <= 3
}

/// The same text with other numbers in it.
fn counted(text: &str, rng: &mut impl Rng) -> Option<String> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b[1-9][0-9]{0,5}\b").expect("a fixed pattern"));
    if text.len() > 400 || !NUMBER.is_match(text) {
        return None;
    }
    let changed = NUMBER.replace_all(text, |found: &Captures<'_>| {
        let was: i64 = found[0].parse().unwrap_or(1);
        let value = if was <= 20 { was + rng.random_range(0..=5) } else { (was as f64 * rng.random_range(0.6..1.6)).round() as i64 };
        value.to_string()
    });
    Some(changed.into_owned())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::json::members;
    use crate::schema_walk::shape;

    #[test]
    fn a_variation_keeps_to_the_schema_and_differs() {
        let schema = json!({"type": "object", "properties": {
            "unit": {"enum": ["m", "km"]}, "count": {"type": "integer", "minimum": 1, "maximum": 12},
            "share": {"type": "number", "minimum": 0, "maximum": 1}, "day": {"type": "string"}, "expression": {"type": "string"},
            "parts": {"type": "array", "maxItems": 2, "items": {"type": "object", "properties": {"size": {"type": "integer"}}}}}});
        let given = json!({"unit": "m", "count": 3, "share": 0.5, "day": "2024-02-28T10:00:00Z", "expression": "2*x + 7",
            "parts": [{"size": 70}]});
        let base = Choice { arguments: members(&given), ..Choice::default() };
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let (mut seen, mut longest) = (std::collections::BTreeSet::new(), 0);
        for _ in 0..200 {
            let top = shape(&schema, &schema);
            let Some(choice) = varied(&base, &top, ("s", "t"), &Pool::default(), &mut rng) else { continue };
            let arguments = Value::Object(choice.arguments.clone());
            assert!(validator.is_valid(&arguments), "{arguments}");
            assert!(arguments != given && choice.arguments["day"].as_str().is_some_and(|day| day.ends_with("T10:00:00Z")), "{arguments}");
            let parts = choice.arguments["parts"].as_array().map_or(0, Vec::len);
            assert_eq!(choice.origins.len(), 5 + parts);
            longest = longest.max(parts);
            seen.insert(arguments.to_string());
        }
        assert!(seen.len() > 100 && longest == 2, "{} {longest}", seen.len());
    }
}
