//! Conversations: messages of the OpenAI chat and Responses APIs and of the Anthropic API, with the calls in them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::intake::pairing::Pairing;
use crate::intake::{Json, Odd, Trace};
use crate::mcp::ErrorKind;

/// One message or item, in any of the three forms.
#[derive(Debug, Default, Deserialize)]
pub struct Message<'a> {
    #[serde(borrow, default)]
    role: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<ToolCall<'a>>>,
    // What few messages have takes little room in those that lack it: there are millions.
    #[serde(borrow, default)]
    function_call: Option<Box<Function<'a>>>,
    #[serde(borrow, default)]
    tool_call_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    call_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow, default)]
    output: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_messages: Option<Vec<Message<'a>>>,
}

/// A call in the OpenAI form, or the flat one of tau2-bench.
#[derive(Debug, Deserialize)]
struct ToolCall<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    function: Option<Function<'a>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

/// A block of the Anthropic form.
#[derive(Debug, Deserialize)]
struct Block<'a> {
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_use_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(default)]
    is_error: Option<bool>,
}

/// What a call's name stands for: server and tool.
pub type Split<'s, 'a> = &'s dyn Fn(Cow<'a, str>) -> (Cow<'a, str>, Cow<'a, str>);

/// The calls of a conversation, what its user asked first, and all that users said.
pub fn read<'a>(messages: Vec<Message<'a>>, split: Split<'_, 'a>, odd: &mut Odd) -> Trace<'a> {
    let mut pairing = Pairing::default();
    let mut trace = Trace::default();
    let empty = || Json::Raw("{}".into());
    // tau2-bench wraps the results of calls made at once into one message.
    let single = |mut message: Message<'a>| match message.tool_messages.take() {
        Some(several) => several,
        None => vec![message],
    };
    for message in messages.into_iter().flat_map(single) {
        pairing.turn();
        let mut call = |id, name: Cow<'a, str>, arguments: Option<&'a RawValue>, odd: &mut Odd| {
            let (server, tool) = split(name);
            pairing.call(id, server, tool, arguments.map_or_else(empty, argument), odd);
        };
        for one in message.tool_calls.into_iter().flatten() {
            match (one.function, one.name) {
                (Some(function), _) => call(one.id, function.name, function.arguments, odd),
                (None, Some(name)) => call(one.id, name, one.arguments, odd),
                (None, None) => odd.note("calls without a name"),
            }
        }
        if let Some(function) = message.function_call {
            call(None, function.name, function.arguments, odd);
        }
        match (message.kind.as_deref(), message.role.as_deref()) {
            (Some("function_call"), _) => {
                if let Some(name) = message.name {
                    call(message.call_id, name, message.arguments, odd);
                }
            }
            (Some("function_call_output"), _) => {
                let said = message.output.map_or(Json::Text("".into()), Json::of);
                pairing.result(message.call_id.as_deref(), said, None, None, odd);
            }
            (_, Some("tool" | "function")) => {
                let failed = message.error.is_some_and(|e| !matches!(e.get(), "null" | "false")).then_some(ErrorKind::Tool);
                let said = message.content.map_or(Json::Text("".into()), Json::of);
                let id = message.tool_call_id.or(message.id);
                pairing.result(id.as_deref(), said, failed, message.name.as_deref(), odd);
            }
            (_, role) => {
                if let Some(content) = message.content {
                    let says = if role == Some("user") { Some(&mut trace) } else { None };
                    blocks(content, says, split, &mut pairing, odd);
                }
            }
        }
    }
    trace.calls = pairing.finish(odd);
    trace
}

/// Arguments may be an object, or JSON in a string.
fn argument(raw: &RawValue) -> Json<'_> {
    Json::of(raw)
}

/// Reads content that is a text or a list of blocks; `says` is there for a user's.
fn blocks<'a>(content: &'a RawValue, mut says: Option<&mut Trace<'a>>, split: Split<'_, 'a>, pairing: &mut Pairing<'a>, odd: &mut Odd) {
    let text = content.get().starts_with('"');
    // What others than users said is long and calls nothing.
    if text && says.is_none() {
        return;
    }
    let mut say = |text: &str| {
        if let Some(trace) = says.as_deref_mut() {
            trace.question.get_or_insert_with(|| text.to_owned());
            trace.told.push_str(text);
            trace.told.push('\n');
        }
    };
    if text {
        if let Ok(text) = serde_json::from_str::<Cow<'_, str>>(content.get()) {
            say(&text);
        }
        return;
    }
    for block in serde_json::from_str::<Vec<&'a RawValue>>(content.get()).into_iter().flatten() {
        let Ok(block) = serde_json::from_str::<Block<'a>>(block.get()) else {
            odd.note("blocks of messages that can't be read");
            continue;
        };
        match block.kind.as_deref().unwrap_or("text") {
            "tool_use" => {
                if let Some(name) = block.name {
                    let (server, tool) = split(name);
                    pairing.call(block.id, server, tool, block.input.map_or(Json::Raw("{}".into()), argument), odd);
                }
            }
            "tool_result" => {
                let said = block.content.map_or(Json::Text("".into()), Json::of);
                pairing.result(block.tool_use_id.as_deref(), said, (block.is_error == Some(true)).then_some(ErrorKind::Tool), None, odd);
            }
            _ => say(block.text.as_deref().unwrap_or_default()),
        }
    }
}

/// `mcp__server__tool` and `server__tool` as their parts; any other name is a tool of `server`.
pub fn split_name<'a>(name: Cow<'a, str>, server: &str) -> (Cow<'a, str>, Cow<'a, str>) {
    let rest = name.strip_prefix("mcp__").unwrap_or(&name);
    match rest.split_once("__") {
        Some((server, tool)) if !server.is_empty() && !tool.is_empty() => (server.to_owned().into(), tool.to_owned().into()),
        _ => (server.to_owned().into(), name),
    }
}
