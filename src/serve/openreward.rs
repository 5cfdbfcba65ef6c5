//! The Open Reward Standard, as the `openreward` client (and with it TRL's `OpenRewardSpec`) speaks it: tasks by split and
//! index, sessions named by `X-Session-ID`, calls answered as server-sent events.

// What is refused is answered with a response, which is large.
#![allow(clippy::result_large_err)]

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::serve::hub::{Hub, Live, Turn};
use crate::serve::task::ServedTask;
use crate::serve::tools::{Naming, SUBMIT, Toolset};

/// The one environment of this server.
const ENVIRONMENT: &str = "firefly";

type Answer = Result<Response, Response>;

/// Its routes. Those of an environment are there with its name before them, and without.
pub fn routes(hub: Arc<Hub>) -> Router {
    let mut router = Router::new()
        .route("/create_session", post(create_session))
        .route("/create", post(create))
        .route("/delete", post(delete))
        .route("/delete_session", post(delete))
        .route("/ping", post(ping))
        .route("/version", get(|| async { Json(json!({"version": env!("CARGO_PKG_VERSION"), "build_sha": null})) }))
        .route("/list_environments", get(|| async { Json(json!([ENVIRONMENT])) }));
    for prefix in ["".to_owned(), format!("/{ENVIRONMENT}")] {
        router = router
            .route(&format!("{prefix}/tools"), get(tools))
            .route(&format!("{prefix}/task_tools"), get(task_tools))
            .route(&format!("{prefix}/splits"), get(splits))
            .route(&format!("{prefix}/prompt"), get(prompt))
            .route(&format!("{prefix}/messages"), get(messages))
            .route(&format!("{prefix}/call"), post(call));
    }
    for path in ["/{what}", "/firefly/{what}"] {
        router = router.route(path, post(tasks));
    }
    router.with_state(hub)
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"detail": why}))).into_response()
}

fn name_of(headers: &HeaderMap) -> Result<String, Response> {
    let name = headers.get("x-session-id").and_then(|v| v.to_str().ok()).map(str::trim).filter(|name| !name.is_empty());
    name.map(|name| format!("ors {name}")).ok_or_else(|| refused(StatusCode::BAD_REQUEST, "X-Session-ID header is required"))
}

fn session(hub: &Hub, headers: &HeaderMap) -> Result<Arc<Live>, Response> {
    let live = hub.find(&name_of(headers)?).map_err(|_| refused(StatusCode::NOT_FOUND, "Active environment not found"))?;
    live.touch();
    Ok(live)
}

/// One message, as server-sent events.
fn events(task_id: &str, end: &str) -> Response {
    let body = format!("event: task_id\ndata: {task_id}\n\nevent: end\ndata: {end}\n\n");
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body).into_response()
}

async fn create_session(State(hub): State<Arc<Hub>>) -> Response {
    events(&hub.secret(), "")
}

#[derive(Deserialize)]
struct Create {
    task_spec: Option<Value>,
    split: Option<String>,
    index: Option<i64>,
}

async fn create(State(hub): State<Arc<Hub>>, headers: HeaderMap, Json(asked): Json<Create>) -> Answer {
    let name = name_of(&headers)?;
    let bad = |why: &str| refused(StatusCode::BAD_REQUEST, why);
    let task = match (&asked.task_spec, &asked.split, asked.index) {
        (Some(spec), _, _) => {
            let named = spec.get("task_id").and_then(Value::as_str).ok_or_else(|| bad("the task names no task_id"))?;
            hub.offer.find(named).cloned().ok_or_else(|| bad("the snapshot has no such task"))?
        }
        (None, Some(split), Some(index)) => at(&hub, split, index).ok_or_else(|| bad("Invalid split or index"))?,
        _ => return Err(bad("either task_spec, or split and index")),
    };
    hub.open_named(&name, Some(task)).map_err(|why| bad(&why.to_string()))?;
    Ok(Json(json!({"sid": &name["ors ".len()..]})).into_response())
}

fn at(hub: &Hub, split: &str, index: i64) -> Option<Arc<ServedTask>> {
    hub.offer.split(split).nth(usize::try_from(index).ok()?).cloned()
}

