//! LiveMCPBench: recorded runs, in which one tool calls all others, and the annotated tasks.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ingest::messages::{self, Message};
use crate::intake::{BenchmarkTask, Found, Json, Place, Source, Trace, TracedCall};

/// `baseline/output/*.json` (github.com/icip-cas/LiveMCPBench): `task_id`, `Question`, `messages`.
pub struct LiveMcpRuns;

/// `annotated_data/*.json`: `task_id`, `Question`, `answers`.
pub struct LiveMcpTasks;

#[derive(Deserialize)]
struct Run<'a> {
    #[serde(borrow)]
    task_id: Cow<'a, str>,
    #[serde(borrow, rename = "Question")]
    question: Cow<'a, str>,
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

/// The arguments of `execute-tool`.
#[derive(Deserialize)]
struct Through {
    server_name: String,
    tool_name: String,
    #[serde(default)]
    params: Option<Box<RawValue>>,
}

impl Source for LiveMcpRuns {
    fn name(&self) -> &'static str {
        "livemcpbench-runs"
    }

    fn about(&self) -> &'static str {
        "LiveMCPBench runs"
    }

    fn label(&self) -> &'static str {
        "LiveMCPBench"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        record.get("Question").is_some_and(Value::is_string) && record.get("messages").is_some_and(Value::is_array)
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let run: Run<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let trace = messages::read(run.messages, &|name| ("agent".into(), name), &mut found.odd);
        let mut calls = Vec::with_capacity(trace.calls.len());
        for call in trace.calls {
            if call.tool != "execute-tool" {
                // `route` searches for tools; it is the agent's own and no server's.
                found.odd.note("calls of the agent's own tools, left out");
                continue;
            }
            match through(&call) {
                Some(inner) => calls.push(TracedCall {
                    server: inner.server_name.into(),
                    tool: inner.tool_name.into(),
                    arguments: Json::Raw(inner.params.map_or_else(|| "{}".to_owned(), |p| p.get().to_owned()).into()),
                    ..call
                }),
                None => found.odd.note("calls that name no server and tool"),
            }
        }
        let question = Some(run.question.into_owned());
        found.traces.push(Trace { key: run.task_id.into_owned(), question, calls, ..trace });
        Ok(())
    }
}

fn through(call: &TracedCall<'_>) -> Option<Through> {
    let Json::Raw(raw) = &call.arguments else { return None };
    match serde_json::from_str::<String>(raw) {
        Ok(text) => serde_json::from_str(&text).ok(),
        Err(_) => serde_json::from_str(raw).ok(),
    }
}

impl Source for LiveMcpTasks {
    fn name(&self) -> &'static str {
        "livemcpbench-tasks"
    }

    fn about(&self) -> &'static str {
        "LiveMCPBench annotated tasks"
    }

    fn label(&self) -> &'static str {
        "LiveMCPBench"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        record.get("Question").is_some_and(Value::is_string) && record.get("messages").is_none() && record.get("task_id").is_some()
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
        let named = record.pointer("/Annotator Metadata/Tools").and_then(Value::as_str).unwrap_or_default();
        // A numbered list, a line a tool.
        let tools =
            named.lines().map(|line| line.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').trim()).filter(|t| !t.is_empty());
        found.tasks.push(BenchmarkTask {
            benchmark: "LiveMCPBench",
            task_id: text("task_id").ok_or("a task without an id")?,
            domain: text("category"),
            question: text("Question").ok_or("a task without a question")?,
            answer: text("answers").map(Value::from),
            tools: Some(tools.map(Value::from).collect()),
            ..BenchmarkTask::default()
        });
        Ok(())
    }
}
