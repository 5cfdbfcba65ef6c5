//! The short way: a plain tool call in an open MCP session over HTTP is answered with one JSON message at once. Everything else,
//! and whatever is unusual about such a call, goes on to rmcp, where a session is a task that each request is sent to and whose
//! reply comes back as a stream of events: that costs more than the answer does. The protocol leaves the choice to the server
//! (Streamable HTTP, "Sending Messages to the Server").

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use tower::Service;

use crate::serve::door::SESSION;
use crate::serve::guard::{Guard, query};
use crate::serve::hub::{About, Live, Turn};

/// Where MCP is served.
pub const PATH: &str = "/mcp";
/// rmcp's name of a session.
const MCP_SESSION: &str = "mcp-session-id";
/// Protocol versions whose requests need nothing but their session.
const PLAIN: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// The MCP sessions whose calls may take the short way.
#[derive(Default)]
pub struct Open {
    sessions: Mutex<HashMap<String, Entry>>,
    idle: Duration,
    body: usize,
}

struct Entry {
    /// When rmcp last saw the session: it ends those that it sees nothing of.
    seen: Instant,
    /// The firefly session by the name that requests give, if they do.
    lives: Vec<(String, Weak<Live>)>,
}

impl Open {
    /// No session yet. rmcp ends sessions after `idle`; bodies have at most `body` bytes.
    pub fn new(idle: Duration, body: usize) -> Open {
        Open { sessions: Mutex::default(), idle, body }
    }

    /// Keeps that rmcp let a request with these headers pass, and that it is for `live`.
    pub fn seen(&self, headers: &HeaderMap, uri: &Uri, live: &Arc<Live>) {
        let Some(id) = text(headers, MCP_SESSION) else { return };
        let name = named(headers, uri);
        let mut sessions = self.sessions();
        sessions.retain(|_, entry| entry.seen.elapsed() < self.idle);
        let entry = sessions.entry(id.to_owned()).or_insert_with(|| Entry { seen: Instant::now(), lives: Vec::new() });
        entry.seen = Instant::now();
        entry.lives.retain(|(known, of)| *known != name && of.strong_count() > 0);
        entry.lives.push((name, Arc::downgrade(live)));
    }

    fn find(&self, headers: &HeaderMap, uri: &Uri) -> Option<Arc<Live>> {
        let sessions = self.sessions();
        // Now and then rmcp has to see a request, or it takes the session to be idle.
        let entry = sessions.get(text(headers, MCP_SESSION)?).filter(|entry| entry.seen.elapsed() < self.idle / 4)?;
        let name = named(headers, uri);
        entry.lives.iter().find(|(known, _)| *known == name)?.1.upgrade()
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, HashMap<String, Entry>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// What a request calls its firefly session, if anything.
fn named(headers: &HeaderMap, uri: &Uri) -> String {
    let header = text(headers, SESSION).map(|name| format!("header {name}"));
    header.or_else(|| query(uri, "session").map(|name| format!("url {name}"))).unwrap_or_default()
}

/// Whether nothing about the headers needs rmcp.
fn is_plain(headers: &HeaderMap) -> bool {
    let accepts = |kind: &str| headers.get_all(header::ACCEPT).iter().any(|value| value.to_str().is_ok_and(|text| text.contains(kind)));
    let json = |kind: &str| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json");
    text(headers, header::CONTENT_TYPE.as_str()).is_some_and(json)
        && accepts("application/json")
        && accepts("text/event-stream")
        && !accepts("q=")
        && headers.get("mcp-protocol-version").is_none_or(|version| version.to_str().is_ok_and(|version| PLAIN.contains(&version)))
        && !headers.contains_key("last-event-id")
}

/// A request that is nothing but a tool call; one with more members is not read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call<'a> {
    jsonrpc: &'a str,
    #[serde(borrow)]
    id: &'a RawValue,
    method: &'a str,
    params: Params,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    name: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

impl<'a> Call<'a> {
    fn read(body: &'a [u8]) -> Option<Call<'a>> {
        let call: Call = serde_json::from_slice(body).ok()?;
        let id = call.id.get();
        let is_id = id.starts_with('"') || (id.len() < 16 && id.bytes().all(|b| b.is_ascii_digit()));
        (call.jsonrpc == "2.0" && call.method == "tools/call" && is_id).then_some(call)
    }
}

/// The members of a recorded reply that a client gets to see, and how the reply came about.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Said<'a> {
    #[serde(borrow, default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    content: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    structured_content: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_error: Option<bool>,
    #[serde(rename = "_meta", skip_deserializing, skip_serializing_if = "About::is_empty")]
    about: About<'a>,
}

/// What stands there, `null` too.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

#[derive(Serialize)]
struct Told<'a> {
    jsonrpc: &'static str,
    id: &'a RawValue,
    result: Said<'a>,
}

/// The JSON-RPC response to a call; none where what is recorded is no result.
fn respond(id: &RawValue, turn: &Turn) -> Option<Vec<u8>> {
    let written;
    let reply = match turn {
        Turn::Answered(answer) => answer.text(),
        submitted => {
            written = submitted.reply().to_string();
            &written
        }
    };
    let mut result: Said = serde_json::from_str(reply).ok()?;
    if result.content.is_none() {
        (result.structured_content.is_some() || result.is_error.is_some()).then_some(())?;
        result.content = serde_json::from_str("[]").ok();
    }
    result.about = turn.about();
    let mut body = Vec::with_capacity(reply.len() + 256);
    serde_json::to_writer(&mut body, &Told { jsonrpc: "2.0", id, result }).ok()?;
    Some(body)
}

/// What stands before all doors, and answers plain calls itself.
#[derive(Clone)]
pub struct Front<S> {
    /// Where all else goes.
    pub behind: S,
    /// The sessions whose calls it may answer.
    pub open: Arc<Open>,
    /// Who may come in.
    pub guard: Arc<Guard>,
}

impl<S> Front<S> {
    /// The session of a request that may be a plain call. One that may not come in is refused behind.
    fn session(&self, request: &Request<Body>) -> Option<Arc<Live>> {
        let (headers, uri) = (request.headers(), request.uri());
        if request.method() == Method::DELETE
            && let Some(id) = text(headers, MCP_SESSION)
        {
            self.open.sessions().remove(id);
        }
        let plain = request.method() == Method::POST && uri.path() == PATH && is_plain(headers) && self.guard.lets(headers, uri).is_ok();
        if plain { self.open.find(headers, uri) } else { None }
    }
}

impl<S> Service<Request<Body>> for Front<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.behind.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Some(live) = self.session(&request) else { return Box::pin(self.behind.call(request)) };
        let (mut behind, most) = (self.behind.clone(), self.open.body);
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let Ok(body) = to_bytes(body, most).await else {
                return Ok((StatusCode::PAYLOAD_TOO_LARGE, "the request is too large, or did not come whole").into_response());
            };
            let Some(call) = Call::read(&body) else { return behind.call(Request::from_parts(parts, body.into())).await };
            let turn = live.call(&call.params.name, &call.params.arguments);
            let said = respond(call.id, &turn).unwrap_or_else(|| {
                let error = json!({"code": -32603, "message": "a recorded reply is no result"});
                json!({"jsonrpc": "2.0", "id": call.id, "error": error}).to_string().into_bytes()
            });
            Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], said).into_response())
        })
    }
}
