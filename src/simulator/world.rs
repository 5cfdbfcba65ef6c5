//! The recorded calls of a snapshot, indexed for replay.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::json::{members, parse};
use crate::lake;
use crate::schema_walk::INFERRED;
use crate::simulator::key::canonical_arguments;
use crate::sql;
use crate::state::takes_path;

/// A tool as the simulator offers it.
#[derive(Debug)]
pub struct SimTool {
    /// Its server.
    pub server: String,
    /// Its name there.
    pub tool: String,
    /// Title, where it has one.
    pub title: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub input_schema: Value,
    /// Whether its calls leave the state as it is.
    pub reads: bool,
    /// Whether it takes a path, so that its replies depend on what other servers wrote.
    pub takes_path: bool,
    // Made when first asked: a catalogue has thousands of tools, and few of them are called.
    validator: OnceLock<Option<jsonschema::Validator>>,
}

/// A recorded call that can answer.
#[derive(Debug)]
pub struct Recorded {
    /// Its episode.
    pub episode_id: String,
    /// Its index there.
    pub call_index: i64,
    /// Its arguments as recorded.
    pub arguments: Map<String, Value>,
    /// Their canonical JSON.
    pub arguments_text: String,
    /// The CallToolResult.
    pub reply: Value,
}

/// All recorded calls of a snapshot.
#[derive(Debug, Default)]
pub struct RecordedWorld {
    tools: BTreeMap<(String, String), SimTool>,
    calls: HashMap<Key, Recorded>,
}

/// Server, tool, canonical arguments, state.
type Key = (String, String, String, String);

#[derive(Deserialize)]
struct ToolRow {
    server: String,
    tool: String,
    title: Option<String>,
    description: Option<String>,
    input_schema: String,
    reads: bool,
}

#[derive(Deserialize)]
struct CallRow {
    episode_id: String,
    call_index: i64,
    server: String,
    tool: String,
    arguments: String,
    state_key: String,
    reply: Option<String>,
    error_text: Option<String>,
}

impl RecordedWorld {
    /// Reads the recorded calls of the session's snapshot.
    pub fn load(session: &lake::Session) -> Result<RecordedWorld> {
        let mut world = RecordedWorld::default();
        for row in session.rows::<ToolRow>(sql::get("stages/sim_tool.sql"))? {
            let input_schema = parse(&row.input_schema);
            let tool = SimTool {
                validator: OnceLock::new(),
                server: row.server.clone(),
                tool: row.tool.clone(),
                title: row.title,
                description: row.description,
                takes_path: takes_path(&input_schema),
                input_schema,
                reads: row.reads,
            };
            world.tools.insert((row.server, row.tool), tool);
        }
        for row in session.rows::<CallRow>(sql::get("stages/recorded_call.sql"))? {
            let Some(tool) = world.tools.get(&(row.server.clone(), row.tool.clone())) else { continue };
            let arguments = members(&parse(&row.arguments));
            let key = (row.server, row.tool, canonical_arguments(&tool.input_schema, &arguments), row.state_key);
            let reply = row.reply.as_deref().map_or_else(|| error_reply(row.error_text.as_deref().unwrap_or("error")), parse);
            let recorded =
                Recorded { episode_id: row.episode_id, call_index: row.call_index, arguments, arguments_text: row.arguments, reply };
            // The first take answers: rows come with first takes before repeats.
            world.calls.entry(key).or_insert(recorded);
        }
        Ok(world)
    }

    /// The tool called `tool` of `server`.
    pub fn tool(&self, server: &str, tool: &str) -> Option<&SimTool> {
        self.tools.get(&(server.to_owned(), tool.to_owned()))
    }

    /// All tools, sorted by server and name.
    pub fn tools(&self) -> impl Iterator<Item = &SimTool> {
        self.tools.values()
    }

    /// The recorded call with the same arguments in the same state.
    pub fn find(&self, tool: &SimTool, arguments: &Map<String, Value>, state: &str) -> Option<&Recorded> {
        let canonical = canonical_arguments(&tool.input_schema, arguments);
        self.calls.get(&(tool.server.clone(), tool.tool.clone(), canonical, state.to_owned()))
    }
}

impl SimTool {
    /// Why `arguments` break the input schema, if they do.
    pub fn complaint(&self, arguments: &Map<String, Value>) -> Option<String> {
        let arguments = Value::Object(arguments.clone());
        // What was seen of a tool is not all that it allows.
        let known = self.input_schema["$comment"] != INFERRED;
        let validator = self.validator.get_or_init(|| known.then(|| jsonschema::validator_for(&self.input_schema).ok()).flatten());
        let errors: Vec<String> =
            validator.as_ref()?.iter_errors(&arguments).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
        (!errors.is_empty()).then(|| errors.join("; "))
    }
}

/// A CallToolResult that is an error.
pub fn error_reply(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}], "isError": true})
}
