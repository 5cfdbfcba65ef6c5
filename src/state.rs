//! State keys: the hash of the state-changing calls a server has had since it was fresh.

use serde_json::{Map, Value, json};

use crate::json::canonical;
use crate::text::short_id;

/// The state of one server in one episode or session; empty while it is fresh.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct StateKey(String);

impl StateKey {
    /// The state after one more state-changing call.
    pub fn advance(&mut self, tool: &str, arguments: &Map<String, Value>) {
        self.0 = short_id(&[&self.0, tool, &canonical(&json!(arguments))]);
    }

    /// A key as it was recorded.
    pub fn recorded(text: &str) -> StateKey {
        StateKey(text.to_owned())
    }
}

impl std::fmt::Display for StateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
