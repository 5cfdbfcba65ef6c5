//! OpenTelemetry: `execute_tool` spans of the GenAI conventions, as OTLP JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::ingest::messages::split_name;
use crate::intake::{Found, Json, Place, Source, Trace, TracedCall};
use crate::mcp::ErrorKind;

/// OTLP JSON, as collectors write it to files: `resourceSpans`, a batch a line or a file.
/// After the semantic conventions for generative AI, "Execute tool span".
pub struct Otel;

impl Source for Otel {
    fn name(&self) -> &'static str {
        "otel"
    }

    fn about(&self) -> &'static str {
        "OpenTelemetry GenAI execute_tool spans (OTLP JSON)"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        record.get("resourceSpans").is_some_and(Value::is_array)
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        // Calls of a conversation, or else of a trace, in the order in which they began.
        let mut traces: BTreeMap<String, Vec<(u64, Span)>> = BTreeMap::new();
        for resource in list(&record, "resourceSpans") {
            let about = attributes(&resource["resource"]);
            let service = about.get("service.name").and_then(Value::as_str).unwrap_or("otel").to_owned();
            let spans = list(resource, "scopeSpans").flat_map(|scope| list(scope, "spans"));
            for span in spans {
                match Span::of(span, &service) {
                    Ok(Some((key, began, span))) => traces.entry(key).or_default().push((began, span)),
                    Ok(None) => found.odd.note("spans that are no tool calls"),
                    Err(what) => found.odd.note(what),
                }
            }
        }
        for (key, mut spans) in traces {
            spans.sort_by_key(|(began, _)| *began);
            let started_us = spans.first().map(|(began, _)| (began / 1000) as i64).filter(|at| *at > 0);
            let model = spans.iter().find_map(|(_, span)| span.model.clone());
            let calls = spans.into_iter().map(|(_, span)| span.call).collect();
            found.traces.push(Trace { key, model, started_us, calls, ..Trace::default() });
        }
        Ok(())
    }
}

struct Span {
    call: TracedCall<'static>,
    model: Option<String>,
}

impl Span {
    /// Conversation, time and call of a span that is a tool's.
    fn of(span: &Value, service: &str) -> Result<Option<(String, u64, Span)>, &'static str> {
        let all = attributes(span);
        let text = |name: &str| all.get(name).and_then(Value::as_str);
        let tool = text("gen_ai.operation.name") == Some("execute_tool") || text("mcp.method.name") == Some("tools/call");
        if !tool {
            return Ok(None);
        }
        let name = text("gen_ai.tool.name").ok_or("tool spans without a name")?.to_owned();
        let server = text("mcp.server.name").or_else(|| text("gen_ai.tool.server")).unwrap_or(service);
        let (server, tool) = split_name(name.into(), server);
        // Attributes may be structured, or JSON in a string.
        let value = |name: &str| all.get(name).cloned().map(Json::Value);
        let error = text("error.type");
        let failed = error.is_some() || span.pointer("/status/code").is_some_and(|code| code == 2 || code == "STATUS_CODE_ERROR");
        let kind = if error.is_some_and(|e| e.to_ascii_lowercase().contains("timeout")) { ErrorKind::Timeout } else { ErrorKind::Tool };
        let time = |name: &str| match &span[name] {
            Value::String(digits) => digits.parse::<u64>().ok(),
            number => number.as_u64(),
        };
        let (began, ended) = (time("startTimeUnixNano").unwrap_or(0), time("endTimeUnixNano"));
        let call = TracedCall {
            server,
            tool,
            arguments: value("gen_ai.tool.call.arguments").unwrap_or(Json::Value(Value::Null)),
            result: value("gen_ai.tool.call.result"),
            failed: failed.then_some(kind),
            latency_us: ended.filter(|_| began > 0).map(|ended| (ended.saturating_sub(began) / 1000) as i64),
        };
        let key = text("gen_ai.conversation.id").or_else(|| span["traceId"].as_str()).unwrap_or_default().to_owned();
        let model = text("gen_ai.request.model").map(str::to_owned);
        Ok(Some((key, began, Span { call, model })))
    }
}

fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn attributes(of: &Value) -> Map<String, Value> {
    list(of, "attributes").filter_map(|pair| Some((pair["key"].as_str()?.to_owned(), any_value(&pair["value"])))).collect()
}

/// OTLP's AnyValue as JSON; how deep it goes is bounded by the parser of the record.
fn any_value(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|members| members.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "intValue" => inner.as_str().and_then(|digits| digits.parse::<i64>().ok()).map_or_else(|| inner.clone(), Value::from),
        "arrayValue" => list(inner, "values").map(any_value).collect(),
        "kvlistValue" => Value::Object(
            list(inner, "values").filter_map(|pair| Some((pair["key"].as_str()?.to_owned(), any_value(&pair["value"])))).collect(),
        ),
        _ => inner.clone(),
    }
}
