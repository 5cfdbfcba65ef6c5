//! Tool definitions: what `tools/list` answers, and the arrays that are sent to OpenAI's and Anthropic's models.

use serde_json::Value;

use crate::intake::{Found, FoundTool, Place, Source};

/// `{"tools": [...]}`, a JSON-RPC answer with that as its result, or a list of definitions.
pub struct ToolsList;

/// A definition in any of the three forms; none for anything else.
pub fn tool(value: &Value) -> Option<FoundTool> {
    let value = value.get("function").filter(|f| f.is_object()).unwrap_or(value);
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let schema = |names: &[&str]| names.iter().find_map(|name| value.get(*name)).filter(|s| s.is_object()).cloned();
    Some(FoundTool {
        name: text("name").filter(|name| !name.is_empty())?,
        title: text("title"),
        description: text("description"),
        input_schema: schema(&["inputSchema", "input_schema", "parameters"]),
        output_schema: schema(&["outputSchema", "output_schema"]),
        annotations: schema(&["annotations"]),
    })
}

fn is_definition(value: &Value) -> bool {
    let described = |v: &Value| ["inputSchema", "input_schema", "parameters"].iter().any(|name| v.get(name).is_some_and(Value::is_object));
    let function = value.get("function");
    value.get("name").is_some_and(Value::is_string) && described(value)
        || function.is_some_and(|f| f.get("name").is_some_and(Value::is_string) && value.get("type").is_some())
}

fn list(record: &Value) -> Option<&Vec<Value>> {
    let list = record.get("tools").or_else(|| record.pointer("/result/tools")).and_then(Value::as_array)?;
    list.iter().take(3).any(is_definition).then_some(list).or_else(|| list.is_empty().then_some(list))
}

/// What a server is called that a file says nothing of: its file.
fn stem(place: &Place) -> String {
    let file = place.path.rsplit(['/', '!']).next().unwrap_or("tools");
    let stem = file.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("tools");
    let says_nothing = matches!(stem, "tools" | "tools_list" | "tools-list" | "list" | "index");
    place.parent().filter(|folder| says_nothing && !folder.is_empty()).unwrap_or(stem).to_owned()
}

impl Source for ToolsList {
    fn name(&self) -> &'static str {
        "tools"
    }

    fn about(&self) -> &'static str {
        "tool definitions: a tools/list answer, OpenAI or Anthropic tool arrays"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let alone = is_definition(record) && record.get("server").is_none() && record.get("messages").is_none();
        alone || (list(record).is_some() && record.get("messages").is_none())
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let named = ["server", "server_name"].iter().find_map(|n| record.get(*n)).and_then(Value::as_str).map(str::to_owned);
        let name =
            named.or_else(|| record.pointer("/serverInfo/name").and_then(Value::as_str).map(str::to_owned)).unwrap_or_else(|| stem(place));
        let tools = match list(&record) {
            Some(list) => list.iter().map(|t| tool(t).ok_or("a tool without a name")).collect::<Result<Vec<_>, _>>()?,
            None => vec![tool(&record).ok_or("a tool without a name")?],
        };
        // One definition a record: all of a file are one server's.
        found.server(name).tools.extend(tools);
        Ok(())
    }
}
