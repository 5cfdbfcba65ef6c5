//! Answers that need two results: the same tool asked twice, compared.

use std::collections::BTreeSet;

use rand::Rng;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::Value;

use crate::derive::{DIFFERENCE, GREATER, SHARED, SUM};
use crate::json::{Leaf, escape};
use crate::names;
use crate::task::ask::{Asked, Derived, Known};
use crate::task::source::Call;
use crate::task::tables::{is_additive, is_measure, lists};
use crate::task::untold::{EXACT, is_untold, writes_numerals};
use crate::task::worth::{is_inner, is_own};

/// Least difference of which something is left where it is rounded to six decimals.
const LEAST: f64 = 1e-3;

/// Adds one comparison for each two neighbouring calls of `sinks` with the same tool. Where the two numbers were asked for
/// themselves, they no longer are: the comparison needs them both.
pub fn compare<'a>(sinks: &[&'a Call], known: &Known<'_>, fields: &mut Vec<Asked<'a>>, rng: &mut impl Rng) {
    for (at, first) in sinks.iter().copied().enumerate() {
        let Some(second) = sinks[at + 1..].iter().copied().find(|s| s.tool == first.tool && s.server == first.server) else { continue };
        let Some(asked) = numbers(first, second, known, rng).or_else(|| joined(first, second)).filter(|a| !known.has(&a.leaf.text()))
        else {
            continue;
        };
        let same =
            |f: &Asked<'_>, call: &Call, pointer: &str| f.call.index == call.index && f.leaf.pointer == pointer && f.derived.is_none();
        let other = asked.derived.as_ref().and_then(|d| d.other.clone());
        fields.retain(|f| {
            let second = other.as_ref().is_some_and(|(call, pointer)| same(f, call, pointer));
            !same(f, asked.call, &asked.leaf.pointer) && !second
        });
        fields.push(asked);
    }
}

fn numbers<'a>(first: &'a Call, second: &'a Call, known: &Known<'_>, rng: &mut impl Rng) -> Option<Asked<'a>> {
    if !do_alike(first, second) || writes_numerals(&first.tool) || takes_apart(&first.tool) {
        return None;
    }
    // Beyond, whole numbers are no longer told apart: a difference would be off by one.
    let exact = |value: &serde_json::Value| value.as_f64().is_some_and(|n| n.abs() <= EXACT);
    let usable = |call: &Call, leaf: &Leaf| {
        exact(&leaf.value)
            && is_own(call, leaf)
            && !is_untold(call, leaf)
            && !is_inner(leaf.key(), &call.tool)
            && !known.has(&leaf.text())
            && leaf.pointer.matches('/').count() <= 4
            && !leaf.pointer.split('/').any(|s| s.parse::<usize>().is_ok())
            && (leaf.pattern.is_empty() || is_measure(leaf.key()))
    };
    let both: Vec<&Leaf> = first
        .leaves()
        .iter()
        .filter(|leaf| usable(first, leaf))
        .filter(|leaf| second.result().pointer(&leaf.pointer).is_some_and(|v| exact(v) && *v != leaf.value && !known.has(&v.to_string())))
        .filter(|leaf| measure_alike(first, second, &leaf.pointer))
        .collect();
    let leaf = both.choose(rng)?;
    let expression = match rng.random_range(0..10) {
        0..=1 => GREATER,
        2..=4 if is_additive(leaf.key()) => SUM,
        _ => DIFFERENCE,
    };
    let derived = Derived { expression, key: None, label: None, wanted: None, other: Some((second, leaf.pointer.clone())) };
    // Beyond, rounding to six decimals adds some.
    let most = first.result().pointer(&leaf.pointer).into_iter().chain(second.result().pointer(&leaf.pointer));
    if expression != GREATER && most.into_iter().filter_map(Value::as_f64).any(|n| n.abs() * 1e6 > EXACT) {
        return None;
    }
    // A difference of which little is left once it is rounded tells nothing, and one of differences is nobody's.
    let coarse = 10f64.powi(1 - decimals(&leaf.value).max(second.result().pointer(&leaf.pointer).map_or(0, decimals)));
    let whole = leaf.value.is_i64() || leaf.value.is_u64();
    let told = |a: &Asked<'_>| a.leaf.value.as_f64().is_some_and(|n| n.abs() >= LEAST && (whole || n.abs() >= coarse));
    let differs = names::split(leaf.key()).iter().any(|word| matches!(word.as_str(), "difference" | "diff" | "error" | "deviation"));
    Asked::derive(first, &leaf.pointer, derived).filter(|a| expression != DIFFERENCE || told(a) && !differs)
}

/// Decimals of a number as it is written.
fn decimals(value: &Value) -> i32 {
    value.to_string().split_once('.').map_or(0, |(_, rest)| rest.len() as i32)
}

/// Whether two calls do the same: models are not counted beside providers, nor examples beside components.
fn do_alike(first: &Call, second: &Call) -> bool {
    const DEEDS: [&str; 8] = ["action", "operation", "mode", "command", "method", "kind", "function", "identity"];
    let same = |name: &str| first.arguments.get(name) == second.arguments.get(name);
    // What two expressions come to has nothing to do with each other.
    const FREE: [&str; 5] = ["expression", "expr", "query", "sql", "equation"];
    FREE.iter().all(|name| same(name)) && DEEDS.iter().all(|name| same(name)) && first.about.listed.iter().all(|name| same(name))
}

/// Whether a tool takes things apart: what it gives are several parts, also where it is one.
fn takes_apart(tool: &str) -> bool {
    const PARTS: [&str; 5] = ["decomposition", "fractions", "factors", "egyptian", "partition"];
    names::split(tool).iter().any(|word| PARTS.contains(&word.as_str()))
}

/// Whether what stands beside two numbers says that they are of the same unit: metres are not compared with kilograms.
fn measure_alike(first: &Call, second: &Call, pointer: &str) -> bool {
    const OF: [&str; 5] = ["unit", "units", "dimension", "dimensions", "currency"];
    let beside = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    let said = |call: &Call, name: &str| call.result().pointer(beside).and_then(|parent| parent.get(name)).cloned();
    OF.iter().all(|name| said(first, name) == said(second, name))
}

/// How many entries two lists have in common.
fn joined<'a>(first: &'a Call, second: &'a Call) -> Option<Asked<'a>> {
    let theirs = lists(second);
    lists(first).into_iter().find_map(|(pointer, items)| {
        let (_, others) = theirs.iter().find(|(p, _)| *p == pointer)?;
        let names = ["id", "name", "title", "code", "symbol", "key"];
        // Of two of the same name, nobody knows which is in common.
        let tells = |list: &[Value], name: &str| {
            let all: BTreeSet<&str> = list.iter().filter_map(|entry| entry.get(name).and_then(Value::as_str)).collect();
            all.len() == list.len()
        };
        let key = names.iter().find(|name| tells(items, name) && tells(others, name))?;
        let key = Some(format!("/{}", escape(key)));
        let derived = Derived { expression: SHARED, key, label: None, wanted: None, other: Some((second, pointer.clone())) };
        Asked::derive(first, &pointer, derived).filter(|a| a.leaf.value != 0)
    })
}
