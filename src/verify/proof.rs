//! Proofs by execution: the gold path scores 1 under replay, wrong answers score 0.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use crate::json::members;
use crate::mcp::reading;
use crate::reward::{grade_by, property};
use crate::simulator::{RecordedWorld, Session, Verdict};
use crate::verify::{GateRow, Task};

/// The proofs of all tasks, two rows a task.
pub fn run(tasks: &[Task], world: &Arc<RecordedWorld>) -> Vec<GateRow> {
    let judged = |at: usize| {
        let (task, neighbour) = (&tasks[at], &tasks[(at + 1) % tasks.len()]);
        let row = |gate: &str, wrong: Option<String>| GateRow {
            task_id: task.task_id.clone(),
            gate: gate.into(),
            passed: wrong.is_none(),
            reason: wrong,
        };
        [row("replay", replay(task, world).err()), row("wrong_answers", wrong_answers(task, neighbour).err())]
    };
    (0..tasks.len()).into_par_iter().flat_map_iter(judged).collect()
}

/// The gold calls, made in the strict simulator from fresh state, lead to the label.
fn replay(task: &Task, world: &Arc<RecordedWorld>) -> Result<(), String> {
    let mut session = Session::new(task.task_id.clone(), None, world.clone());
    let mut results: HashMap<i64, Value> = HashMap::new();
    for call in &task.gold_calls {
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
        let reply = session.call(text("server"), text("tool"), &members(&call["arguments"]));
        if !matches!(reply.verdict, Verdict::Exact | Verdict::Canonical) {
            return Err(format!("{} is answered with `{}`", text("tool"), reply.verdict.name()));
        }
        results.insert(call["call_index"].as_i64().unwrap_or(-1), reading::value_of(&reply.reply));
    }
    let mut answer = Map::new();
    for field in &task.fields {
        let value = field.read(&results);
        let Some(value) = value else { return Err(format!("nothing stands at {} in the replayed result", field.pointer)) };
        answer.insert(field.field.clone(), value);
    }
    let given = Value::Object(answer).to_string();
    let grade = grade_by(&given, &task.answer, &task.answer_schema);
    if grade.reward() == 1.0 { Ok(()) } else { Err(format!("the replayed gold path scores {}", grade.reward())) }
}

/// Empty, shuffled, perturbed and other tasks' answers score 0.
fn wrong_answers(task: &Task, neighbour: &Task) -> Result<(), String> {
    let label = members(&task.answer);
    let mut wrong: Vec<(&str, Value)> = vec![("an empty answer", json!({})), ("no answer", Value::Null)];
    let mut values: Vec<Value> = label.values().cloned().collect();
    let by = 1.min(values.len());
    values.rotate_left(by);
    let shuffled: Map<String, Value> = label.keys().cloned().zip(values).collect();
    if shuffled != label {
        wrong.push(("the answer shuffled", Value::Object(shuffled)));
    }
    if neighbour.answer != task.answer {
        wrong.push(("another task's answer", neighbour.answer.clone()));
    }
    for (name, value) in &label {
        let mut perturbed = label.clone();
        perturbed.insert(name.clone(), perturb(value, property(&task.answer_schema, name)));
        wrong.push(("the answer with one field changed", Value::Object(perturbed)));
    }
    let rewarded = wrong.iter().find(|(_, answer)| grade_by(&answer.to_string(), &task.answer, &task.answer_schema).reward() != 0.0);
    rewarded.map_or(Ok(()), |(what, _)| Err(format!("{what} is rewarded")))
}

/// Another value than `value`, farther from it than `schema` tolerates.
fn perturb(value: &Value, schema: &Value) -> Value {
    match value {
        Value::Bool(b) => json!(!b),
        Value::Number(n) => {
            let told = |name: &str| schema.pointer(&format!("/x-tolerance/{name}")).and_then(Value::as_f64).unwrap_or(0.0).abs();
            json!(n.as_f64().map_or(0.0, |f| f + 1.0 + f.abs() * (1.0 + 2.0 * told("relative")) + 2.0 * told("absolute")))
        }
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(items) => Value::Array(items.iter().cloned().chain([json!("and another")]).collect()),
        Value::Object(members) => Value::Object(members.clone().into_iter().chain([("and another".into(), json!(1))]).collect()),
        Value::Null => json!("something"),
    }
}
