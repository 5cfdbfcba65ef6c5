//! Which calls of an episode make a task.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt};
use serde_json::Value;

use crate::json::Leaf;
use crate::names;
use crate::state::States;
use crate::task::ask::{choose_fields, given};
use crate::task::itself::is_about_itself;
use crate::task::lines::Dull;
use crate::task::nobody::is_nobodys;
use crate::task::set::{Set, before};
use crate::task::source::{Call, Source};
use crate::task::untold::writes_numerals;

/// Most calls in a task.
pub const MAX_CALLS: usize = 10;
/// Most sets of several requests at once that are drawn from one episode.
const MAX_BUNDLES: usize = 240;
/// Calls in several requests at once: long lists of them are nobody's, but for a few.
const WANTED: [usize; 10] = [3, 3, 3, 4, 4, 4, 5, 5, 6, 10];
/// Letters in a text that says something.
const TELLING: usize = 3;
/// Words in names of numbers that can be of anything.
const PLAIN: [&str; 22] = [
    "value", "values", "number", "numbers", "num", "result", "results", "total", "count", "sum", "amount", "input", "output", "data",
    "item", "items", "answer", "score", "size", "length", "limit", "id",
];

/// A set of calls that make a task, in order.
pub type Gold<'a> = Vec<&'a Call>;

/// How the calls of a task belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Each call feeds a later one, up to the last.
    Chain,
    /// Chains that begin with the same call.
    Joint,
    /// The same tool asked twice, so that its answers can be compared.
    Compare,
    /// Several requests at once.
    Bundle,
}

/// Calls that could make a task, by index in the episode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// How they belong together.
    pub kind: Kind,
    /// The calls.
    pub calls: BTreeSet<i64>,
}

/// The sets of calls of `source` worth a question, each once.
pub fn candidates(source: &Source, dull: &Dull, rng: &mut impl Rng) -> Vec<Candidate> {
    let anybodys = |call: &Call| !is_about_itself(call) && !is_nobodys(call) && !call.repeats_itself();
    let usable = |call: &&Call| !call.is_error && *call.seen.usable.get_or_init(|| anybodys(call));
    let usable: BTreeSet<i64> = source.calls.iter().filter(usable).map(|call| call.index).collect();
    // What says nothing by itself says nothing among others.
    let mut says =
        |set: &BTreeSet<i64>| source.is_fresh(set) && source.is_meant(set) && choose_fields(&Set::of(source, set), dull, rng).is_some();
    // A call with all that it stands on; where that has no news, because what came before said it all, the call by itself, with what
    // it was given.
    let closures: Vec<BTreeSet<i64>> = source
        .calls
        .iter()
        .filter(|call| usable.contains(&call.index))
        .filter_map(|c| {
            let whole = closure(source, c.index);
            let alone = BTreeSet::from([c.index]);
            (source.gold(&whole).iter().all(|call| usable.contains(&call.index)) && says(&whole))
                .then_some(whole)
                .or_else(|| says(&alone).then_some(alone))
        })
        .collect();
    let mut out: Vec<Candidate> = Vec::new();
    let mut known: BTreeSet<BTreeSet<i64>> = BTreeSet::new();
    let mut add = |kind: Kind, calls: BTreeSet<i64>| {
        if calls.len() <= MAX_CALLS
            && source.asks_once(&calls)
            && source.is_fresh(&calls)
            && source.is_meant(&calls)
            && source.is_within(&calls)
            && !source.is_foretold(&calls)
            && known.insert(calls.clone())
        {
            out.push(Candidate { kind, calls });
        }
    };
    for set in closures.iter().filter(|set| set.len() >= 2) {
        add(Kind::Chain, set.clone());
    }
    for (at, a) in closures.iter().enumerate() {
        for b in &closures[at + 1..] {
            let kind = if !a.is_disjoint(b) {
                Kind::Joint
            } else if source.tool_of(a) == source.tool_of(b) {
                Kind::Compare
            } else {
                continue;
            };
            if !a.is_subset(b) && !b.is_subset(a) {
                add(kind, a.union(b).copied().collect());
            }
        }
    }
    for set in bundles(source, &closures, rng) {
        add(Kind::Bundle, set);
    }
    out
}

