//! One MCP session over the simulator, whatever the transport.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation, ListToolsResult, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, Value, json};

use crate::reward::grade_by;
use crate::serve::Offer;
use crate::simulator::{Session, SimCall};

/// Tool with which an agent hands in its answer.
pub const SUBMIT: &str = "submit_answer";

/// Where the calls of ended sessions are collected, to be committed when serving ends.
pub type Log = Arc<Mutex<Vec<SimCall>>>;

/// One session's MCP handler.
pub struct Door {
    offer: Offer,
    session: Mutex<Session>,
    log: Log,
}

impl Door {
    /// A fresh session called `id`.
    pub fn new(offer: Offer, id: String, log: Log) -> Door {
        let task_id = offer.task.as_ref().map(|t| t.task_id.clone());
        let session = Mutex::new(Session::new(id, task_id, offer.world.clone()));
        Door { offer, session, log }
    }

    /// Tools are named `server__tool`, because names collide across servers.
    fn find(&self, name: &str) -> Option<&(String, String)> {
        self.offer.tools.iter().find(|(server, tool)| name == format!("{server}__{tool}"))
    }

    fn tools(&self) -> Vec<Tool> {
        let known = self.offer.tools.iter().filter_map(|(server, tool)| self.offer.world.tool(server, tool));
        let mut tools: Vec<Tool> = known
            .map(|t| {
                let schema = t.input_schema.as_object().cloned().unwrap_or_default();
                Tool::new(format!("{}__{}", t.server, t.tool), t.description.clone().unwrap_or_default(), Arc::new(schema))
            })
            .collect();
        if let Some(task) = &self.offer.task {
            let schema = json!({"type": "object", "properties": {"answer": task.answer_schema}, "required": ["answer"]});
            let about = "Hands in the final answer to the task and returns its reward, 1 or 0.";
            tools.push(Tool::new(SUBMIT, about, Arc::new(schema.as_object().cloned().unwrap_or_default())));
        }
        tools
    }

    fn submit(&self, arguments: &Map<String, Value>) -> Option<Value> {
        let task = self.offer.task.as_ref()?;
        let answer = arguments.get("answer").unwrap_or(&Value::Null);
        let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        let grade = grade_by(&text, &task.answer, &task.answer_schema);
        // Which field is wrong is not said: an agent could try each in turn.
        let result = json!({"reward": grade.reward()});
        Some(json!({"content": [{"type": "text", "text": result.to_string()}], "structuredContent": result}))
    }

    fn answer(&self, name: &str, arguments: &Map<String, Value>) -> Value {
        if name == SUBMIT
            && let Some(reply) = self.submit(arguments)
        {
            return reply;
        }
        let (server, tool) = self.find(name).cloned().unwrap_or_default();
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let tool = if tool.is_empty() { name.to_owned() } else { tool };
        let answer = session.call(&server, &tool, arguments);
        let mut reply = answer.reply;
        let mut about = json!({"firefly/verdict": answer.verdict.name()});
        if let Some((episode, call)) = &answer.matched {
            about["firefly/distance"] = json!(0.0);
            about["firefly/matched"] = json!({"episode_id": episode, "call_index": call});
        }
        if let Some(members) = reply.as_object_mut() {
            members.insert("_meta".into(), about);
        }
        reply
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let session = self.session.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).append(&mut session.take_log());
    }
}

impl ServerHandler for Door {
    fn get_info(&self) -> ServerConfig {
        let instructions = match &self.offer.task {
            Some(task) => format!("{}\n\nHand in the answer with the tool `{SUBMIT}`.", task.question),
            None => "Recorded MCP servers, replayed offline. Each reply says in `_meta` how it came about.".to_owned(),
        };
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("firefly", env!("CARGO_PKG_VERSION")))
            .with_instructions(instructions)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools()))
    }

    async fn call_tool(&self, request: CallToolRequestParams, _context: RequestContext<RoleServer>) -> Result<CallToolResponse, ErrorData> {
        let reply = self.answer(&request.name, &request.arguments.unwrap_or_default());
        let result: CallToolResult =
            serde_json::from_value(reply).map_err(|e| ErrorData::internal_error(format!("a recorded reply is no result: {e}"), None))?;
        Ok(CallToolResponse::Complete(result))
    }
}
