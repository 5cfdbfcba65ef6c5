//! The tool server of MCP-Atlas: `/list-tools` and `/call-tool`, tools called `server_tool`. Its harness has one world for
//! everyone; a header `x-session-id` gives a client one of its own.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::serve::hub::{Hub, Live, Refused};
use crate::serve::tools::Naming;

#[derive(Deserialize)]
struct Call {
    tool_name: String,
    #[serde(default)]
    tool_args: Map<String, Value>,
}

/// Its routes.
pub fn routes(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/list-tools", post(list_tools))
        .route("/call-tool", post(call_tool))
        .route("/enabled-servers", get(servers))
        .with_state(hub)
}

fn session(hub: &Hub, headers: &HeaderMap) -> Result<Arc<Live>, Refused> {
    let name = headers.get("x-session-id").and_then(|v| v.to_str().ok()).unwrap_or_default();
    hub.find_or_open(&format!("atlas {name}"))
}

fn failed(text: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"detail": text}))).into_response()
}

async fn list_tools(State(hub): State<Arc<Hub>>, headers: HeaderMap) -> Response {
    match session(&hub, &headers) {
        Ok(live) => Json(live.tools.list(Naming::Atlas, "inputSchema")).into_response(),
        Err(refused) => failed(&refused.to_string()),
    }
}

async fn call_tool(State(hub): State<Arc<Hub>>, headers: HeaderMap, Json(call): Json<Call>) -> Response {
    let live = match session(&hub, &headers) {
        Ok(live) => live,
        Err(refused) => return failed(&refused.to_string()),
    };
    let turn = live.call(&call.tool_name, &call.tool_args);
    let reply = turn.reply();
    let content = reply.get("content").cloned().unwrap_or_else(|| json!([]));
    let verdict = turn.meta().get("firefly/verdict").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut response = if reply["isError"] == true {
        let said = content.pointer("/0/text").and_then(Value::as_str).unwrap_or("Unknown error");
        failed(&format!("Tool '{}' execution failed: {said}", call.tool_name))
    } else {
        Json(content).into_response()
    };
    if let Ok(verdict) = verdict.parse() {
        response.headers_mut().insert("x-firefly-verdict", verdict);
    }
    response
}

async fn servers(State(hub): State<Arc<Hub>>) -> Json<Value> {
    let mut names: Vec<&str> = hub.offer.world.tools().map(|t| t.server.as_str()).collect();
    names.dedup();
    let servers: Vec<Value> = names.iter().map(|name| json!([name, "OK"])).collect();
    Json(json!({"mode": "local", "total": servers.len(), "online": servers.len(), "offline": 0, "servers": servers}))
}
