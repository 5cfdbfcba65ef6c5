//! The nearest recorded call of the same tool, and how near it has to be.
//!
//! Distances add up over parameters: numbers by their relative difference, dates by days, choices and truth values 0 or 1, texts
//! by the words they share, weighted as BM25 weighs them within the tool's own calls. What names a thing (ids, paths, addresses)
//! must be the same. A parameter counts by how often a change of it alone changed the result. A tool's threshold is the largest
//! distance at which, over its recorded calls with each left out in turn, at least 95% of the nearest calls had a result equal in
//! its stable fields. A tool for which that can't be shown has none.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::json::{leaves, members, parse, scalar_text};
use crate::mcp::reading::value_of;
use crate::names;
use crate::schema_walk::shape;
use crate::simulator::world::Volatile;
use crate::simulator::{RecordedWorld, SimTool};
use crate::state::is_path;

/// What calls that differ in one parameter alone gave.
type Group = (Option<u64>, Option<String>);

/// Share of nearest calls whose result must be equal for a distance to be near enough.
pub const PRECISION: f64 = 0.95;
/// Most calls of a tool that are left out in turn.
const HELD_OUT: usize = 200;
/// Most calls of a tool that are looked through.
const CANDIDATES: usize = 4000;
/// Calls recorded in several states with equal arguments, of which all must agree for a tool to be taken to read no state.
const AGREEING: usize = 3;
/// Days after which a date is another date.
const FAR_DAYS: f64 = 30.0;
/// Distance of texts that differ in nothing but case and punctuation.
const SAME_WORDS: f64 = 0.01;

/// The calls of one tool, ready to be compared.
#[derive(Debug, Default)]
pub struct Neighbours {
    calls: Vec<Call>,
    params: HashMap<String, Param>,
    /// Largest distance at which the tool's calls answer for each other.
    pub threshold: Option<f64>,
    /// Whether calls of other states may answer.
    pub across: bool,
}

#[derive(Debug)]
struct Call {
    place: u32,
    arguments: Map<String, Value>,
    /// Hash of the stable fields of its result; none where it failed or has none.
    stable: Option<u64>,
}

#[derive(Debug)]
struct Param {
    /// Whether it must be the same.
    names_a_thing: bool,
    /// Whether its values are choices.
    choice: bool,
    /// Calls that have a word, by word.
    words: HashMap<String, f64>,
    /// How much of its distance counts.
    weight: f64,
}

impl Default for Param {
    fn default() -> Param {
        Param { names_a_thing: false, choice: false, words: HashMap::new(), weight: 1.0 }
    }
}

impl Neighbours {
    /// The calls of `tool`; none where it writes, since what a write says is true of that write alone.
    pub(super) fn of(world: &RecordedWorld, tool: &SimTool, volatile: &Volatile) -> Neighbours {
        if !tool.reads {
            return Neighbours::default();
        }
        let none = HashSet::new();
        let volatile = volatile.get(&(tool.server.clone(), tool.tool.clone())).unwrap_or(&none);
        let step = tool.calls.len().div_ceil(CANDIDATES).max(1);
        let calls = tool.calls.iter().step_by(step).map(|&place| {
            let recorded = world.at(place);
            let stable = if recorded.failed { None } else { stable(&value_of(&parse(recorded.reply())), volatile) };
            Call { place, arguments: members(&parse(recorded.completed())), stable }
        });
        let calls: Vec<Call> = calls.collect();
        let mut neighbours = Neighbours { params: params(tool, &calls), calls, threshold: None, across: false };
        neighbours.weigh(world);
        neighbours.across = neighbours.agree_across_states(world);
        neighbours.threshold = neighbours.calibrate(world);
        neighbours
    }

    /// What a parameter's distance counts: the share of pairs of calls that differ in nothing else and gave different results,
    /// counting one more such pair, since few pairs show nothing.
    fn weigh(&mut self, world: &RecordedWorld) {
        let names: Vec<String> = self.params.iter().filter(|(_, param)| !param.names_a_thing).map(|(name, _)| name.clone()).collect();
        for name in names {
            let mut groups: HashMap<(&str, String), Group> = HashMap::new();
            let (mut pairs, mut different) = (0.0, 1.0);
            for call in &self.calls {
                let mut rest = call.arguments.clone();
                let own = rest.remove(&name).map(|value| value.to_string());
                let key = (world.state(call.place), Value::Object(rest).to_string());
                match groups.get(&key) {
                    None => drop(groups.insert(key, (call.stable, own))),
                    Some((result, given)) if *given != own => {
                        pairs += 1.0;
                        different += f64::from(u8::from(*result != call.stable || result.is_none()));
                    }
                    Some(_) => {}
                }
            }
            if let Some(param) = self.params.get_mut(&name) {
                param.weight = different / (pairs + 1.0);
            }
        }
    }

