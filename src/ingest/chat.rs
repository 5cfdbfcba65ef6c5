//! Conversations with calls in them, as they are logged and trained on: `{"messages": [...]}` or the list alone.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::messages::{self, Message, split_name};
use crate::ingest::tools_list;
use crate::intake::{Found, FoundServer, Place, Source};

/// OpenAI and Anthropic conversations, MCPMark's `messages.json` among them.
pub struct Chat;

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, alias = "conversation", alias = "trajectory")]
    messages: Vec<Message<'a>>,
    #[serde(borrow, default)]
    model: Option<Cow<'a, str>>,
    #[serde(default)]
    id: Option<Value>,
    #[serde(default)]
    uuid: Option<Value>,
    #[serde(default)]
    task_id: Option<Value>,
    #[serde(default)]
    tools: Option<Value>,
    #[serde(default)]
    reward: Option<Value>,
    #[serde(default)]
    score: Option<Value>,
}

fn is_conversation(messages: &Value) -> bool {
    let turns = ["role", "call_id"];
    messages.as_array().is_some_and(|all| all.iter().take(3).any(|m| turns.iter().any(|name| m.get(name).is_some_and(Value::is_string))))
}

impl Source for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn about(&self) -> &'static str {
        "conversations with tool calls: OpenAI (chat and Responses), Anthropic, MCPMark messages.json"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        is_conversation(record) || ["messages", "conversation", "trajectory"].iter().any(|name| is_conversation(&record[*name]))
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let server = if is_mcpmark(place) { mcpmark_service(place) } else { "chat".to_owned() };
        let split = |name| split_name(name, &server);
        if record.starts_with('[') {
            let list = serde_json::from_str(record).map_err(|e| e.to_string())?;
            let trace = messages::read(list, &split, &mut found.odd);
            found.traces.push(trace);
            return Ok(());
        }
        let row: Row<'a> = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let mut trace = messages::read(row.messages, &split, &mut found.odd);
        trace.model = row.model.map(Cow::into_owned);
        trace.key =
            row.id.or(row.uuid).or(row.task_id).map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)).unwrap_or_default();
        trace.reward = row.reward.or(row.score).as_ref().and_then(Value::as_f64);
        found.traces.push(trace);
        // Tools that were offered are known with their schemas, under the servers that their names say.
        let mut servers: Vec<FoundServer> = Vec::new();
        for tool in row.tools.iter().filter_map(Value::as_array).flatten().filter_map(tools_list::tool) {
            let (of, name) = split_name(Cow::Owned(tool.name.clone()), &server);
            let tool = crate::intake::FoundTool { name: name.into_owned(), ..tool };
            match servers.iter_mut().find(|s| s.name == of) {
                Some(known) => known.tools.push(tool),
                None => servers.push(FoundServer { name: of.into_owned(), tools: vec![tool], ..FoundServer::default() }),
            }
        }
        found.servers.extend(servers);
        Ok(())
    }
}

/// MCPMark keeps the messages of a run in `RUN/MODEL__SERVICE/run-N/CATEGORY__TASK/messages.json`.
fn is_mcpmark(place: &Place) -> bool {
    place.path.ends_with("/messages.json") && place.path.split('/').rev().nth(3).is_some_and(|step| step.contains("__"))
}

fn mcpmark_service(place: &Place) -> String {
    let run = place.path.split('/').rev().nth(3).unwrap_or_default();
    run.rsplit("__").next().unwrap_or("mcpmark").to_owned()
}
