//! MCP: one handler a connection, over the session that the connection, or the request, belongs to.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Extensions, Implementation, InitializeRequestParams,
    InitializeResult, ListToolsResult, MetaObject, PaginatedRequestParams, ResultType, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use crate::serve::guard::{Peer, query};
use crate::serve::hub::{Hub, Live, Refused};
use crate::serve::short::Open;
use crate::serve::task::ServedTask;
use crate::serve::tools::SUBMIT;

/// Header, and member of a URL's query, that names the session a request belongs to.
pub const SESSION: &str = "firefly-session";

/// One connection's MCP handler. Its session is opened with the first request that needs one: HTTP makes handlers that never
/// see any.
pub struct Door {
    hub: Arc<Hub>,
    own: Mutex<Option<Arc<Live>>>,
    short: Option<Arc<Open>>,
}

impl Door {
    /// A handler without a session yet.
    pub fn new(hub: Arc<Hub>) -> Door {
        Door { hub, own: Mutex::default(), short: None }
    }

    /// The same handler; calls of its session may take the short way from its first request on.
    pub fn with_short_way(self, open: Arc<Open>) -> Door {
        Door { short: Some(open), ..self }
    }

    fn session(&self, extensions: &Extensions) -> Result<Arc<Live>, ErrorData> {
        let live = self.find(extensions).map_err(|refused| ErrorData::invalid_request(refused.to_string(), None))?;
        if let (Some(open), Some(parts)) = (&self.short, extensions.get::<http::request::Parts>()) {
            open.seen(&parts.headers, &parts.uri, &live);
        }
        Ok(live)
    }

    fn find(&self, extensions: &Extensions) -> Result<Arc<Live>, Refused> {
        let parts = extensions.get::<http::request::Parts>();
        if let Some(parts) = parts {
            let header = parts.headers.get(SESSION).and_then(|v| v.to_str().ok());
            let named = header.map(str::to_owned).or_else(|| query(&parts.uri, "session"));
            if let Some(name) = named {
                // A name given by whoever seeded the session must be known; one in the URL makes a session of its own.
                return if header.is_some() { self.hub.find(&name) } else { self.open(&format!("url {name}"), parts) };
            }
            // Protocol 2026-07-28 has no sessions: requests on one connection belong together.
            if !parts.headers.contains_key("mcp-session-id")
                && let Some(Peer(peer)) = parts.extensions.get::<Peer>()
            {
                return self.open(&format!("peer {peer}"), parts);
            }
        }
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = own.as_ref() {
            return Ok(live.clone());
        }
        let live = self.hub.open(self.task(parts)?)?;
        *own = Some(live.clone());
        Ok(live)
    }

    fn open(&self, name: &str, parts: &http::request::Parts) -> Result<Arc<Live>, Refused> {
        match self.hub.find(name) {
            Ok(live) => Ok(live),
            Err(_) => self.hub.open_named(name, self.task(Some(parts))?),
        }
    }

    fn task(&self, parts: Option<&http::request::Parts>) -> Result<Option<Arc<ServedTask>>, Refused> {
        self.hub.task(parts.and_then(|parts| query(&parts.uri, "task")).as_deref())
    }
}

fn told(task: &ServedTask) -> String {
    format!("{}\n\nHand in the answer with the tool `{SUBMIT}`.", task.question)
}

impl ServerHandler for Door {
    fn get_info(&self) -> ServerConfig {
        let instructions = match &self.hub.offer.task {
            Some(task) => told(task),
            None => "Recorded MCP servers, replayed offline. Each reply says in `_meta` how it came about.".to_owned(),
        };
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("firefly", env!("CARGO_PKG_VERSION")))
            .with_instructions(instructions)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        let mut result = self.negotiate_initialize(&request)?;
        context.peer.set_peer_info(request);
        // The URL may name another task than the one that is served.
        if let Ok(Some(task)) = self.task(context.extensions.get::<http::request::Parts>()) {
            result.instructions = Some(told(&task));
        }
        Ok(result)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let live = self.session(&context.extensions)?;
        Ok(ListToolsResult::with_all_items(live.tools.mcp.to_vec()))
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let live = self.session(&context.extensions)?;
        let turn = live.call(&request.name, &request.arguments.unwrap_or_default());
        let broken = |e: serde_json::Error| ErrorData::internal_error(format!("a recorded reply is no result: {e}"), None);
        let mut result: CallToolResult = match &turn {
            crate::serve::hub::Turn::Answered(answer) => serde_json::from_str(answer.text()).map_err(broken)?,
            submitted => serde_json::from_value(submitted.reply()).map_err(broken)?,
        };
        // Protocol 2026-07-28 wants it said; older peers do not get to see it.
        result.result_type = Some(ResultType::COMPLETE);
        let meta = turn.meta();
        result.meta = (!meta.is_empty()).then_some(MetaObject(meta));
        Ok(CallToolResponse::Complete(result))
    }
}
