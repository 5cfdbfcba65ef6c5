//! tau-bench: recorded runs of a user, an agent and a domain's tools.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::ingest::messages::{self, Message};
use crate::intake::{Found, Place, Source, Trace};

/// `historical_trajectories/*.json` (github.com/sierra-research/tau-bench): `task_id`, `reward`, `info`, `traj`, `trial`.
pub struct TauBench;

#[derive(Deserialize)]
struct Run<'a> {
    task_id: Value,
    #[serde(default)]
    trial: i64,
    #[serde(default)]
    reward: Option<f64>,
    #[serde(borrow)]
    traj: Vec<Message<'a>>,
    #[serde(default)]
    info: Option<Info>,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    task: Option<Task>,
}

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    instruction: Option<String>,
}

/// The domain a path names.
pub fn domain(place: &Place) -> Option<&'static str> {
    const DOMAINS: [&str; 5] = ["airline", "retail", "telecom", "banking_knowledge", "mock"];
    let steps = place.steps();
    DOMAINS.into_iter().find(|domain| steps.iter().rev().take(2).any(|step| step.contains(domain)))
}

impl Source for TauBench {
    fn name(&self) -> &'static str {
        "tau-bench"
    }

    fn about(&self) -> &'static str {
        "tau-bench trajectories"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        record.get("traj").is_some_and(Value::is_array) && record.get("task_id").is_some()
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let run: Run<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let server = domain(place).unwrap_or("tau-bench");
        let trace = messages::read(run.traj, &|name| (server.into(), name), &mut found.odd);
        // The user's words come from the instruction, which is what was asked.
        let question = run.info.and_then(|info| info.task).and_then(|task| task.instruction).or(trace.question);
        let key = format!("{}#{}", json!(run.task_id).to_string().trim_matches('"'), run.trial);
        found.traces.push(Trace { key, question, reward: run.reward, ..trace });
        Ok(())
    }
}
