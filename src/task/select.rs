//! Which calls of an episode make a task, and which of their results are asked for.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use serde_json::Value;

use crate::derive::{self, COUNT, LAST_NUMBER};
use crate::fields::{behind_data_key, is_aside};
use crate::json::{Leaf, leaves, scalar_text};
use crate::state::States;
use crate::task::source::{Call, Flow, Source};

/// Most calls in a task.
const MAX_CALLS: usize = 10;
/// What is given where nothing is known of a text: a call that succeeds with it says little.
const MADE_UP: &str = "sample";
/// Values that say nothing.
const DULL: [&str; 14] =
    ["0", "1", "none", "null", "n/a", "unknown", "-", "success", "ok", "error", "failed", "not_found", "empty", "done"];

/// A set of calls that make a task, in order.
pub type Gold<'a> = Vec<&'a Call>;

/// The sets of calls of `source` worth a question: each call with all that flowed into it, and pairs of
/// such sets that share a call.
pub fn gold_sets(source: &Source) -> Vec<Gold<'_>> {
    let closures: Vec<BTreeSet<i64>> =
        source.calls.iter().filter(|c| !c.is_error).map(|c| closure(source, c.index)).filter(|set| set.len() >= 2).collect();
    let mut sets: BTreeSet<BTreeSet<i64>> = closures.iter().cloned().collect();
    for (at, a) in closures.iter().enumerate() {
        for b in &closures[at + 1..] {
            if !a.is_disjoint(b) && !a.is_subset(b) && !b.is_subset(a) {
                sets.insert(a.union(b).copied().collect());
            }
        }
    }
    let gold = |set: BTreeSet<i64>| source.calls.iter().filter(|c| set.contains(&c.index)).collect::<Gold<'_>>();
    sets.into_iter().filter(|set| set.len() <= MAX_CALLS).map(gold).filter(|g| starts_fresh(g)).collect()
}

fn closure(source: &Source, index: i64) -> BTreeSet<i64> {
    let mut set = BTreeSet::from([index]);
    let mut open = vec![index];
    while let Some(next) = open.pop() {
        for flow in source.flows.iter().filter(|f| f.dst_call == next) {
            if set.insert(flow.src_call) {
                open.push(flow.src_call);
            }
        }
    }
    set
}

/// Whether the calls, made alone and from fresh state, meet the state in which they were recorded.
fn starts_fresh(gold: &[&Call]) -> bool {
    let mut states = States::default();
    gold.iter().all(|call| {
        let as_recorded = states.key(&call.server, call.takes_path) == call.state_key;
        if !call.reads {
            states.advance(&call.server, &call.tool, &call.arguments);
        }
        as_recorded && !call.is_error && !call.arguments.values().any(|v| v == MADE_UP)
    })
}

/// The flows between calls of `gold`.
pub fn flows_within<'a>(source: &'a Source, gold: &[&Call]) -> Vec<&'a Flow> {
    source.flows.iter().filter(|f| gold.iter().any(|c| c.index == f.dst_call)).collect()
}

/// Pointers into the arguments of `call` that the question has to give, with their values.
pub fn given(call: &Call, flows: &[&Flow]) -> Vec<Leaf> {
    let flowed = |pointer: &str| flows.iter().any(|f| f.dst_call == call.index && f.dst_pointer == pointer);
    leaves(&Value::Object(call.arguments.clone())).into_iter().filter(|leaf| !flowed(&leaf.pointer)).collect()
}

/// One thing the answer has to say.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Call it is read from.
    pub call: &'a Call,
    /// Where and what.
    pub leaf: Leaf,
    /// SQL expression over the value at the pointer; none where it is copied.
    pub expression: Option<&'static str>,
}