/// Unions of sets that have nothing to do with each other: people ask for several things at once. Of an episode over many servers,
/// mostly of two of them: a request that asks five for something each is nobody's.
fn bundles(source: &Source, closures: &[BTreeSet<i64>], rng: &mut impl Rng) -> Vec<BTreeSet<i64>> {
    // What is part of another set is asked for with it.
    let whole = closures.iter().filter(|a| !closures.iter().any(|b| a.len() < b.len() && a.is_subset(b)));
    let mut servers: BTreeMap<&str, Vec<&BTreeSet<i64>>> = BTreeMap::new();
    for set in whole {
        servers.entry(source.tool_of(set).map_or("", |(server, _)| server)).or_default().push(set);
    }
    let names: Vec<&str> = servers.keys().copied().collect();
    let sets: usize = servers.values().map(Vec::len).sum();
    let mut out = Vec::new();
    for _ in 0..(2 * sets).min(MAX_BUNDLES) {
        let together = [1, 1, 2, 2, 2, 2, 3][rng.random_range(0..7)];
        let mut parts: Vec<&BTreeSet<i64>> = names.sample(rng, together).flat_map(|name| servers[name].iter().copied()).collect();
        parts.shuffle(rng);
        let wanted = WANTED[rng.random_range(0..WANTED.len())];
        let mut set = BTreeSet::new();
        let mut tools: BTreeMap<Option<(&str, &str)>, usize> = BTreeMap::new();
        for part in parts {
            let tool = source.tool_of(part);
            // The same of two things can be compared; of three it is a list.
            if tools.get(&tool).is_some_and(|n| *n >= 2) || set.len() + part.len() > MAX_CALLS {
                continue;
            }
            *tools.entry(tool).or_default() += 1;
            set.extend(part.iter().copied());
            if set.len() >= wanted {
                break;
            }
        }
        if tools.len() >= 2 {
            out.push(set);
        }
    }
    out
}

/// A call with all that it stands on.
fn closure(source: &Source, index: i64) -> BTreeSet<i64> {
    let mut set = BTreeSet::from([index]);
    let mut open = vec![index];
    while let Some(next) = open.pop() {
        open.extend(before(source.flows.iter(), source.needs.iter(), next).filter(|call| set.insert(*call)));
    }
    set
}

impl Source {
    /// The calls at `indices`, in order.
    pub fn gold(&self, indices: &BTreeSet<i64>) -> Gold<'_> {
        self.calls.iter().filter(|c| indices.contains(&c.index)).collect()
    }

    /// Whether no two calls that read are the same, nor say the same.
    fn asks_once(&self, indices: &BTreeSet<i64>) -> bool {
        let mut made = BTreeSet::new();
        let mut given = BTreeSet::new();
        self.gold(indices).iter().all(|call| {
            let same = (&call.server, &call.tool, call.gave());
            !call.about.reads || made.insert((&call.server, &call.tool, &call.arguments_text)) && given.insert(same)
        })
    }

    /// Whether each call that is given a place in what the calls before made is given one that is there: a new presentation has no tenth
    /// slide.
    fn is_within(&self, indices: &BTreeSet<i64>) -> bool {
        let gold = self.gold(indices);
        let verb = |call: &Call, verb: &str| names::split(&call.tool).first().is_some_and(|word| word == verb);
        let beyond = |(at, call): (usize, &&Call)| {
            let before = || gold[..at].iter().filter(|other| other.server == call.server);
            let made = before().filter(|other| verb(other, "add")).count() as u64;
            let place = |(name, value): (&String, &Value)| names::split(name).last().filter(|w| *w == "index").and_then(|_| value.as_u64());
            before().any(|other| verb(other, "create")) && call.arguments.iter().filter_map(place).any(|place| place > made)
        };
        !gold.iter().enumerate().any(beyond)
    }

    /// Whether a number of more digits than anybody gives is given, or one of many that an earlier call of the set comes to: nobody knows it
    /// before, and it is not said to be the same.
    fn is_foretold(&self, indices: &BTreeSet<i64>) -> bool {
        const DIGITS: usize = 9;
        const MOST: usize = 12;
        let gold = self.gold(indices);
        let set = Set::of(self, indices);
        let digits = |leaf: &Leaf| if leaf.value.is_f64() { leaf.text().bytes().filter(u8::is_ascii_digit).count() } else { 0 };
        gold.iter().enumerate().any(|(at, call)| {
            let said = |leaf: &Leaf| digits(leaf) >= DIGITS && gold[..at].iter().any(|other| other.says(&leaf.text()));
            given(call, &set.flows).iter().any(|leaf| digits(leaf) >= MOST || said(leaf))
        })
    }

    /// Server and tool of the last call of a set.
    fn tool_of(&self, set: &BTreeSet<i64>) -> Option<(&str, &str)> {
        let last = set.last()?;
        self.calls.iter().find(|c| c.index == *last).map(|c| (c.server.as_str(), c.tool.as_str()))
    }

    /// Whether what flows from one server to another is meant for it: it is needed there, or it is a text that says something. A
    /// number in an option that a tool may ignore is no reason for a call, and a number is never a path.
    fn is_meant(&self, indices: &BTreeSet<i64>) -> bool {
        let call = |index: i64| self.calls.iter().find(|c| c.index == index);
        self.flows.iter().filter(|f| indices.contains(&f.dst_call) && indices.contains(&f.src_call)).all(|flow| {
            let (Some(src), Some(dst)) = (call(flow.src_call), call(flow.dst_call)) else { return false };
            let needed = || flow.dst_pointer.split('/').nth(1).is_some_and(|name| dst.about.required.iter().any(|r| r == name));
            let says = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count() >= TELLING;
            let value = || src.result().pointer(&flow.src_pointer);
            let number = value().is_some_and(Value::is_number);
            let called = |pointer: &str| names::words(crate::json::last_key(&crate::json::pattern_of(pointer)));
            // What is said in another language may be a tax, and no payment.
            if number && !crate::json::last_key(&crate::json::pattern_of(&flow.src_pointer)).is_ascii() {
                return false;
            }
            let path = called(&flow.dst_pointer).iter().any(|w| matches!(w.as_str(), "path" | "file" | "folder" | "url"));
            if path && (number || value().is_some_and(Value::is_boolean)) {
                return false;
            }
            // One of a few words that happens to be an option elsewhere is no reason, unless it is called the same.
            let param = flow.dst_pointer.split('/').nth(1).unwrap_or_default();
            let (source, target) = (called(&flow.src_pointer), names::words(param));
            if dst.about.listed.iter().any(|name| name == param) && source != target {
                return false;
            }
            // An option that has a default of its own is seldom what a number was worked out for: how large the earth is.
            if number && !needed() && !dst.arguments.is_empty() && dst.about.has_default(param) {
                return false;
            }
            // Digits of another base are no number to go on with, and what a tool gave is not given to it again.
            if number && (writes_numerals(&src.tool) || src.tool == dst.tool && src.server == dst.server) {
                return false;
            }
            // A wildcard or a size on a disk is nothing to go on with.
            if value().and_then(Value::as_str).is_some_and(is_bare_mark) {
                return false;
            }
            if number && (is_another_measure(&source, &target) || flow.src_pointer.is_empty() && counts(&src.tool)) {
                return false;
            }
            // What is called `in_base` is not to be named.
            if source.first().is_some_and(|word| matches!(word.as_str(), "in" | "to" | "of" | "by" | "from" | "for")) {
                return false;
            }
            // Nor is magenta yellow.
            let letter = |words: &[String]| words.iter().all(|word| word.chars().count() == 1);
            if letter(&source) && letter(&target) && source != target {
                return false;
            }
            src.server == dst.server || needed() || value().and_then(|v| v.as_str()).is_some_and(says)
        })
    }

    /// Whether the calls, made alone and from fresh state, meet the state in which they were recorded.
    fn is_fresh(&self, indices: &BTreeSet<i64>) -> bool {
        let mut states = States::default();
        self.gold(indices).iter().all(|call| {
            let as_recorded = states.key(&call.server, call.about.takes_path) == call.state_key;
            if !call.about.reads {
                states.advance(&call.server, &call.tool, &call.arguments);
            }
            as_recorded && !call.is_error
        })
    }
}

