//! Agents without a model. They say what a figure is worth: gold is the most that can be reached, empty the least, and what
//! random and shortcut score is scored without understanding.

use std::collections::{BTreeMap, HashMap};

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use crate::eval::agent::Ended;
use crate::eval::trial::{Limits, Status, Trial};
use crate::json::{canonical, leaves, members};
use crate::mcp::reading;
use crate::schema_walk::{Shape, shape};

/// Makes the gold calls and reads each field where its provenance says.
pub fn gold(trial: &mut Trial) -> Ended {
    trial.question();
    let task = trial.task.clone();
    let mut results: HashMap<i64, Value> = HashMap::new();
    for call in &task.gold {
        let told = trial.make(&call.server, &call.tool, &members(&call.arguments));
        results.insert(call.call_index, told.reply.as_ref().map(reading::value_of).unwrap_or_default());
    }
    let mut answer = Map::new();
    for field in &task.fields {
        answer.extend(field.read(&results).map(|value| (field.field.clone(), value)));
    }
    trial.answer(&Value::Object(answer))
}

/// Answers nothing.
pub fn empty(trial: &mut Trial) -> Ended {
    trial.question();
    Ended { status: Status::NoAnswer, reason: None, answer: None }
}

/// Calls tools on offer with arguments by chance, and answers each field with a value of its type that it has seen.
pub fn random(trial: &mut Trial, limits: &Limits) -> Ended {
    trial.question();
    let mut random = ChaCha8Rng::seed_from_u64(trial.seed);
    let mut seen = tokens(&trial.task.question);
    for _ in 0..random.random_range(1..=limits.calls.clamp(1, 8)) {
        let Some(offered) = trial.offered.choose(&mut random).cloned() else { break };
        let schema = trial.world.tool(&offered.server, &offered.tool).map(|tool| tool.input_schema.clone()).unwrap_or_default();
        let arguments = by_chance(&shape(&schema, &schema), &seen, &mut random);
        let told = trial.make(&offered.server, &offered.tool, &arguments);
        let value = told.reply.as_ref().map(reading::value_of).unwrap_or_default();
        seen.extend(leaves(&value).into_iter().map(|leaf| leaf.value));
    }
    let schema = trial.task.answer_schema.clone();
    let answer = by_chance(&shape(&schema, &schema), &seen, &mut random);
    trial.answer(&Value::Object(answer))
}

fn by_chance(shape: &Shape<'_>, seen: &[Value], random: &mut ChaCha8Rng) -> Map<String, Value> {
    let mut made = Map::new();
    for (name, property) in shape.properties() {
        if !shape.requires(&name) && random.random_bool(0.7) {
            continue;
        }
        let listed = property.get("enum").and_then(Value::as_array).cloned().unwrap_or_default();
        let fitting: Vec<&Value> = seen.iter().filter(|value| fits(value, property.kind())).collect();
        let value = match (listed.choose(random), fitting.choose(random)) {
            (Some(value), _) => value.clone(),
            (None, Some(value)) => (*value).clone(),
            (None, None) => match property.kind() {
                "integer" => json!(random.random_range(0..100)),
                "number" => json!(random.random_range(0.0..100.0)),
                "boolean" => json!(random.random_bool(0.5)),
                "array" => json!([]),
                "object" => json!({}),
                _ => json!("a"),
            },
        };
        made.insert(name, value);
    }
    made
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "any" => true,
        _ => false,
    }
}

/// Numbers, quoted texts and names that stand in a question.
fn tokens(question: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let quoted = question.split(['"', '“', '”', '`']).skip(1).step_by(2).map(|text| json!(text));
    let words =
        question.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-')).filter(|w| !w.is_empty());
    let numbers = words.clone().filter_map(|word| serde_json::from_str::<Value>(word).ok()).filter(Value::is_number);
    let names = words.filter(|word| word.chars().any(|c| c.is_uppercase() || c.is_numeric())).map(|word| json!(word));
    for value in quoted.chain(numbers).chain(names) {
        if !found.contains(&value) {
            found.push(value);
        }
    }
    found
}

/// How often each value stands in each answer field, over all tasks, with the task where it stands once.
#[derive(Debug, Default)]
pub struct Guesses {
    fields: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Guesses {
    /// Counts the values of the labels `answers`.
    pub fn of<'a>(answers: impl Iterator<Item = &'a Value>) -> Guesses {
        let mut guesses = Guesses::default();
        for (name, value) in answers.filter_map(Value::as_object).flatten() {
            *guesses.fields.entry(name.clone()).or_default().entry(canonical(value)).or_default() += 1;
        }
        guesses
    }

    /// Values of the field `name` in the answers to other tasks, the most frequent first; `own` is this task's value.
    fn frequent(&self, name: &str, own: Option<&Value>) -> Vec<Value> {
        let own = own.map(canonical);
        let counts = self.fields.get(name).into_iter().flatten();
        // What only this task's own label says is nothing that another task teaches.
        let others = counts.map(|(text, count)| (count - usize::from(Some(text) == own.as_ref()), text)).filter(|(count, _)| *count > 0);
        let mut ranked: Vec<(usize, &String)> = others.collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        ranked.into_iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()
    }
}

/// Guesses each field without a call: the values that it has in other tasks' answers, the most frequent first, in turns
/// with what stands in the question. A later trial takes the next best.
pub fn shortcut(trial: &mut Trial, guesses: &Guesses) -> Ended {
    trial.question();
    let asked = tokens(&trial.task.question);
    let schema = trial.task.answer_schema.clone();
    let shape = shape(&schema, &schema);
    let mut answer = Map::new();
    for (name, property) in shape.properties() {
        let frequent = guesses.frequent(&name, trial.task.answer.get(&name));
        let mut fitting = asked.iter().filter(|value| fits(value, property.kind())).cloned();
        let mut ranked: Vec<Value> = Vec::new();
        for value in frequent.into_iter().filter(|value| property.kind() == "any" || fits(value, property.kind())) {
            ranked.push(value);
            ranked.extend(fitting.next());
        }
        ranked.extend(fitting);
        if property.kind() == "boolean" && ranked.is_empty() {
            ranked = vec![json!(true), json!(false)];
        }
        if !ranked.is_empty() {
            answer.insert(name, ranked[trial.number % ranked.len()].clone());
        }
    }
    trial.answer(&Value::Object(answer))
}