async fn delete(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Answer {
    let name = name_of(&headers)?;
    hub.close(&name);
    Ok(Json(json!({"sid": &name["ors ".len()..]})).into_response())
}

async fn ping(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Answer {
    session(&hub, &headers)?;
    Ok(Json(json!({"status": "ok"})).into_response())
}

/// The tools of all tasks: trainers bind tools before they know which task an episode is for.
async fn tools(State(hub): State<Arc<Hub>>) -> Response {
    let mut names: Vec<_> = hub.offer.tasks.iter().flat_map(|task| task.tools.iter().cloned()).collect();
    names.sort();
    names.dedup();
    let mut tools = Toolset::new(&hub.offer.world, &names, None).list(Naming::Identifier, "input_schema");
    tools.push(Toolset::submit_any());
    listed(tools)
}

async fn task_tools(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Answer {
    let live = session(&hub, &headers)?;
    let mut tools = live.tools.list(Naming::Identifier, "input_schema");
    // The same for each task; its prompt says what the answer is to look like.
    tools.retain(|tool| tool["name"] != SUBMIT);
    tools.push(Toolset::submit_any());
    Ok(listed(tools))
}

fn listed(tools: Vec<Value>) -> Response {
    let kinds = json!(["text", "image"]);
    Json(json!({"tools": tools, "terminal_tool": null, "supports_score_group": false, "message_block_types": kinds})).into_response()
}

async fn splits(State(hub): State<Arc<Hub>>) -> Response {
    let kind = |name: &str| if ["train", "validation", "test"].contains(&name) { name.to_owned() } else { "validation".to_owned() };
    let splits: Vec<Value> = hub.offer.splits().iter().map(|name| json!({"name": name, "type": kind(name)})).collect();
    Json(splits).into_response()
}

async fn prompt(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Answer {
    let live = session(&hub, &headers)?;
    Ok(Json(json!([text(&live.task.as_ref().map(|t| t.prompt()).unwrap_or_default())])).into_response())
}

async fn messages(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Answer {
    let live = session(&hub, &headers)?;
    let blocks = json!([text(&live.task.as_ref().map(|t| t.prompt()).unwrap_or_default())]);
    Ok(Json(json!([{"role": "user", "blocks": blocks, "detail": null}])).into_response())
}

#[derive(Deserialize)]
struct Asked {
    split: String,
    index: Option<i64>,
    start: Option<i64>,
    stop: Option<i64>,
}

async fn tasks(State(hub): State<Arc<Hub>>, Path(what): Path<String>, Json(asked): Json<Asked>) -> Answer {
    let bad = |why: &str| refused(StatusCode::BAD_REQUEST, why);
    if !["tasks", "num_tasks", "task", "task_range"].contains(&what.as_str()) {
        return Err(refused(StatusCode::NOT_FOUND, "Not Found"));
    }
    if !hub.offer.splits().contains(&asked.split.as_str()) {
        return Err(bad("Invalid split"));
    }
    let all: Vec<&Arc<ServedTask>> = hub.offer.split(&asked.split).collect();
    let specs = |tasks: &[&Arc<ServedTask>]| tasks.iter().map(|task| task.spec()).collect::<Vec<Value>>();
    // As Python counts: from the end where negative, and never out of the list.
    let place = |at: i64| (if at < 0 { at + all.len() as i64 } else { at }).clamp(0, all.len() as i64) as usize;
    let body = match what.as_str() {
        "tasks" => json!({"tasks": specs(&all), "env_name": ENVIRONMENT}),
        "num_tasks" => json!({"num_tasks": all.len()}),
        "task" => {
            let task = asked.index.and_then(|index| all.get(usize::try_from(index).ok()?));
            json!({"task": task.ok_or_else(|| bad("Invalid index"))?.spec(), "env_name": ENVIRONMENT})
        }
        _ => {
            let (start, stop) = (place(asked.start.unwrap_or(0)), asked.stop.map_or(all.len(), place));
            json!({"tasks": specs(&all[start.min(stop)..stop]), "env_name": ENVIRONMENT})
        }
    };
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
struct Call {
    name: String,
    #[serde(default)]
    input: Map<String, Value>,
    task_id: Option<String>,
}

async fn call(State(hub): State<Arc<Hub>>, headers: HeaderMap, Json(call): Json<Call>) -> Answer {
    let live = session(&hub, &headers)?;
    // A client that lost the connection asks again for what it was told then.
    if let Some((id, said)) = call.task_id.as_ref().and_then(|id| Some((id, live.replay(id)?))) {
        return Ok(events(id, &said));
    }
    let said = made(&live, &call).to_string();
    let id = hub.secret();
    live.keep(id.clone(), said.clone());
    Ok(events(&id, &said))
}

fn made(live: &Live, call: &Call) -> Value {
    let fails = |reason: &str, error: String| json!({"ok": false, "error": error, "reason": reason});
    if live.reward().is_some() {
        return fails("episode_finished", "the answer has been handed in".into());
    }
    if call.name != SUBMIT && live.tools.find(&call.name).is_none() {
        return fails("not_found", format!("'{}' is not a valid tool of this task", call.name));
    }
    let turn = live.call(&call.name, &live.tools.own_arguments(&call.name, &call.input));
    let reply = turn.reply();
    let blocks: Vec<Value> = reply["content"].as_array().into_iter().flatten().map(block).collect();
    let mut metadata = turn.meta();
    metadata.insert("is_error".into(), (reply["isError"] == true).into());
    let finished = matches!(turn, Turn::Submitted(_));
    json!({"ok": true, "output": {"blocks": blocks, "metadata": metadata, "reward": turn.reward(), "finished": finished}})
}

fn text(text: &str) -> Value {
    json!({"text": text, "detail": null, "type": "text"})
}

/// A block of an MCP result as one of this protocol, which has texts and images.
fn block(of: &Value) -> Value {
    match (of["type"].as_str(), of["text"].as_str(), of["data"].as_str(), of["mimeType"].as_str()) {
        (Some("text"), Some(said), ..) => text(said),
        (Some("image"), _, Some(data), Some(kind)) => json!({"data": data, "mimeType": kind, "detail": null, "type": "image"}),
        _ => text(&of.to_string()),
    }
}
