//! Catalogues with a row a tool: `server`, `tool`, `description`, `inputSchema`.

use serde::Deserialize;
use serde_json::Value;

use crate::intake::{Found, FoundTool, Place, Source};

/// One tool a line, with its server's name.
pub struct ToolRows;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    server: String,
    tool: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default, alias = "input_schema")]
    input_schema: Option<Value>,
    #[serde(default, alias = "output_schema")]
    output_schema: Option<Value>,
    #[serde(default)]
    annotations: Option<Value>,
}

impl Source for ToolRows {
    fn name(&self) -> &'static str {
        "tool-rows"
    }

    fn about(&self) -> &'static str {
        "catalogues with a row a tool: server, tool, description, inputSchema"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let text = |name: &str| record.get(name).is_some_and(Value::is_string);
        text("server") && text("tool") && ["inputSchema", "input_schema"].iter().any(|n| record.get(*n).is_some())
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let row: Row = serde_json::from_str(record).map_err(|e| e.to_string())?;
        // Tables without types have it as a text.
        let read = |schema: Value| schema.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(schema);
        let schema = row.input_schema.map(read).filter(Value::is_object);
        let tool = FoundTool {
            name: row.tool,
            title: None,
            description: row.description,
            input_schema: schema,
            output_schema: row.output_schema.filter(Value::is_object),
            annotations: row.annotations,
        };
        let server = found.server(row.server);
        // The title of its first row is its title.
        if server.tools.is_empty() {
            server.title = row.title;
        }
        server.tools.push(tool);
        Ok(())
    }

    /// A server's tools stand together.
    fn continues(&self, record: &str, next: &str) -> bool {
        #[derive(Deserialize)]
        struct Server<'a> {
            #[serde(borrow)]
            server: std::borrow::Cow<'a, str>,
        }
        let server = |text| serde_json::from_str::<Server<'_>>(text).ok().map(|row| row.server.into_owned());
        server(record).is_some_and(|own| server(next).is_some_and(|other| own == other))
    }
}
