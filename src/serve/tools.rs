//! The tools of a session, and what they are called at each door.

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::model::Tool;
use serde_json::{Map, Value, json};

pub use crate::reward::SUBMIT;
use crate::serve::task::ServedTask;
use crate::simulator::RecordedWorld;

/// What it says of itself.
const ABOUT: &str = "Hands in the final answer to the task and returns its reward, 1 or 0.";

/// How a door writes the names of tools. Names collide across servers, so that each holds its server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `server__tool`
    Plain,
    /// The same with nothing but letters, digits and `_`: a name in Python, as TRL binds tools.
    Identifier,
    /// `server_tool`, as in MCP-Atlas.
    Atlas,
}

impl Naming {
    /// The name of a tool.
    pub fn name(self, server: &str, tool: &str) -> String {
        match self {
            Naming::Plain => format!("{server}__{tool}"),
            Naming::Atlas => format!("{server}_{tool}"),
            Naming::Identifier => identifier(&format!("{server}__{tool}")),
        }
    }
}

/// A name that Python takes: letters, digits and `_`, and none of its keywords.
fn identifier(name: &str) -> String {
    const KEYWORDS: [&str; 35] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else",
        "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise",
        "return", "try", "while", "with", "yield",
    ];
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    match plain.chars().next() {
        Some(first) if first.is_ascii_digit() => format!("_{plain}"),
        None => "_".into(),
        // `self` is the tool's environment there.
        _ if plain == "self" || KEYWORDS.contains(&plain.as_str()) => format!("{plain}_"),
        _ => plain,
    }
}

/// A schema whose parameters have names that Python takes.
fn with_identifiers(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        *properties = std::mem::take(properties).into_iter().map(|(name, of)| (identifier(&name), of)).collect();
    }
    for name in schema.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(text) = name.as_str() {
            *name = identifier(text).into();
        }
    }
    schema
}

/// The tools of a session.
#[derive(Debug)]
pub struct Toolset {
    /// Server, tool, description and input schema of each.
    tools: Vec<Listed>,
    by_name: HashMap<String, usize>,
    /// As MCP lists them.
    pub mcp: Arc<Vec<Tool>>,
    submit: Option<Value>,
}

#[derive(Debug)]
struct Listed {
    server: String,
    tool: String,
    description: String,
    input_schema: Value,
}

impl Toolset {
    /// The tools called `names` (server and tool), and `submit_answer` where there is a task.
    pub fn new(world: &RecordedWorld, names: &[(String, String)], task: Option<&ServedTask>) -> Toolset {
        let known = names.iter().filter_map(|(server, tool)| world.tool(server, tool));
        let tools: Vec<Listed> = known
            .map(|t| Listed {
                server: t.server.clone(),
                tool: t.tool.clone(),
                description: t.description.clone().unwrap_or_default(),
                input_schema: if t.input_schema.is_object() { t.input_schema.clone() } else { json!({"type": "object"}) },
            })
            .collect();
        let mut by_name = HashMap::new();
        // A name that two tools have at another door means the first; a plain name always means its own tool.
        for naming in [Naming::Plain, Naming::Identifier, Naming::Atlas] {
            for (place, tool) in tools.iter().enumerate() {
                by_name.entry(naming.name(&tool.server, &tool.tool)).or_insert(place);
            }
        }
        let submit = task.map(|task| json!({"type": "object", "properties": {"answer": task.answer_schema}, "required": ["answer"]}));
        let as_mcp = |name: String, about: &str, schema: &Value| {
            Tool::new(name, about.to_owned(), Arc::new(schema.as_object().cloned().unwrap_or_default()))
        };
        let mut mcp: Vec<Tool> =
            tools.iter().map(|t| as_mcp(Naming::Plain.name(&t.server, &t.tool), &t.description, &t.input_schema)).collect();
        mcp.extend(submit.iter().map(|schema| as_mcp(SUBMIT.into(), ABOUT, schema)));
        Toolset { tools, by_name, mcp: Arc::new(mcp), submit }
    }

    /// Server and tool behind a name, whichever door's.
    pub fn find(&self, name: &str) -> Option<(&str, &str)> {
        self.by_name.get(name).map(|place| (self.tools[*place].server.as_str(), self.tools[*place].tool.as_str()))
    }

    /// Arguments of the tool behind a name, given under names that Python takes, under their own.
    pub fn own_arguments(&self, name: &str, given: &Map<String, Value>) -> Map<String, Value> {
        let properties = self.by_name.get(name).and_then(|place| self.tools[*place].input_schema["properties"].as_object());
        let own = |called: &str| {
            // What the tool itself calls so is that.
            let names = properties.filter(|names| !names.contains_key(called))?;
            names.keys().find(|own| !given.contains_key(*own) && identifier(own) == called).cloned()
        };
        given.iter().map(|(called, value)| (own(called).unwrap_or_else(|| called.clone()), value.clone())).collect()
    }

    /// Name, description and input schema of each tool, with the schema in the member called `schema`.
    pub fn list(&self, naming: Naming, schema: &str) -> Vec<Value> {
        let row = |name: &str, about: &str, of: &Value| {
            let renamed = (naming == Naming::Identifier).then(|| with_identifiers(of));
            json!({"name": name, "description": about, schema: renamed.as_ref().unwrap_or(of)})
        };
        let mut rows: Vec<Value> =
            self.tools.iter().map(|t| row(&naming.name(&t.server, &t.tool), &t.description, &t.input_schema)).collect();
        rows.extend(self.submit.iter().map(|of| row(SUBMIT, ABOUT, of)));
        rows
    }

    /// `submit_answer` for whatever task: an object.
    pub fn submit_any() -> Value {
        let schema =
            json!({"type": "object", "properties": {"answer": {"type": "object", "description": "The answer"}}, "required": ["answer"]});
        json!({"name": SUBMIT, "description": ABOUT, "input_schema": schema})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_get_names_that_python_takes() {
        assert_eq!(["from", "self", "a-b", "2d", "größe", "to"].map(identifier), ["from_", "self_", "a_b", "_2d", "gr__e", "to"]);
        let schema = json!({"type": "object", "properties": {"from": {"type": "integer"}, "to": {}}, "required": ["from"]});
        let named = json!({"type": "object", "properties": {"from_": {"type": "integer"}, "to": {}}, "required": ["from_"]});
        assert_eq!(with_identifiers(&schema), named);
        let tool = Listed { server: "s".into(), tool: "t".into(), description: String::new(), input_schema: schema };
        let set = Toolset { tools: vec![tool], by_name: HashMap::from([("s__t".into(), 0)]), mcp: Arc::default(), submit: None };
        let own = |given: Value| Value::Object(set.own_arguments("s__t", &crate::json::members(&given)));
        assert_eq!(own(json!({"from_": 2, "to": 10})), json!({"from": 2, "to": 10}));
        assert_eq!(own(json!({"from": 2, "from_": 3})), json!({"from": 2, "from_": 3}));
        let both = json!({"type": "object", "properties": {"a-b": {}, "a_b": {}}});
        let tool = Listed { server: "s".into(), tool: "t".into(), description: String::new(), input_schema: both };
        let set = Toolset { tools: vec![tool], by_name: HashMap::from([("s__t".into(), 0)]), mcp: Arc::default(), submit: None };
        let given = crate::json::members(&json!({"a_b": 1}));
        assert_eq!(set.own_arguments("s__t", &given), given);
    }
}
