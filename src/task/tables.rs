//! Results that hold lists, of objects or of numbers: what can be counted, added up, compared or looked up in them.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};
use serde_json::Value;

use crate::derive::{AT_LARGEST, AT_SMALLEST, COUNT, COUNT_WHERE, DISTINCT, ENTRY, LARGEST, MEAN, SMALLEST, TOTAL};
use crate::fields::is_aside;
use crate::json::{MAX_LEAVES, escape, holds, pattern_of, scalar_text};
use crate::names;
use crate::task::about::squashed;
use crate::task::ask::{Asked, Derived, Known};
use crate::task::source::Call;
use crate::task::untold::is_flattened;
use crate::task::wording::is_container;
use crate::task::worth::is_little_word;

/// Numbers that belong to one thing.
const VECTOR: usize = 4;
/// Numbers that are added up without loss.
const LARGE: f64 = 1e12;
/// Most entries of a list that anybody would add up.
const MAX_ENTRIES: usize = 200;
/// What can be added up.
const ADDITIVE: [&str; 25] = [
    "amount",
    "total",
    "price",
    "cost",
    "quantity",
    "size",
    "length",
    "duration",
    "minutes",
    "hours",
    "days",
    "seats",
    "population",
    "weight",
    "mass",
    "balance",
    "lines",
    "bytes",
    "words",
    "count",
    "stock",
    "calories",
    "points",
    "units",
    "fee",
];
/// Numbers that stand for something else than how much.
const NO_MEASURE: [&str; 38] = [
    "id",
    "index",
    "code",
    "number",
    "year",
    "month",
    "day",
    "page",
    "port",
    "zip",
    "latitude",
    "longitude",
    "x",
    "y",
    "z",
    "line",
    "row",
    "column",
    "start",
    "end",
    "position",
    "offset",
    "version",
    "rank",
    "status",
    "timestamp",
    "created",
    "updated",
    "modified",
    "date",
    "digit",
    "hash",
    "seed",
    "base",
    // Behind 360 degrees comes none.
    "bearing",
    "azimuth",
    "heading",
    "community",
];
/// Members that name an entry.
const NAMING: [&str; 9] = ["name", "title", "label", "id", "symbol", "code", "key", "city", "country"];

/// Whether a field called `name` says how much of something there is.
pub fn is_measure(name: &str) -> bool {
    let words = names::words(name);
    // 年 is a year.
    !words.is_empty() && !name.contains('年') && !words.iter().any(|w| NO_MEASURE.contains(&w.as_str())) && !is_aside(&format!("/{name}"))
}

/// Whether values of a field called `name` can be added up.
pub fn is_additive(name: &str) -> bool {
    let split = names::split(name);
    is_measure(name)
        && split.iter().any(|w| ADDITIVE.contains(&w.as_str()))
        && !split.iter().any(|w| {
            matches!(w.as_str(), "rate" | "ratio" | "percent" | "pct" | "avg" | "average" | "per" | "mean" | "max" | "min" | "unit")
        })
}

/// The lists of objects in the result: pointer and entries.
pub fn lists(call: &Call) -> Vec<(String, &Vec<Value>)> {
    lists_of(call, Value::is_object)
}

