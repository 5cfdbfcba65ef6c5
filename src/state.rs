//! State keys: the hash of the state-changing calls that could have touched what a call reads.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::json::canonical;
use crate::names;
use crate::text::short_id;

/// The state of all servers of one episode or session. A call depends on the writes to its own server; one that takes a path depends
/// on all writes, since servers share files. What failed is taken to have changed nothing: of 902 successes that were made again on
/// fresh servers without the failed writes before them, 4 failed; of 897 with none before them, 1.
#[derive(Debug, Clone, Default)]
pub struct States {
    servers: BTreeMap<String, String>,
    world: String,
}

impl States {
    /// Key of the state that a call of `server` meets; empty while nothing was written.
    pub fn key(&self, server: &str, takes_path: bool) -> &str {
        if takes_path { &self.world } else { self.servers.get(server).map_or("", String::as_str) }
    }

    /// The state after one more state-changing call.
    pub fn advance(&mut self, server: &str, tool: &str, arguments: &Map<String, Value>) {
        self.advance_by(server, tool, &canonical(&json!(arguments)));
    }

    /// The same, with the arguments in canonical JSON.
    pub fn advance_by(&mut self, server: &str, tool: &str, call: &str) {
        let own = self.servers.entry(server.to_owned()).or_default();
        *own = short_id(&[own, tool, call]);
        self.world = short_id(&[&self.world, server, tool, call]);
    }
}

/// Whether a tool with this input schema takes a path to a file or folder.
pub fn takes_path(input_schema: &Value) -> bool {
    input_schema.get("properties").and_then(Value::as_object).is_some_and(|p| p.keys().any(|name| is_path(name)))
}

/// Whether a parameter with this name takes a path.
pub fn is_path(name: &str) -> bool {
    let meant = ["path", "file", "folder", "repo", "document", "workbook"];
    names::words(name).iter().any(|w| meant.contains(&w.as_str()))
}
