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
    let messages = turns(&messages);
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

/// Messages in Anthropic's form: calls and their results are blocks, and turns of user and assistant take turns.
fn turns(messages: &[&Value]) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in messages {
        let mut blocks = match &message["content"] {
            Value::Array(blocks) => blocks.clone(),
            content => content
                .as_str()
                .filter(|text| !text.trim().is_empty())
                .map(|text| json!({"type": "text", "text": text}))
                .into_iter()
                .collect(),
        };
        let mut role = message["role"].as_str().unwrap_or("user");
        if role == "tool" {
            role = "user";
            blocks = vec![json!({"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": message["content"]})];
        }
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            let given = function["arguments"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
            // What could not be read can't be said again; its result tells what was wrong.
            let input = given.filter(Value::is_object).unwrap_or_else(|| json!({}));
            blocks.push(json!({"type": "tool_use", "id": call["id"], "name": function["name"], "input": input}));
        }
        match turns.last_mut() {
            _ if blocks.is_empty() => {}
            Some((last, all)) if *last == role => all.append(&mut blocks),
            _ => turns.push((role, blocks)),
        }
    }
    turns.into_iter().map(|(role, blocks)| json!({"role": role, "content": blocks})).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_results_become_blocks_of_turns_that_alternate() {
        let call = |id: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": "t", "arguments": arguments}});
        let messages = vec![
            json!({"role": "system", "content": "Be brief."}),
            json!({"role": "user", "content": "Q"}),
            json!({"role": "assistant", "content": "", "tool_calls": [call("a", r#"{"x":1}"#), call("b", "{broken")]}),
            json!({"role": "tool", "tool_call_id": "a", "content": "one"}),
            json!({"role": "tool", "tool_call_id": "b", "content": "no JSON"}),
            json!({"role": "user", "content": "Answer."}),
        ];
        let body = body("m", &Request { messages, ..Request::default() });
        assert_eq!(body["system"], "Be brief.");
        let said = json!([
            {"role": "user", "content": [{"type": "text", "text": "Q"}]},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "a", "name": "t", "input": {"x": 1}},
                {"type": "tool_use", "id": "b", "name": "t", "input": {}},
            ]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "a", "content": "one"},
                {"type": "tool_result", "tool_use_id": "b", "content": "no JSON"},
                {"type": "text", "text": "Answer."},
            ]},
        ]);
        assert_eq!(body["messages"], said);
    }
}
