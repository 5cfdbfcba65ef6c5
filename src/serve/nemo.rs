//! The episode protocol of NeMo-Gym's resource servers: `/seed_session` opens a session for a row's task and says where its
//! MCP tools are, `/verify` grades the model's response.

// What is refused is answered with a response, which is large.
#![allow(clippy::result_large_err)]

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::serve::door::SESSION;
use crate::serve::hub::{Hub, reward_of};
use crate::serve::task::ServedTask;
use crate::serve::tools::SUBMIT;

/// Its routes; `/nemo-gym.jsonl` gives the rows of a data set, one a task.
pub fn routes(hub: Arc<Hub>) -> Router {
    Router::new().route("/seed_session", post(seed)).route("/verify", post(verify)).route("/nemo-gym.jsonl", get(rows)).with_state(hub)
}

fn refused(why: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({"detail": why}))).into_response()
}

/// The task of a row: named by the row, else the one that is served.
fn task_of(hub: &Hub, row: &Value) -> Result<Arc<ServedTask>, Response> {
    let named = row.get("task_id").or_else(|| row.pointer("/verifier_metadata/task_id")).and_then(Value::as_str);
    match hub.task(named) {
        Ok(Some(task)) => Ok(task),
        Ok(None) => Err(refused("the row names no `task_id`")),
        Err(why) => Err(refused(&why.to_string())),
    }
}

async fn seed(State(hub): State<Arc<Hub>>, Json(row): Json<Value>) -> Response {
    let task = match task_of(&hub, &row) {
        Ok(task) => task,
        Err(response) => return response,
    };
    let name = hub.secret();
    if let Err(why) = hub.open_named(&name, Some(task)) {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"detail": why.to_string()}))).into_response();
    }
    let headers = json!({SESSION: name});
    let body = json!({"mcp": {"server_name": "firefly", "url_path": "/mcp", "transport": "http", "headers": headers}});
    ([(header::SET_COOKIE, format!("{SESSION}={name}; Path=/; HttpOnly; SameSite=Strict"))], Json(body)).into_response()
}

async fn verify(State(hub): State<Arc<Hub>>, headers: HeaderMap, Json(mut row): Json<Value>) -> Response {
    let task = match task_of(&hub, &row) {
        Ok(task) => task,
        Err(response) => return response,
    };
    let reward = answer_of(&row["response"]).map_or(0.0, |answer| reward_of(&task, &answer));
    if let Some(name) = cookie(&headers) {
        hub.close(&name);
    }
    let Some(members) = row.as_object_mut() else { return refused("a row is an object") };
    members.insert("reward".into(), reward.into());
    Json(row).into_response()
}

/// The last answer in a response: what was handed in, else the text of the last message.
fn answer_of(response: &Value) -> Option<Value> {
    let output = response.get("output")?.as_array()?;
    let handed_in = |item: &Value| item["type"] == "function_call" && item["name"].as_str().is_some_and(|n| n.ends_with(SUBMIT));
    if let Some(call) = output.iter().rev().find(|item| handed_in(item)) {
        let arguments: Value = serde_json::from_str(call["arguments"].as_str()?).ok()?;
        return arguments.get("answer").cloned();
    }
    let message = output.iter().rev().find(|item| item["type"] == "message")?;
    let parts = message.get("content")?.as_array()?;
    let texts: Vec<&str> = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect();
    Some(Value::String(texts.join("\n")))
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == SESSION).map(|(_, value)| value.to_owned())
}

async fn rows(State(hub): State<Arc<Hub>>) -> Response {
    let row = |task: &Arc<ServedTask>| {
        let input = json!([{"role": "user", "content": task.prompt()}]);
        json!({"task_id": task.task_id, "split": task.split, "responses_create_params": {"input": input}}).to_string() + "\n"
    };
    let lines: String = hub.offer.tasks.iter().map(row).collect();
    ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
}
