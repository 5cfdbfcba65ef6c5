//! Inspect AI: logs of evaluations, with an event for each tool call.

use serde_json::Value;

use crate::ingest::messages::split_name;
use crate::intake::{Found, Json, Place, Source, Trace, TracedCall};
use crate::mcp::ErrorKind;

/// `.eval` files (zip, a sample an entry) and the older JSON logs.
pub struct Inspect;

fn is_sample(record: &Value) -> bool {
    record.get("events").is_some_and(Value::is_array) && record.get("epoch").is_some()
}

impl Source for Inspect {
    fn name(&self) -> &'static str {
        "inspect"
    }

    fn about(&self) -> &'static str {
        "Inspect AI logs (.eval or JSON)"
    }

    fn recognises(&self, record: &Value, place: &Place) -> bool {
        let log = record.get("eval").is_some_and(Value::is_object) && record.get("samples").is_some_and(Value::is_array);
        // The other entries of a log (header, summaries, journal) belong to it and hold no calls.
        is_sample(record) || log || place.path.contains(".eval!")
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let mut record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let task = record.pointer("/eval/task").and_then(Value::as_str).unwrap_or_default().to_owned();
        match record.get_mut("samples").map(Value::take) {
            Some(Value::Array(samples)) => samples.into_iter().for_each(|s| sample(s, &task, found)),
            _ if is_sample(&record) => sample(record, "", found),
            _ => {}
        }
        Ok(())
    }
}

fn sample(mut sample: Value, task: &str, found: &mut Found<'_>) {
    let attachments = sample.get_mut("attachments").map(Value::take).unwrap_or_default();
    let id = sample["id"].as_str().map_or_else(|| sample["id"].to_string(), str::to_owned);
    let question = match &sample["input"] {
        Value::String(text) => Some(attached(text, &attachments)),
        Value::Array(messages) => {
            messages.iter().find(|m| m["role"] == "user").and_then(|m| m["content"].as_str()).map(|text| attached(text, &attachments))
        }
        _ => None,
    };
    let model = sample["model_usage"].as_object().and_then(|usage| usage.keys().next().cloned());
    let score = sample["scores"].as_object().and_then(|all| all.values().next()).map(|score| &score["value"]);
    let reward = score.and_then(|value| match value.as_str() {
        Some("C") => Some(1.0),
        Some("I") => Some(0.0),
        _ => value.as_f64(),
    });
    let mut trace = Trace {
        key: format!("{task}/{id}#{}", sample["epoch"]),
        told: question.clone().unwrap_or_default(),
        question,
        model,
        reward,
        ..Trace::default()
    };
    let Some(Value::Array(events)) = sample.get_mut("events").map(Value::take) else { return };
    for mut event in events.into_iter().filter(|e| e["event"] == "tool") {
        let Some(name) = event["function"].as_str().map(str::to_owned) else {
            found.odd.note("tool events without a function");
            continue;
        };
        let (mut arguments, mut result) = (event["arguments"].take(), event["result"].take());
        [&mut arguments, &mut result].into_iter().for_each(|value| resolve(value, &attachments));
        let error = event.get("error").filter(|e| !e.is_null());
        let kind = error.map(|e| if e["type"] == "timeout" { ErrorKind::Timeout } else { ErrorKind::Tool });
        if let Some(text) = error.and_then(|e| e["message"].as_str()).filter(|_| result.as_str().is_none_or(str::is_empty)) {
            result = Value::from(text);
        }
        let (server, tool) = split_name(name.into(), "inspect");
        trace.calls.push(TracedCall {
            server,
            tool,
            arguments: Json::Value(arguments),
            result: (!event["pending"].as_bool().unwrap_or(false)).then_some(Json::Value(result)),
            failed: kind,
            latency_us: event["working_time"].as_f64().map(|s| (s * 1e6) as i64),
        });
    }
    found.traces.push(trace);
}

/// Long texts stand once in the sample and are referred to.
fn attached(text: &str, attachments: &Value) -> String {
    let key = text.strip_prefix("attachment://");
    key.and_then(|key| attachments.get(key)?.as_str()).unwrap_or(text).to_owned()
}

fn resolve(value: &mut Value, attachments: &Value) {
    match value {
        Value::String(text) if text.starts_with("attachment://") => *text = attached(text, attachments),
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, attachments)),
        Value::Object(members) => members.values_mut().for_each(|member| resolve(member, attachments)),
        _ => {}
    }
}
