//! OpenEnv: an episode over a WebSocket (`/ws`: reset, step, state, close, mcp), or over HTTP, and MCP without its
//! handshake at `/mcp`.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Map, Value, json};

use crate::json::members;
use crate::mcp::reading::value_of;
use crate::serve::guard::query;
use crate::serve::hub::{Hub, Live, Refused};
use crate::serve::task::ServedTask;
use crate::serve::tools::Naming;

/// Its routes.
pub fn routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/ws", get(socket))
        .route("/mcp", post(mcp))
        .route("/schema", get(schema))
        .route("/metadata", get(metadata))
        .route("/reset", post(reset))
        .route("/step", post(step))
        .route("/state", get(state))
        .with_state(hub)
}

async fn schema() -> Json<Value> {
    let action = json!({"type": "object", "required": ["type"], "properties": {
        "type": {"enum": ["list_tools", "call_tool"]}, "tool_name": {"type": "string"}, "arguments": {"type": "object"}}});
    let observation = json!({"type": "object", "properties": {
        "question": {"type": "string"}, "tools": {"type": "array"}, "tool_name": {"type": "string"}, "result": {"type": "object"}}});
    let state = json!({"type": "object", "properties": {"episode_id": {"type": "string"}, "step_count": {"type": "integer"}}});
    Json(json!({"action": action, "observation": observation, "state": state}))
}

async fn metadata() -> Json<Value> {
    let about = "Recorded MCP servers, replayed offline, with verified tasks";
    Json(json!({"name": "firefly", "description": about, "version": env!("CARGO_PKG_VERSION")}))
}

/// One client's episode: the session it has, under a name that stays when it begins anew.
struct Episode {
    hub: Arc<Hub>,
    name: String,
}

impl Episode {
    fn live(&self) -> Result<Arc<Live>, Refused> {
        self.hub.find_or_open(&self.name)
    }

    /// Begins anew with the task asked for: by id, by split and index, by seed; else the next one.
    fn reset(&self, asked: &Value) -> Result<Value, Refused> {
        let task = self.choose(asked)?;
        self.hub.close(&self.name);
        let live = self.hub.open_named(&self.name, task)?;
        let names: Vec<Value> = live.tools.list(Naming::Plain, "input_schema").iter().map(|tool| tool["name"].clone()).collect();
        let mut observation = json!({"tool_names": names});
        if let Some(task) = &live.task {
            observation["task_id"] = json!(task.task_id);
            observation["question"] = json!(task.prompt());
            observation["answer_schema"] = task.answer_schema.clone();
        }
        Ok(json!({"observation": observation, "reward": null, "done": false, "metadata": {}}))
    }

    fn choose(&self, asked: &Value) -> Result<Option<Arc<ServedTask>>, Refused> {
        if let Some(task_id) = asked.get("task_id").and_then(Value::as_str) {
            return self.hub.task(Some(task_id));
        }
        let split = asked.get("split").and_then(Value::as_str);
        let tasks: Vec<_> = self.hub.offer.tasks.iter().filter(|task| split.is_none_or(|name| task.split == name)).collect();
        let at = |place: u64| tasks.get(place as usize).map(|task| Some((*task).clone())).ok_or(Refused::NoTask);
        if let Some(index) = asked.get("index").and_then(Value::as_u64) {
            return at(index);
        }
        if self.hub.offer.task.is_some() || tasks.is_empty() {
            return self.hub.task(None);
        }
        let drawn = asked.get("seed").and_then(Value::as_u64).unwrap_or_else(|| self.hub.next());
        at(drawn % tasks.len() as u64)
    }

