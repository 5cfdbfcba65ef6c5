//! tau2-bench: its tasks, and the simulations of its results.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::ingest::messages::{self, Message};
use crate::ingest::tau_bench::domain;
use crate::intake::{BenchmarkTask, Found, Place, Source, Trace};

/// `data/tau2/domains/*/tasks*.json` (github.com/sierra-research/tau2-bench).
pub struct Tau2Tasks;

/// Results: a file with `simulations`, or one simulation of the directory format.
pub struct Tau2Runs;

/// The files with the ids of each split; they are read together with the tasks.
const SPLITS: &str = "split_tasks.json";

fn is_splits(record: &Value, place: &Place) -> bool {
    place.path.ends_with(SPLITS) && record.as_object().is_some_and(|m| !m.is_empty() && m.values().all(Value::is_array))
}

impl Source for Tau2Tasks {
    fn name(&self) -> &'static str {
        "tau2-tasks"
    }

    fn about(&self) -> &'static str {
        "tau2-bench tasks"
    }

    fn label(&self) -> &'static str {
        "tau2-bench"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, place: &Place) -> bool {
        (record.get("user_scenario").is_some() && record.get("evaluation_criteria").is_some()) || is_splits(record, place)
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        if is_splits(&record, place) {
            return Ok(());
        }
        let id = record.get("id").and_then(Value::as_str).ok_or("a task without an id")?;
        let domain = domain(place).unwrap_or("unknown");
        let criteria = record.get("evaluation_criteria").cloned().unwrap_or_default();
        let actions = criteria.get("actions").and_then(Value::as_array);
        let gold = actions.map(|all| {
            let call = |a: &Value| json!({"tool": a["name"], "arguments": a["arguments"], "requestor": a.get("requestor")});
            Value::Array(all.iter().map(call).collect())
        });
        let mut answer = criteria;
        if let Some(members) = answer.as_object_mut() {
            members.remove("actions");
        }
        found.tasks.push(BenchmarkTask {
            benchmark: "tau2-bench",
            task_id: format!("{domain}/{id}"),
            domain: Some(domain.into()),
            question: asked(&record["user_scenario"]),
            answer: Some(answer),
            gold_calls: gold,
            split: splits(place, id),
            ..BenchmarkTask::default()
        });
        Ok(())
    }
}

/// What the user is told to want: a text, or an object of texts.
fn asked(scenario: &Value) -> String {
    match &scenario["instructions"] {
        Value::String(text) => text.clone(),
        Value::Object(parts) => {
            let order = ["reason_for_call", "known_info", "unknown_info", "task_instructions"];
            order.iter().filter_map(|name| parts.get(*name)?.as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => scenario.as_str().unwrap_or_default().to_owned(),
    }
}

/// The splits that name the task, in the file beside it.
fn splits(place: &Place, id: &str) -> Option<String> {
    let all: Value = serde_json::from_str(&place.beside(SPLITS)?).ok()?;
    let has = |ids: &Value| ids.as_array().is_some_and(|ids| ids.iter().any(|i| i == id));
    let names: Vec<_> = all.as_object()?.iter().filter(|(_, ids)| has(ids)).map(|(name, _)| name.as_str()).collect();
    (!names.is_empty()).then(|| names.join(","))
}

#[derive(Deserialize)]
struct Results<'a> {
    #[serde(borrow, default)]
    simulations: Vec<Simulation<'a>>,
    #[serde(default)]
    info: Value,
}

#[derive(Deserialize)]
struct Simulation<'a> {
    #[serde(default)]
    task_id: Value,
    #[serde(default)]
    trial: i64,
    #[serde(borrow, default)]
    messages: Vec<Message<'a>>,
    #[serde(default)]
    reward_info: Option<Value>,
}

impl Source for Tau2Runs {
    fn name(&self) -> &'static str {
        "tau2-runs"
    }

    fn about(&self) -> &'static str {
        "tau2-bench results"
    }

    fn label(&self) -> &'static str {
        "tau2-bench"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let results = record.get("simulations").is_some_and(Value::is_array) || record.pointer("/info/environment_info").is_some();
        let one = record.get("messages").is_some() && record.get("task_id").is_some() && record.get("reward_info").is_some();
        results || one
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let mut results: Results<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
        if results.simulations.is_empty() {
            let one: Simulation<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
            results.simulations.extend((!one.messages.is_empty()).then_some(one));
        }
        let text = |pointer: &str| results.info.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let server =
            text("/environment_info/domain_name").or_else(|| domain(place).map(str::to_owned)).unwrap_or_else(|| "tau2-bench".into());
        let model = text("/agent_info/llm");
        if results.simulations.is_empty() {
            found.odd.note("results without simulations");
        }
        for run in results.simulations {
            let trace = messages::read(run.messages, &|name| (server.clone().into(), name), &mut found.odd);
            let key = format!("{server}/{}#{}", run.task_id.to_string().trim_matches('"'), run.trial);
            let reward = run.reward_info.as_ref().and_then(|r| r.get("reward")).and_then(Value::as_f64);
            found.traces.push(Trace { key, reward, model: model.clone(), ..trace });
        }
        Ok(())
    }
}