    /// Whether equal arguments gave equal results in different states, and never different ones.
    fn agree_across_states(&self, world: &RecordedWorld) -> bool {
        let mut groups: HashMap<&str, (BTreeSet<&str>, BTreeSet<Option<u64>>)> = HashMap::new();
        for call in &self.calls {
            let (states, results) = groups.entry(world.at(call.place).completed()).or_default();
            states.insert(world.state(call.place));
            results.insert(call.stable);
        }
        let mut several = groups.values().filter(|(states, _)| states.len() > 1);
        let agreeing = several.clone().count();
        agreeing >= AGREEING && several.all(|(_, results)| results.len() == 1 && results.first() != Some(&None))
    }

    fn calibrate(&self, world: &RecordedWorld) -> Option<f64> {
        let step = self.calls.len().div_ceil(HELD_OUT).max(1);
        let mut seen: Vec<(f64, bool)> = Vec::new();
        for call in self.calls.iter().step_by(step) {
            let (own, state) = (world.at(call.place).completed(), world.state(call.place));
            let hidden =
                |other: &Call| other.place == call.place || (world.at(other.place).completed() == own && world.state(other.place) == state);
            if let Some((distance, nearest)) = self.search(world, &call.arguments, state, f64::MAX, &hidden) {
                seen.push((distance, nearest.stable == call.stable && call.stable.is_some()));
            }
        }
        threshold(&mut seen)
    }

    /// The nearest call that succeeded, at most `limit` away, that may answer in `state`; with its distance.
    pub fn nearest(&self, world: &RecordedWorld, arguments: &Map<String, Value>, state: &str, limit: f64) -> Option<(f64, u32)> {
        // The same sum in another order may be a little more.
        self.search(world, arguments, state, limit + 1e-9, &|_| false).map(|(distance, call)| (distance, call.place))
    }

    fn search(
        &self,
        world: &RecordedWorld,
        arguments: &Map<String, Value>,
        state: &str,
        limit: f64,
        hidden: &dyn Fn(&Call) -> bool,
    ) -> Option<(f64, &Call)> {
        let mut best: Option<(f64, &Call)> = None;
        for call in &self.calls {
            if world.at(call.place).failed || (!self.across && world.state(call.place) != state) || hidden(call) {
                continue;
            }
            let most = best.map_or(limit, |(distance, _)| distance);
            let distance = self.distance(arguments, &call.arguments, most);
            // Of calls that are as near, the first recorded answers.
            if distance.is_finite() && distance <= limit && best.is_none_or(|(known, _)| distance < known) {
                best = Some((distance, call));
            }
        }
        best
    }

    /// Distance between two calls' completed arguments; infinite where they name different things, or it is beyond `most`.
    fn distance(&self, a: &Map<String, Value>, b: &Map<String, Value>, most: f64) -> f64 {
        let mut sum = 0.0;
        let only_b = b.iter().filter(|(name, _)| !a.contains_key(*name)).map(|(name, value)| (name, None, Some(value)));
        for (name, x, y) in a.iter().map(|(name, value)| (name, Some(value), b.get(name))).chain(only_b) {
            let fallback = Param::default();
            let param = self.params.get(name).unwrap_or(&fallback);
            let apart = match (x, y) {
                (Some(x), Some(y)) => apart(param, self.calls.len() as f64, x, y),
                _ if param.names_a_thing => f64::INFINITY,
                _ => 1.0,
            };
            sum += apart * param.weight;
            if sum > most {
                return f64::INFINITY;
            }
        }
        sum
    }
}

/// The largest distance up to which enough of the pairs agree, counting one more that does not: few pairs show nothing.
fn threshold(seen: &mut [(f64, bool)]) -> Option<f64> {
    seen.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut equal, mut best) = (0, None);
    for (index, (distance, same)) in seen.iter().enumerate() {
        equal += usize::from(*same);
        let last_at_distance = seen.get(index + 1).is_none_or(|next| next.0 > *distance);
        if last_at_distance && equal as f64 >= PRECISION * (index + 2) as f64 {
            best = Some(*distance);
        }
    }
    best
}

/// Whether two results are equal in the fields that do not change between equal calls, and have any.
pub fn same(a: &Value, b: &Value, volatile: Option<&HashSet<String>>) -> bool {
    let none = HashSet::new();
    let volatile = volatile.unwrap_or(&none);
    let hash = stable(a, volatile);
    hash.is_some() && hash == stable(b, volatile)
}

