//! Calls with a row each: `server`, `tool`, `arguments`, `result`, and the episode they belong to.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::intake::{Found, Json, Place, Source, Trace, TracedCall};
use crate::mcp::ErrorKind;

/// One call a line; the calls of an episode stand together, in order.
pub struct Calls;

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    task_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    episode_id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    call_index: Option<&'a RawValue>,
    #[serde(borrow)]
    server: Cow<'a, str>,
    #[serde(borrow)]
    tool: Cow<'a, str>,
    #[serde(borrow)]
    arguments: &'a RawValue,
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
    #[serde(default)]
    is_error: Option<bool>,
    #[serde(default, rename = "isError")]
    failed: Option<bool>,
    #[serde(borrow, default)]
    latency_us: Option<&'a RawValue>,
}

impl Row<'_> {
    fn key(&self) -> String {
        let id = self.task_id.or(self.episode_id).map_or("", RawValue::get);
        serde_json::from_str::<String>(id).unwrap_or_else(|_| id.to_owned())
    }
}

/// A whole number; tables without types have it as a text.
fn whole(raw: Option<&RawValue>) -> Option<i64> {
    raw?.get().trim_matches('"').parse().ok()
}

/// Calls for which an episode has room from the start: most have fewer.
const ROOM: usize = 16;

impl Source for Calls {
    fn name(&self) -> &'static str {
        "calls"
    }

    fn about(&self) -> &'static str {
        "a row a call: server, tool, arguments, result, with source, task_id and call_index"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let text = |name: &str| record.get(name).is_some_and(Value::is_string);
        text("server") && text("tool") && record.get("arguments").is_some()
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let row: Row<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let key = row.key();
        let label = row.source.map(Cow::into_owned);
        let call = TracedCall {
            server: row.server,
            tool: row.tool,
            arguments: Json::of(row.arguments),
            result: row.result.filter(|r| r.get() != "null").map(Json::of),
            failed: (row.is_error.or(row.failed) == Some(true)).then_some(ErrorKind::Tool),
            latency_us: whole(row.latency_us),
        };
        let at = whole(row.call_index);
        // Calls that name no episode are each one of their own.
        let goes_on = |trace: &&mut Trace<'a>| {
            !key.is_empty() && trace.key == key && trace.label == label && at.is_none_or(|at| at >= trace.calls.len() as i64)
        };
        match found.traces.last_mut().filter(goes_on) {
            Some(trace) if at.is_some_and(|at| at > trace.calls.len() as i64) => {
                trace.calls.push(call);
                found.odd.note("gaps in the numbers of calls");
            }
            Some(trace) => trace.calls.push(call),
            None => {
                let mut calls = Vec::with_capacity(ROOM);
                calls.push(call);
                found.traces.push(Trace { key, label, calls, ..Trace::default() });
            }
        }
        Ok(())
    }

    fn continues(&self, record: &str, next: &str) -> bool {
        let row = |text| {
            serde_json::from_str::<Row<'_>>(text)
                .ok()
                .map(|row| (row.source.as_deref().map(str::to_owned), row.key(), whole(row.call_index)))
        };
        match (row(record), row(next)) {
            (Some(own), Some(other)) => !own.1.is_empty() && own.0 == other.0 && own.1 == other.1 && (other.2.is_none() || other.2 > own.2),
            _ => false,
        }
    }
}
