//! TaskBench: tools with the links between them, to hold the tool graph beside.

use serde_json::{Map, Value, json};

use crate::intake::{Found, FoundTool, KnownLink, Place, Source};

/// `data_DOMAIN/graph_desc.json` (github.com/microsoft/JARVIS, `taskbench/`): `nodes` with types of input and output or
/// with parameters, and `links`.
pub struct TaskBench;

impl Source for TaskBench {
    fn name(&self) -> &'static str {
        "taskbench-graph"
    }

    fn about(&self) -> &'static str {
        "TaskBench tool graphs (graph_desc.json)"
    }

    fn label(&self) -> &'static str {
        "TaskBench"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let first = |name: &str| record.get(name).and_then(|list| list.get(0));
        first("nodes").is_some_and(|n| n.get("id").is_some() && n.get("desc").is_some())
            && first("links").is_some_and(|l| l.get("source").is_some() && l.get("target").is_some())
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let list = |name: &str| record.get(name).and_then(Value::as_array).cloned().ok_or(format!("no list of {name}"));
        let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let domain = place.parent().map(|folder| folder.trim_start_matches("data_")).filter(|d| !d.is_empty()).unwrap_or("tools");
        let name = format!("taskbench-{domain}");
        let tools = list("nodes")?.iter().map(|node| tool(node).ok_or("a node without an id")).collect::<Result<Vec<_>, _>>()?;
        found.server(name.clone()).tools.extend(tools);
        for link in list("links")? {
            let (Some(src), Some(dst)) = (text(&link, "source"), text(&link, "target")) else {
                return Err("a link without source and target".into());
            };
            found.links.push(KnownLink { server: name.clone(), src, dst, kind: text(&link, "type") });
        }
        Ok(())
    }
}

fn tool(node: &Value) -> Option<FoundTool> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    // Types of what goes in and out stand for names: a text, an image.
    let kinds = |name: &str| {
        let kinds = node.get(name).and_then(Value::as_array)?;
        let members: Map<String, Value> = kinds.iter().filter_map(|k| Some((k.as_str()?.to_owned(), json!({"type": "string"})))).collect();
        let required: Vec<&String> = members.keys().collect();
        Some(json!({"type": "object", "properties": &members, "required": required}))
    };
    let parameters = || {
        let listed = node.get("parameters").and_then(Value::as_array)?;
        let member = |p: &Value| {
            let kind = text(p, "type").filter(|k| matches!(k.as_str(), "number" | "integer" | "boolean")).unwrap_or("string".into());
            Some((text(p, "name")?, json!({"type": kind, "description": text(p, "desc").unwrap_or_default()})))
        };
        let members: Map<String, Value> = listed.iter().filter_map(member).collect();
        let required: Vec<&String> = members.keys().collect();
        Some(json!({"type": "object", "properties": &members, "required": required}))
    };
    Some(FoundTool {
        name: text(node, "id")?,
        description: text(node, "desc"),
        input_schema: kinds("input-type").or_else(parameters),
        output_schema: kinds("output-type"),
        ..FoundTool::default()
    })
}
