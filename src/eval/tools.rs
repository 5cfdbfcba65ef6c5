//! The tools a trial is offered, under names that endpoints allow.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::eval::task::EvalTask;
pub use crate::reward::SUBMIT;
use crate::simulator::RecordedWorld;
use crate::text::{short_id, shorten};

/// Longest name that OpenAI's API allows; of letters, digits, `_` and `-`.
const LONGEST: usize = 64;
/// Longest description that is shown, in characters.
const DESCRIPTION: usize = 1000;

/// A tool on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offered {
    /// The name it is offered under.
    pub name: String,
    /// Its server.
    pub server: String,
    /// Its own name.
    pub tool: String,
}

/// Gives each `(server, tool)` a name: `server__tool` with `_` for what is not allowed, and where that is too long or
/// taken, cut and ended with a hash. Sorted by name; the names depend on nothing but the set of tools.
pub fn named(tools: BTreeSet<(String, String)>) -> Vec<Offered> {
    let plain = |(server, tool): &(String, String)| -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
        format!("{server}__{tool}").chars().map(allowed).collect()
    };
    let mut times: BTreeMap<String, usize> = BTreeMap::from([(SUBMIT.to_owned(), 1)]);
    tools.iter().for_each(|tool| *times.entry(plain(tool)).or_default() += 1);
    let name = |(server, tool): (String, String)| {
        let mut name = plain(&(server.clone(), tool.clone()));
        if name.len() > LONGEST || times.get(&name).is_some_and(|n| *n > 1) {
            let end = short_id(&[&server, &tool]);
            name.truncate(LONGEST - end.len() - 1);
            name = format!("{name}_{end}");
        }
        Offered { name, server, tool }
    };
    let mut offered: Vec<Offered> = tools.into_iter().map(name).collect();
    offered.sort_by(|a, b| a.name.cmp(&b.name));
    offered
}

/// The tools of `task` and `distractors` more of `catalogue`: up to half of them of the task's own servers, which are
/// the harder to tell apart. The same for every agent and trial.
pub fn offer(task: &EvalTask, catalogue: &[(String, String)], distractors: usize, seed: u64) -> Vec<Offered> {
    let own: BTreeSet<(String, String)> = task.gold.iter().map(|c| (c.server.clone(), c.tool.clone())).collect();
    let servers: BTreeSet<&str> = own.iter().map(|(server, _)| server.as_str()).collect();
    let mut random = ChaCha8Rng::seed_from_u64(seed ^ xxh3_64(task.task_id.as_bytes()));
    let mut others: Vec<&(String, String)> = catalogue.iter().filter(|tool| !own.contains(*tool)).collect();
    others.shuffle(&mut random);
    let (near, far): (Vec<_>, Vec<_>) = others.into_iter().partition(|(server, _)| servers.contains(server.as_str()));
    let (first, rest) = near.split_at(near.len().min(distractors.div_ceil(2)));
    let more = first.iter().copied().chain(far).chain(rest.iter().copied()).take(distractors).cloned();
    named(own.iter().cloned().chain(more).collect())
}

/// The definition of a tool in OpenAI's form.
pub fn definition(world: &RecordedWorld, offered: &Offered) -> Value {
    let known = world.tool(&offered.server, &offered.tool);
    let description = known.and_then(|tool| tool.description.as_deref()).unwrap_or_default();
    let parameters = known.map_or_else(|| json!({}), |tool| parameters(&tool.input_schema));
    function(&offered.name, &shorten(description, DESCRIPTION), &parameters)
}

/// The tool that takes the answer.
pub fn submit(task: &EvalTask) -> Value {
    function(SUBMIT, "Hands in the final answer and ends the task.", &task.answer_schema)
}

fn function(name: &str, description: &str, parameters: &Value) -> Value {
    json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
}

/// An input schema as endpoints take it: an object with properties, without remarks of its own.
fn parameters(schema: &Value) -> Value {
    let mut members = schema.as_object().cloned().unwrap_or_default();
    members.retain(|name, _| name != "$schema" && name != "$comment" && name != "$id");
    members.insert("type".into(), json!("object"));
    members.entry("properties").or_insert_with(|| json!({}));
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_are_allowed_and_tell_tools_apart(tools in prop::collection::btree_set((".{0,40}", "[a-zA-Z_./é -]{0,60}"), 0..30)) {
            let offered = named(tools.clone());
            let names: BTreeSet<&str> = offered.iter().map(|o| o.name.as_str()).collect();
            prop_assert_eq!(names.len(), tools.len());
            prop_assert!(!names.contains(SUBMIT));
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            prop_assert!(names.iter().all(|n| (1..=LONGEST).contains(&n.len()) && n.chars().all(allowed)));
            let back: BTreeSet<(String, String)> = offered.into_iter().map(|o| (o.server, o.tool)).collect();
            prop_assert_eq!(back, tools);
        }
    }
}