    /// Does what an action says.
    fn step(&self, action: &Value) -> Result<Value, Fault> {
        match action.get("type").and_then(Value::as_str) {
            Some("list_tools") => {
                let live = self.live()?;
                let observation = json!({"tools": live.tools.list(Naming::Plain, "input_schema")});
                Ok(json!({"observation": observation, "reward": null, "done": live.reward().is_some(), "metadata": {}}))
            }
            Some("call_tool") => {
                let name = action.get("tool_name").and_then(Value::as_str).ok_or(Fault::Action("an action names a `tool_name`"))?;
                let live = self.live()?;
                let (result, reward, meta) = call(&live, name, &members(action.get("arguments").unwrap_or(&Value::Null)));
                let observation = json!({"tool_name": name, "result": result, "error": null});
                Ok(json!({"observation": observation, "reward": reward, "done": live.reward().is_some(), "metadata": meta}))
            }
            _ => Err(Fault::Action("the type of an action is `list_tools` or `call_tool`")),
        }
    }

    fn state(&self) -> Result<Value, Refused> {
        let live = self.live()?;
        let task_id = live.task.as_ref().map(|task| task.task_id.clone());
        Ok(json!({"episode_id": live.id, "step_count": live.steps(), "task_id": task_id}))
    }
}

enum Fault {
    Refused(Refused),
    Action(&'static str),
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Fault {
        Fault::Refused(refused)
    }
}

impl Fault {
    fn text(&self) -> String {
        match self {
            Fault::Refused(refused) => refused.to_string(),
            Fault::Action(text) => (*text).to_owned(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Fault::Refused(Refused::Full) => "CAPACITY_REACHED",
            Fault::Refused(_) => "SESSION_ERROR",
            Fault::Action(_) => "VALIDATION_ERROR",
        }
    }
}

/// The result of a call, with the value it stands for in `data`, as OpenEnv's own servers give it; reward; how it came about.
fn call(live: &Live, name: &str, arguments: &Map<String, Value>) -> (Value, Option<f64>, Value) {
    let turn = live.call(name, arguments);
    let mut result = turn.reply();
    result["data"] = value_of(&result);
    (result, turn.reward(), Value::Object(turn.meta()))
}

async fn socket(State(hub): State<Arc<Hub>>, uri: Uri, upgrade: WebSocketUpgrade) -> Response {
    let attached = query(&uri, "session_id");
    let most = hub.limits.body;
    upgrade.max_message_size(most).max_frame_size(most).on_upgrade(move |socket| talk(hub, attached, socket))
}

async fn talk(hub: Arc<Hub>, attached: Option<String>, mut socket: WebSocket) {
    let own = attached.is_none();
    let episode = Episode { name: format!("openenv {}", attached.unwrap_or_else(|| hub.secret())), hub };
    let opened = if own { episode.live() } else { episode.hub.find(&episode.name) };
    if let Err(refused) = opened {
        let _ = socket.send(Message::Text(wrong(&refused.into()).to_string().into())).await;
        return;
    }
    while let Some(Ok(message)) = socket.recv().await {
        let Message::Text(text) = message else { continue };
        let Some(reply) = answer(&episode, &text) else { break };
        if socket.send(Message::Text(reply.to_string().into())).await.is_err() {
            break;
        }
    }
    if own {
        episode.hub.close(&episode.name);
    }
}

fn wrong(fault: &Fault) -> Value {
    json!({"type": "error", "data": {"message": fault.text(), "code": fault.code()}})
}

/// The reply to one message; none where it closes the episode.
fn answer(episode: &Episode, text: &str) -> Option<Value> {
    let Ok(message) = serde_json::from_str::<Value>(text) else {
        return Some(json!({"type": "error", "data": {"message": "Invalid JSON", "code": "INVALID_JSON"}}));
    };
    let data = message.get("data").cloned().unwrap_or_else(|| json!({}));
    let observed = |made: Result<Value, Fault>| made.map_or_else(|f| wrong(&f), |data| json!({"type": "observation", "data": data}));
    Some(match message.get("type").and_then(Value::as_str).unwrap_or_default() {
        "reset" => observed(episode.reset(&data).map_err(Fault::from)),
        "step" => observed(episode.step(&data)),
        "state" => episode.state().map_or_else(|r| wrong(&r.into()), |data| json!({"type": "state", "data": data})),
        "mcp" => json!({"type": "mcp", "data": rpc(&episode.hub, Some(&episode.name), &data)}),
        "close" => return None,
        other => {
            let message = format!("Unknown message type: {}", crate::text::shorten(other, 80));
            json!({"type": "error", "data": {"message": message, "code": "UNKNOWN_TYPE"}})
        }
    })
}

async fn mcp(State(hub): State<Arc<Hub>>, body: String) -> Json<Value> {
    let Ok(request) = serde_json::from_str::<Value>(&body) else {
        return Json(json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32700, "message": "Parse error"}}));
    };
    Json(rpc(&hub, None, &request))
}