/// The lists in the result all of whose entries are of one kind: pointer and entries.
fn lists_of(call: &Call, kind: fn(&Value) -> bool) -> Vec<(String, &Vec<Value>)> {
    fn walk<'a>(value: &'a Value, kind: fn(&Value) -> bool, pointer: String, depth: usize, out: &mut Vec<(String, &'a Vec<Value>)>) {
        match value {
            Value::Array(items) if items.len() >= 2 && items.len() <= MAX_ENTRIES && items.iter().all(kind) => out.push((pointer, items)),
            Value::Object(members) if depth < 3 => {
                for (name, member) in members.iter().filter(|(name, _)| !crate::json::is_data_key(name)) {
                    walk(member, kind, format!("{pointer}/{}", escape(name)), depth + 1, out);
                }
            }
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(call.result(), kind, String::new(), 0, &mut out);
    out.retain(|(pointer, _)| {
        let pattern = pattern_of(pointer);
        // Of what stands behind all that is looked at, nobody knows whether it changes.
        let looked_at = || call.leaves().len() < MAX_LEAVES || call.leaves().iter().any(|leaf| leaf.pointer.starts_with(pointer.as_str()));
        // A list that changes between equal calls, or has a member that does, is no basis.
        looked_at()
            && !is_part(call.result(), pointer)
            && !is_page(call, pointer)
            && !is_aside(&pattern)
            && !call.about.changing.iter().any(|c| c.starts_with(&pattern))
    });
    out
}

/// Whether the list at `pointer` is as long as the tool lets one be by default: there may be more.
fn is_page(call: &Call, pointer: &str) -> bool {
    let length = call.result().pointer(pointer).and_then(Value::as_array).map(|items| items.len() as u64);
    length.is_some_and(|length| call.page() == Some(length))
}

/// Whether the list at `pointer` is a page of a longer one, by what stands beside it, or a tree: who asks how many there are means all.
fn is_part(result: &Value, pointer: &str) -> bool {
    let Some(items) = result.pointer(pointer).and_then(Value::as_array) else { return false };
    let told = |name: &str, value: &Value| match name {
        "hasmore" | "hasnext" | "hasnextpage" | "truncated" | "istruncated" | "moreavailable" => value == true,
        "nextcursor" | "nextoffset" | "nextpage" | "nextpagetoken" | "nexttoken" => {
            value.is_number() || value.as_str().is_some_and(|t| !t.is_empty())
        }
        "total" | "count" | "totalcount" | "totalresults" | "totalitems" | "totalhits" | "totalmatches" => {
            value.as_u64().is_some_and(|total| total > items.len() as u64)
        }
        _ => false,
    };
    let says = |object: &Value| object.as_object().is_some_and(|members| members.iter().any(|(name, value)| told(&squashed(name), value)));
    let parent = pointer.rsplit_once('/').and_then(|(parent, _)| result.pointer(parent));
    let beside = [Some(result), parent].into_iter().flatten();
    let apart = ["pagination", "paging", "page_info", "pageInfo", "meta", "metadata"];
    let nested = |item: &Value| item.get("children").and_then(Value::as_array).is_some_and(|children| !children.is_empty());
    beside.flat_map(|object| std::iter::once(object).chain(apart.iter().filter_map(|name| object.get(*name)))).any(says)
        || items.iter().any(nested)
}

/// What the list at `pointer` is called.
fn list_name(pointer: &str) -> String {
    crate::json::last_key(&pattern_of(pointer)).to_owned()
}

/// Whether another of the lists is called like the one at `pointer`.
fn has_namesake(lists: &[(String, &Vec<Value>)], pointer: &str) -> bool {
    let name = list_name(pointer);
    lists.iter().filter(|(other, _)| list_name(other) == name).count() > 1
}

/// Derivations over the lists of a result, at most one of a kind of question, in the order of a draw.
pub fn derived<'a>(call: &'a Call, known: &Known<'_>, rng: &mut impl Rng) -> Vec<Asked<'a>> {
    let mut out: Vec<Asked<'a>> = Vec::new();
    let tables = lists(call);
    for (pointer, items) in &tables {
        // Of the test results of each of two identities, nobody knows which are meant.
        if has_namesake(&tables, pointer) {
            continue;
        }
        let columns = columns(items);
        let bare = |expression| Derived { expression, key: None, label: None, wanted: None, other: None };
        let over = |expression, column: &Column<'_>| Derived { key: Some(format!("/{}", escape(column.name))), ..bare(expression) };
        // As many came back as were asked about.
        let given = |list: &Value| list.as_array().is_some_and(|list| list.len() == items.len());
        let mut own: Vec<Option<Asked<'a>>> = Vec::new();
        if !call.arguments.values().any(given) && !are_groups(pointer, items) {
            own.push(Asked::derive(call, pointer, bare(COUNT)));
        }
        if items.len() >= 3 {
            let measures: Vec<&Column<'_>> =
                columns.iter().filter(|c| c.numbers && c.different >= 2 && is_measure(c.name) && !are_years(c)).collect();
            if let Some(column) = measures.choose(rng) {
                let edge = [LARGEST, SMALLEST, MEAN][rng.random_range(0..3)];
                let told = |asked: &Asked<'_>| edge != MEAN || is_told_in_decimals(&asked.leaf.value);
                own.push(Asked::derive(call, pointer, over(edge, column)).filter(told));
                let namers = columns.iter().filter(|c| c.texts && c.different == items.len() && is_naming(c.name));
                let best = if rng.random_bool(0.7) { AT_LARGEST } else { AT_SMALLEST };
                own.extend(namers.take(1).map(|n| {
                    let label = Some(format!("/{}", escape(n.name)));
                    Asked::derive(call, pointer, Derived { label, ..over(best, column) })
                }));
            }
            let sums: Vec<&&Column<'_>> = measures.iter().filter(|c| is_additive(c.name)).collect();
            own.extend(sums.choose(rng).map(|column| Asked::derive(call, pointer, over(TOTAL, column))));
            let kinds: Vec<&Column<'_>> = columns
                .iter()
                .filter(|c| !is_little_word(c.name) && c.texts && c.different >= 2 && c.different * 2 <= items.len() && c.longest <= 40)
                .collect();
            if let Some(column) = kinds.choose(rng) {
                let wanted = column.values.keys().nth(rng.random_range(0..column.values.len())).cloned();
                let counted = Derived { wanted, ..over(COUNT_WHERE, column) };
                own.push(Asked::derive(call, pointer, counted).filter(|a| a.leaf.value != 0));
                own.push(Asked::derive(call, pointer, over(DISTINCT, column)));
            }
        }
        out.extend(own.into_iter().flatten().filter(|a| !known.has(&a.leaf.text())));
    }
    let all = lists_of(call, Value::is_number);
    for (pointer, items) in &all {
        // The question tells a list from another by its own name, and one without a name by being all there is.
        if has_namesake(&all, pointer) || !pointer.is_empty() && is_container(&list_name(pointer)) {
            continue;
        }
        let own = over_numbers(call, pointer, items, rng);
        out.extend(own.into_iter().filter(|a| !known.has(&a.leaf.text())));
    }
    // What comes as five is no secret where "the five known" were asked for.
    out.retain(|a| a.expression() != Some(COUNT) || !says_in_words(&call.about.description, &a.leaf.value));
    // Small numbers are guessed soon: not more than one count a result.
    out.shuffle(rng);
    let mut counted = false;
    out.retain(|a| !matches!(a.expression(), Some(COUNT | COUNT_WHERE | DISTINCT)) || !std::mem::replace(&mut counted, true));
    let mut pointers = BTreeSet::new();
    out.retain(|a| pointers.insert((a.leaf.pointer.clone(), a.derived.as_ref().and_then(|d| d.key.clone()))));
    out.truncate(rng.random_range(1..=2));
    out
}

/// Whether the entries of a list are groups of what the list is called: three triplets of one kind and four of another are no two.
fn are_groups(pointer: &str, items: &[Value]) -> bool {
    let stem = |name: &str| name.trim_end_matches('s').to_lowercase();
    let own = stem(&list_name(pointer));
    let inner = |item: &Value| {
        let members = item.as_object();
        let lists = members.into_iter().flatten().filter(|(_, member)| member.is_array()).map(|(name, _)| name);
        let kind =
            || members.is_some_and(|m| ["type", "kind", "pattern", "group"].iter().any(|name| m.contains_key(*name)) && m.len() <= 3);
        lists.into_iter().any(|name| stem(name) == own || own.is_empty() && kind())
    };
    items.iter().all(inner)
}

/// Whether a text says a small number in words.
fn says_in_words(text: &str, value: &Value) -> bool {
    const WORDS: [&str; 13] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    let word = value.as_u64().and_then(|n| WORDS.get(n as usize));
    word.is_some_and(|word| text.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|said| said == *word))
}

/// What a list of numbers comes to: as many as there are, and one more thing. Up to four are a place, a color or a force: nobody adds
/// up its parts. What was given, in whatever order, is no news.
fn over_numbers<'a>(call: &'a Call, pointer: &str, items: &[Value], rng: &mut impl Rng) -> Vec<Asked<'a>> {
    let measured = || pointer.is_empty() || is_measure(crate::json::last_key(&pattern_of(pointer)));
    let plain = || items.iter().all(|i| i.as_f64().is_some_and(|n| n.abs() < LARGE));
    if items.len() <= VECTOR || items.iter().all(|i| *i == items[0]) || !measured() || !plain() || is_given(call, items) {
        return Vec::new();
    }
    if pointer.is_empty() && is_flattened(call) {
        return Vec::new();
    }
    let over = |expression| Derived { expression, key: Some(ENTRY.into()), label: None, wanted: None, other: None };
    let rises = items.windows(2).all(|pair| pair[0].as_f64() <= pair[1].as_f64());
    let falls = items.windows(2).all(|pair| pair[0].as_f64() >= pair[1].as_f64());
    // Of what only rises, the smallest is the first; of what is no amount, the sum is nothing.
    let name = list_name(pointer);
    let of_terms = || names::split(&name).iter().any(|word| TERMS.contains(&word.as_str()));
    let edges: &[&'static str] = match (rises || falls, pointer.is_empty() || is_additive(&name) || of_terms()) {
        (true, true) => &[TOTAL, TOTAL, MEAN],
        (false, true) => &[TOTAL, TOTAL, MEAN, LARGEST, SMALLEST],
        (true, false) => &[LARGEST],
        (false, false) => &[LARGEST, SMALLEST],
    };
    let edge = edges[rng.random_range(0..edges.len())];
    let count = Derived { key: None, ..over(COUNT) };
    let edge =
        Asked::derive(call, pointer, over(edge)).filter(|asked| asked.expression() != Some(MEAN) || is_told_in_decimals(&asked.leaf.value));
    Asked::derive(call, pointer, count).into_iter().chain(edge).collect()
}

