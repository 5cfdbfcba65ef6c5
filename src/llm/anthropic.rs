//! Anthropic's Messages API, spoken in and out of OpenAI's form. After
//! <https://docs.anthropic.com/en/api/messages>, version 2023-06-01.

use serde_json::{Map, Value, json};

use crate::llm::{Reply, Request};

/// Version of the API that is spoken.
pub const VERSION: &str = "2023-06-01";

/// The body of a request. A schema of the answer becomes the one tool that has to be called.
pub fn body(model: &str, request: &Request) -> Value {
    let (system, messages): (Vec<&Value>, Vec<&Value>) = request.messages.iter().partition(|m| m["role"] == "system");
    let system: Vec<&str> = system.into_iter().filter_map(|m| m["content"].as_str()).collect();
    let mut body = json!({"model": model, "max_tokens": request.max_tokens, "temperature": request.temperature, "messages": messages});
    if !system.is_empty() {
        body["system"] = json!(system.join("\n"));
    }
    let tool = |tool: &Value| {
        let function = &tool["function"];
        json!({"name": function["name"], "description": function["description"], "input_schema": function["parameters"]})
    };
    if let Some((name, schema)) = &request.answer {
        body["tools"] = json!([{"name": name, "description": "Gives the answer.", "input_schema": schema}]);
        body["tool_choice"] = json!({"type": "tool", "name": name});
    } else if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    body
}

/// The reply in OpenAI's form; none where `value` is no message.
pub fn read(value: &Value, request: &Request) -> Option<Reply> {
    let blocks = value["content"].as_array()?;
    let texts: Vec<&str> = blocks.iter().filter_map(|b| b["text"].as_str()).collect();
    let calls: Vec<Value> = blocks
        .iter()
        .filter(|b| b["type"] == "tool_use")
        .map(|b| json!({"id": b["id"], "type": "function", "function": {"name": b["name"], "arguments": b["input"].to_string()}}))
        .collect();
    let mut message = Map::from_iter([("role".to_owned(), json!("assistant")), ("content".to_owned(), json!(texts.join("")))]);
    if let Some(given) = blocks.iter().find(|b| b["type"] == "tool_use").filter(|_| request.answer.is_some()) {
        message.insert("content".into(), json!(given["input"].to_string()));
    } else if !calls.is_empty() {
        message.insert("tool_calls".into(), Value::Array(calls));
    }
    let tokens = |name: &str| value["usage"][name].as_u64().unwrap_or_default();
    Some(Reply {
        message: Value::Object(message),
        finish: value["stop_reason"].as_str().unwrap_or_default().to_owned(),
        prompt_tokens: tokens("input_tokens"),
        answer_tokens: tokens("output_tokens"),
    })
}