/// Answers one JSON-RPC request, for the session it names, or that of `own`.
fn rpc(hub: &Arc<Hub>, own: Option<&str>, request: &Value) -> Value {
    let id = request.get("id").cloned().unwrap_or(Value::Null);
    let fails = |code: i64, message: String, data: Value| json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data}});
    let gives = |result: Value| json!({"jsonrpc": "2.0", "id": id, "result": result});
    let params = request.get("params").cloned().unwrap_or_else(|| json!({}));
    let named = params.get("session_id").and_then(Value::as_str).map(|name| format!("openenv {name}"));
    let live = || match named.as_deref().or(own) {
        Some(name) => hub.find(name),
        // Without a session, a call meets fresh state.
        None => hub.open(hub.offer.task.clone()),
    };
    match request.get("method").and_then(Value::as_str).unwrap_or_default() {
        "openenv/session/create" => {
            let name = hub.secret();
            match hub.open_named(&format!("openenv {name}"), hub.offer.task.clone()) {
                Ok(_) => gives(json!({"session_id": name})),
                Err(refused) => fails(-32000, refused.to_string(), Value::Null),
            }
        }
        "openenv/session/close" => match &named {
            Some(name) if hub.close(name) => gives(json!({"session_id": params["session_id"], "closed": true})),
            _ => fails(-32602, "Unknown session_id".into(), Value::Null),
        },
        "tools/list" => match live() {
            Ok(live) => gives(json!({"tools": live.tools.list(Naming::Plain, "inputSchema")})),
            Err(refused) => fails(-32602, refused.to_string(), Value::Null),
        },
        "tools/call" => {
            let Some(name) = params.get("name").and_then(Value::as_str) else {
                return fails(-32602, "Invalid params - 'name' is required".into(), Value::Null);
            };
            let live = match live() {
                Ok(live) => live,
                Err(refused) => return fails(-32602, refused.to_string(), Value::Null),
            };
            let (mut result, _, meta) = call(&live, name, &members(params.get("arguments").unwrap_or(&Value::Null)));
            if result["isError"] == true {
                let said = result.pointer("/content/0/text").and_then(Value::as_str).unwrap_or("Unknown error").to_owned();
                return fails(-32000, said, meta);
            }
            result["_meta"] = meta;
            gives(result)
        }
        other => fails(-32601, format!("Method not found: {}", crate::text::shorten(other, 80)), Value::Null),
    }
}

/// The episode of HTTP requests: one for everybody who does not say `x-session-id`.
fn over_http(hub: Arc<Hub>, headers: &HeaderMap) -> Episode {
    let name = headers.get("x-session-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
    Episode { name: format!("openenv http {name}"), hub }
}

fn respond(made: Result<Value, Fault>) -> Response {
    match made {
        Ok(body) => Json(body).into_response(),
        Err(fault) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": fault.text()}))).into_response(),
    }
}

async fn reset(State(hub): State<Arc<Hub>>, headers: HeaderMap, body: String) -> Response {
    let asked = serde_json::from_str(&body).unwrap_or_else(|_| json!({}));
    respond(over_http(hub, &headers).reset(&asked).map_err(Fault::from))
}

async fn step(State(hub): State<Arc<Hub>>, headers: HeaderMap, Json(asked): Json<Value>) -> Response {
    respond(over_http(hub, &headers).step(asked.get("action").unwrap_or(&Value::Null)))
}

async fn state(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    respond(over_http(hub, &headers).state().map_err(Fault::from))
}
