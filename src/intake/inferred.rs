//! What calls tell of tools that no catalogue describes: the arguments they were seen to take.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::schema_walk::INFERRED;

/// Most parameters kept of one tool: beyond, names are data.
const MAX_PARAMS: usize = 100;

type Params = BTreeMap<String, BTreeSet<String>>;

/// Arguments seen, by server and tool.
#[derive(Debug, Default, Clone)]
pub struct Inferred {
    tools: BTreeMap<String, BTreeMap<String, Params>>,
}

impl Inferred {
    /// Adds the members of one call's arguments.
    pub fn see(&mut self, server: &str, tool: &str, members: &[(String, &'static str)]) {
        let params = self.tools.entry(server.into()).or_default().entry(tool.into()).or_default();
        for (name, kind) in members {
            if params.len() < MAX_PARAMS || params.contains_key(name) {
                params.entry(name.clone()).or_default().insert((*kind).into());
            }
        }
    }

    /// Adds what another worker saw.
    pub fn merge(&mut self, other: Inferred) {
        for (server, tools) in other.tools {
            for (tool, params) in tools {
                let own = self.tools.entry(server.clone()).or_default().entry(tool).or_default();
                for (name, kinds) in params {
                    own.entry(name).or_default().extend(kinds);
                }
            }
        }
    }

    /// Server, tool and schema of each tool seen.
    pub fn schemas(&self) -> impl Iterator<Item = (&str, &str, Value)> {
        let tools = self.tools.iter().flat_map(|(server, tools)| tools.iter().map(move |(tool, params)| (server, tool, params)));
        tools.map(|(server, tool, params)| (server.as_str(), tool.as_str(), schema(params)))
    }
}

/// The schema `old`, which was inferred before, with what `new` adds. None where `old` was published.
pub fn widened(old: &Value, new: &Value) -> Option<Value> {
    if old.get("$comment").and_then(Value::as_str) != Some(INFERRED) {
        return None;
    }
    let mut params = params_of(old);
    for (name, kinds) in params_of(new) {
        params.entry(name).or_default().extend(kinds);
    }
    Some(schema(&params))
}

fn params_of(schema: &Value) -> Params {
    let properties = schema.get("properties").and_then(Value::as_object);
    let kinds = |property: &Value| match &property["type"] {
        Value::String(kind) => BTreeSet::from([kind.clone()]),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    };
    properties.into_iter().flatten().map(|(name, property)| (name.clone(), kinds(property))).collect()
}

fn schema(params: &Params) -> Value {
    let property = |kinds: &BTreeSet<String>| {
        // Whole numbers are numbers too.
        let mut kinds: Vec<_> = kinds.iter().filter(|k| *k != "integer" || !kinds.contains("number")).collect();
        kinds.sort();
        match kinds.as_slice() {
            [one] => json!({"type": one}),
            many => json!({"type": many}),
        }
    };
    let properties: Map<String, Value> = params.iter().map(|(name, kinds)| (name.clone(), property(kinds))).collect();
    json!({"type": "object", "$comment": INFERRED, "properties": properties})
}