/// What to ask for: some of the scalars of the calls that nothing flows out of, the same for the same draw.
/// None where they hold nothing worth asking for.
pub fn choose_fields<'a>(gold: &Gold<'a>, flows: &[&Flow], rng: &mut impl Rng) -> Option<Vec<Asked<'a>>> {
    let given: BTreeSet<String> = gold.iter().flat_map(|c| given(c, flows)).map(|l| l.text().to_lowercase()).collect();
    let sinks: Vec<&'a Call> = gold.iter().filter(|c| !flows.iter().any(|f| f.src_call == c.index)).copied().collect();
    let earlier: BTreeSet<String> =
        gold.iter().filter(|c| !sinks.iter().any(|s| s.index == c.index)).flat_map(|c| &c.leaves).map(Leaf::text).collect();
    let mut fields: Vec<Asked<'a>> = Vec::new();
    for sink in &sinks {
        let mut own = worthy(sink, &given, &earlier);
        own.shuffle(rng);
        // The beginning of a list is what people ask about.
        own.sort_by_key(|leaf| leaf.pointer.split('/').filter_map(|s| s.parse::<usize>().ok()).sum::<usize>().min(2));
        let wanted = rng.random_range(2..=6).min(8 / sinks.len());
        let mut keys = BTreeSet::new();
        own.retain(|leaf| keys.insert(leaf.key().to_owned()));
        own.truncate(wanted);
        fields.extend(own.into_iter().map(|leaf| Asked { call: sink, leaf, expression: None }));
        fields.extend(counted(sink, &given).filter(|_| rng.random_bool(0.4)).map(|leaf| Asked {
            call: sink,
            leaf,
            expression: Some(COUNT),
        }));
        fields.extend(said(sink, &given, &earlier).map(|leaf| Asked { call: sink, leaf, expression: Some(LAST_NUMBER) }));
        if !fields.iter().any(|f| f.call.index == sink.index && !f.leaf.value.is_boolean()) {
            return None;
        }
    }
    fields.sort_by(|a, b| {
        a.call.index.cmp(&b.call.index).then(a.leaf.pointer.len().cmp(&b.leaf.pointer.len())).then(a.leaf.pointer.cmp(&b.leaf.pointer))
    });
    Some(fields)
}

/// The scalars of `call` that can be a label: steady, short, not given in the question, and not to be had
/// from an earlier call.
fn worthy(call: &Call, given: &BTreeSet<String>, earlier: &BTreeSet<String>) -> Vec<Leaf> {
    let plain = |leaf: &&Leaf| {
        let text = leaf.text();
        let indices = leaf.pointer.split('/').filter_map(|s| s.parse::<usize>().ok()).collect::<Vec<_>>();
        let short = !text.trim().is_empty() && text.chars().count() <= 80 && !text.contains(|c: char| c.is_control() || c == '\u{FFFD}');
        let dull = DULL.contains(&text.to_lowercase().as_str());
        short && !dull && indices.len() <= 2 && indices.iter().all(|i| *i < 5) && leaf.pointer.matches('/').count() <= 6
    };
    call.leaves
        .iter()
        .filter(plain)
        .filter(|leaf| !is_aside(&leaf.pattern) && !behind_data_key(&call.result, &leaf.pointer))
        // A bare text is prose unless it is as short as a value.
        .filter(|leaf| !(leaf.pointer.is_empty() && leaf.value.is_string() && leaf.text().split_whitespace().count() > 4))
        .filter(|leaf| !call.worthless.contains(&leaf.pattern) && !call.worthless.contains(&leaf.pointer))
        .filter(|leaf| !given.contains(&leaf.text().to_lowercase()))
        .filter(|leaf| !earlier.contains(&leaf.text()))
        .cloned()
        .collect()
}

/// The first list of several objects in the result, as a leaf whose value is its length.
fn counted(call: &Call, given: &BTreeSet<String>) -> impl Iterator<Item = Leaf> + use<> {
    let mut found = None;
    let top = call.result.as_object().into_iter().flatten().map(|(name, value)| (format!("/{}", crate::json::escape(name)), value));
    for (pointer, value) in top.chain(std::iter::once((String::new(), &call.result))) {
        let Some(items) = value.as_array().filter(|a| a.len() >= 2 && a.iter().all(Value::is_object)) else { continue };
        let steady = !call.worthless.iter().any(|v| v.starts_with(&pointer));
        let text = items.len().to_string();
        if steady && found.is_none() && !given.contains(&text) && !scalar_text(value).is_empty() {
            found = Some(Leaf { pattern: pointer.clone(), pointer, value: Value::from(items.len()) });
        }
    }
    found.into_iter()
}

/// The number that a result of one short sentence comes to, as a leaf: "The sum of 2 and 3 is 5."
fn said(call: &Call, given: &BTreeSet<String>, earlier: &BTreeSet<String>) -> Option<Leaf> {
    let text = call.result.as_str().filter(|t| t.len() <= 120 && !t.contains('\n') && t.contains(' '))?;
    let value = derive::apply(LAST_NUMBER, &call.result)?;
    let shown = scalar_text(&value);
    // The number has to close the sentence as what it comes to, and to be news.
    let body = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let lead = body.strip_suffix(&shown)?.trim_end();
    let closes = text.len() - body.len() <= 4 && ["is", "=", "equals", ":"].iter().any(|word| lead.ends_with(word));
    let known = given.contains(&shown) || earlier.contains(&shown) || call.arguments.values().any(|v| scalar_text(v) == shown);
    let steady = !call.worthless.iter().any(String::is_empty);
    (closes && !known && steady).then(|| Leaf { pointer: String::new(), pattern: String::new(), value })
}
