//! A tool as the simulator knows it.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::schema_walk::INFERRED;
use crate::simulator::complaint::{Complaint, Lessons, complaints};
use crate::simulator::key::{Form, write_completed};
use crate::simulator::nearest::Neighbours;
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
    /// How its arguments are completed.
    pub(super) form: Form,
    /// Its recorded calls, by their place in the world.
    pub(super) calls: Vec<u32>,
    // Made when first asked: a catalogue has thousands of tools, and few of them are called.
    validator: OnceLock<Option<jsonschema::Validator>>,
    pub(super) lessons: OnceLock<Lessons>,
    pub(super) neighbours: OnceLock<Neighbours>,
}

impl SimTool {
    /// A tool without calls.
    pub(super) fn new(
        server: String,
        tool: String,
        title: Option<String>,
        description: Option<String>,
        input_schema: Value,
        reads: bool,
    ) -> SimTool {
        SimTool {
            takes_path: takes_path(&input_schema),
            form: Form::of(&input_schema),
            calls: Vec::new(),
            validator: OnceLock::new(),
            lessons: OnceLock::new(),
            neighbours: OnceLock::new(),
            server,
            tool,
            title,
            description,
            input_schema,
            reads,
        }
    }

    /// Arguments completed, in canonical JSON.
    pub fn completed(&self, arguments: &Map<String, Value>) -> String {
        let mut out = Vec::new();
        write_completed(&self.form, arguments, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Whether any of its calls was recorded.
    pub fn is_recorded(&self) -> bool {
        !self.calls.is_empty()
    }

    /// What breaks the input schema in `arguments`: nothing where the schema only says what was seen.
    pub fn complaints(&self, arguments: &Map<String, Value>) -> Vec<Complaint> {
        let known = self.input_schema["$comment"] != INFERRED;
        let validator = self.validator.get_or_init(|| known.then(|| jsonschema::validator_for(&self.input_schema).ok()).flatten());
        let Some(validator) = validator else { return Vec::new() };
        complaints(validator, arguments)
    }
}