/// Hash of the fields of a result that do not change from call to call.
pub(super) fn stable(result: &Value, volatile: &HashSet<String>) -> Option<u64> {
    let all = leaves(result);
    if all.is_empty() {
        return Some(xxh3_64(result.to_string().as_bytes()));
    }
    let mut kept: Vec<String> =
        all.iter().filter(|leaf| !volatile.contains(&leaf.pattern)).map(|leaf| format!("{}\u{1}{}", leaf.pointer, leaf.text())).collect();
    // Servers write the members of an object in any order.
    kept.sort_unstable();
    (!kept.is_empty()).then(|| xxh3_64(kept.join("\u{2}").as_bytes()))
}

fn params(tool: &SimTool, calls: &[Call]) -> HashMap<String, Param> {
    let mut params: HashMap<String, Param> = HashMap::new();
    for (name, value) in calls.iter().flat_map(|call| &call.arguments) {
        let param = params.entry(name.clone()).or_default();
        if let Value::String(text) = value {
            for word in words(text) {
                *param.words.entry(word).or_default() += 1.0;
            }
        }
    }
    for (name, property) in shape(&tool.input_schema, &tool.input_schema).properties() {
        params.entry(name).or_default().choice = property.get("enum").is_some() || property.get("const").is_some();
    }
    for (name, param) in &mut params {
        param.names_a_thing = is_path(name) || names_a_thing(name);
    }
    params
}

/// Whether a parameter called `name` takes what stands for one thing alone.
fn names_a_thing(name: &str) -> bool {
    const IDS: [&str; 14] = ["id", "uuid", "guid", "sku", "isbn", "key", "hash", "slug", "ref", "handle", "email", "url", "uri", "token"];
    names::split(name).iter().any(|word| IDS.contains(&word.as_str()) || IDS.contains(&word.trim_end_matches('s')))
}

fn apart(param: &Param, calls: f64, a: &Value, b: &Value) -> f64 {
    if a == b || scalar_text(a) == scalar_text(b) {
        return 0.0;
    }
    if param.names_a_thing {
        return f64::INFINITY;
    }
    match (a, b) {
        _ if param.choice => 1.0,
        (Value::Number(x), Value::Number(y)) => {
            let (x, y) = (x.as_f64().unwrap_or(0.0), y.as_f64().unwrap_or(0.0));
            ((x - y).abs() / x.abs().max(y.abs()).max(f64::MIN_POSITIVE)).min(1.0)
        }
        (Value::String(x), Value::String(y)) => text_apart(param, calls, x, y),
        (Value::Array(xs), Value::Array(ys)) => {
            let shared = xs.iter().filter(|x| ys.contains(x)).count() as f64;
            1.0 - shared / (xs.len() + ys.len()).max(1) as f64 * 2.0 + SAME_WORDS
        }
        (Value::Object(xs), Value::Object(ys)) => {
            let names: BTreeSet<&String> = xs.keys().chain(ys.keys()).collect();
            let none = Value::Null;
            let nested = |name: &String| Param { names_a_thing: is_path(name) || names_a_thing(name), ..Param::default() };
            names.iter().map(|n| apart(&nested(n), calls, xs.get(*n).unwrap_or(&none), ys.get(*n).unwrap_or(&none))).sum()
        }
        _ => 1.0,
    }
}

fn text_apart(param: &Param, calls: f64, a: &str, b: &str) -> f64 {
    if let (Some(x), Some(y)) = (day(a), day(b)) {
        return ((x - y).abs() / FAR_DAYS).clamp(SAME_WORDS, 1.0);
    }
    if is_token(a) || is_token(b) {
        return f64::INFINITY;
    }
    let (x, y): (BTreeSet<String>, BTreeSet<String>) = (words(a).collect(), words(b).collect());
    // Weight of a word as in BM25: what stands in few calls tells more.
    let weight = |word: &String| {
        let with = param.words.get(word).copied().unwrap_or(1.0);
        (1.0 + (calls - with + 0.5).max(0.0) / (with + 0.5)).ln()
    };
    let all: f64 = x.union(&y).map(weight).sum();
    let shared: f64 = x.intersection(&y).map(weight).sum();
    if all == 0.0 { 1.0 } else { (1.0 - shared / all).max(SAME_WORDS) }
}

/// Day of a date or time, counted from the common era.
fn day(text: &str) -> Option<f64> {
    let date = chrono::NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
    let time = text.get(11..19).and_then(|t| chrono::NaiveTime::parse_from_str(t, "%H:%M:%S").ok());
    let seconds = time.map_or(0, |t| chrono::Timelike::num_seconds_from_midnight(&t));
    Some(f64::from(chrono::Datelike::num_days_from_ce(&date)) + f64::from(seconds) / 86_400.0)
}

/// Whether a text is a token that stands for one thing: one word of letters and digits, an address, a path.
fn is_token(text: &str) -> bool {
    let one_word = !text.contains(char::is_whitespace);
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    one_word && (text.contains("://") || text.contains('@') || text.contains('/') || (digits && text.len() > 3))
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase)
}
