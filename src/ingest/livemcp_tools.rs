//! LiveMCPBench's catalogue: `tools.json`, with the tools of each server of each entry.

use serde_json::Value;

use crate::ingest::tools_list;
use crate::intake::{Found, FoundServer, Place, Source};

/// A list of entries with `config` and `tools` (github.com/icip-cas/LiveMCPBench, `tools/LiveMCPTool/tools.json`).
pub struct LiveMcpTools;

impl Source for LiveMcpTools {
    fn name(&self) -> &'static str {
        "livemcpbench-tools"
    }

    fn about(&self) -> &'static str {
        "LiveMCPBench tools.json"
    }

    fn label(&self) -> &'static str {
        "LiveMCPBench"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let servers = record.get("tools").and_then(Value::as_object);
        servers.is_some_and(|all| all.values().any(|s| s.get("tools").is_some_and(Value::is_array)))
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let servers = record.get("tools").and_then(Value::as_object).ok_or("an entry without `tools`")?;
        for (name, server) in servers {
            let listed = server.get("tools").and_then(Value::as_array).ok_or("a server without `tools`")?;
            found.servers.push(FoundServer {
                name: name.clone(),
                title: text(&record, "name"),
                version: text(server, "version"),
                launch: record.pointer("/config/mcpServers").and_then(|all| all.get(name)).map(without_values),
                instructions: text(&record, "description"),
                tools: listed.iter().map(|t| tools_list::tool(t).ok_or("a tool without a name")).collect::<Result<_, _>>()?,
            });
        }
        Ok(())
    }
}

/// A launch recipe without what its environment and headers hold.
fn without_values(recipe: &Value) -> Value {
    let mut recipe = recipe.clone();
    for secretive in ["env", "headers"] {
        if let Some(Value::Object(members)) = recipe.get_mut(secretive) {
            members.values_mut().for_each(|value| *value = Value::String("…".into()));
        }
    }
    crate::redact::value(&mut recipe);
    recipe
}