/// Whether a number called by one name is never one called by the other, whatever they come to: a speed is no size, and the radius of an
/// orbit none of a ball.
fn is_another_measure(source: &[String], param: &[String]) -> bool {
    let telling = |words: &[String]| !words.is_empty() && !words.iter().any(|word| PLAIN.contains(&word.as_str()) || word.len() < 3);
    let orbital = |words: &[String]| words.iter().any(|word| word == "orbital" || word == "orbit");
    telling(source) && telling(param) && source.iter().all(|word| !param.contains(word))
        || orbital(source) && !orbital(param)
        || is_another_quantity(source, param)
}

/// Whether a text is nothing but marks, or a number with the unit of a file's size: `%`, `12.00 B`.
fn is_bare_mark(text: &str) -> bool {
    let sized = || text.rsplit_once(' ').is_some_and(|(n, unit)| n.parse::<f64>().is_ok() && ["B", "KB", "MB", "GB"].contains(&unit));
    !text.chars().any(char::is_alphanumeric) || sized()
}

/// Whether a tool counts or adds up, so that a bare number that it gives is called what was counted: a count of primes is no prime.
fn counts(tool: &str) -> bool {
    names::split(tool).iter().any(|word| matches!(word.as_str(), "count" | "counting" | "sum" | "number" | "num"))
}

/// Whether two names are of different quantities, whatever else they share: an angular acceleration is no angular velocity.
fn is_another_quantity(source: &[String], param: &[String]) -> bool {
    const QUANTITIES: [&str; 17] = [
        "acceleration",
        "velocity",
        "speed",
        "force",
        "torque",
        "energy",
        "power",
        "pressure",
        "viscosity",
        "temperature",
        "momentum",
        "inertia",
        "mass",
        "volume",
        "area",
        "density",
        "frequency",
    ];
    let of = |words: &[String]| -> BTreeSet<&str> {
        let known = QUANTITIES.into_iter().filter(|quantity| words.iter().any(|word| word == quantity));
        known.map(|quantity| if quantity == "speed" { "velocity" } else { quantity }).collect()
    };
    let turns = |words: &[String]| words.iter().any(|word| matches!(word.as_str(), "angular" | "rotational"));
    let round = turns(source) != turns(param);
    let (source, param) = (of(source), of(param));
    !source.is_empty() && !param.is_empty() && (round || source.is_disjoint(&param))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_told_apart() {
        let other = |a: &str, b: &str| is_another_quantity(&names::words(a), &names::words(b));
        assert!(other("angular_acceleration", "angular_velocity") && other("kinetic_energy", "power"));
        assert!(other("angular_acceleration", "acceleration_x") && !other("angular_velocity", "initial_angular_velocity"));
        assert!(!other("speed", "velocity") && !other("power_density", "power") && !other("radius", "mass"));
    }
}