/// Names of lists whose numbers are terms of one thing.
const TERMS: [&str; 10] = ["sequence", "primes", "divisors", "factors", "terms", "numbers", "values", "digits", "powers", "multiples"];

/// Whether all numbers of a column can be years.
fn are_years(column: &Column<'_>) -> bool {
    column.values.keys().all(|text| text.parse::<u32>().is_ok_and(|year| (1800..=2200).contains(&year)))
}

/// Whether something is left of a number that is rounded to two decimals.
fn is_told_in_decimals(value: &Value) -> bool {
    const LEAST: f64 = 0.1;
    value.as_f64().is_some_and(|number| number == 0.0 || number.abs() >= LEAST)
}

/// Whether the call was given these numbers, in whatever order, as a list or in a text.
fn is_given(call: &Call, items: &[Value]) -> bool {
    let sorted = |numbers: &mut dyn Iterator<Item = f64>| {
        let mut all: Vec<f64> = numbers.collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let own = sorted(&mut items.iter().filter_map(Value::as_f64));
    let same = |value: &Value| match value {
        Value::Array(list) => sorted(&mut list.iter().filter_map(Value::as_f64)) == own,
        Value::String(text) => sorted(&mut crate::mention::numbers(text)) == own,
        _ => false,
    };
    call.arguments.values().any(|argument| holds(argument, &same))
}

/// A member that each entry of a list has.
struct Column<'a> {
    name: &'a str,
    numbers: bool,
    texts: bool,
    different: usize,
    longest: usize,
    values: BTreeMap<String, usize>,
}

fn columns(items: &[Value]) -> Vec<Column<'_>> {
    let Some(first) = items.first().and_then(Value::as_object) else { return Vec::new() };
    first.keys().filter_map(|name| column(name, items)).collect()
}

/// The member `name`, where each entry has a text or a number there.
fn column<'a>(name: &'a str, items: &[Value]) -> Option<Column<'a>> {
    let mut column = Column { name, numbers: true, texts: true, different: 0, longest: 0, values: BTreeMap::new() };
    for item in items {
        let value = item.get(name).filter(|v| v.is_string() || v.is_number())?;
        column.numbers &= value.is_number();
        column.texts &= value.is_string();
        let text = scalar_text(value);
        column.longest = column.longest.max(text.chars().count());
        *column.values.entry(text).or_default() += 1;
    }
    column.different = column.values.len();
    Some(column)
}

fn is_naming(name: &str) -> bool {
    names::split(name).last().is_some_and(|w| NAMING.contains(&w.as_str()))
}
