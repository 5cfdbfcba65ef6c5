//! Toucan's server files: what Smithery published of a server, and what it listed when asked.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::ingest::tools_list;
use crate::intake::{Found, FoundServer, FoundTool, Place, Source};

/// One JSON file a server, in a folder or a tarball (github.com/TheAgentArk/Toucan, `mcp_servers/`).
pub struct ToucanServer;

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    #[serde(default)]
    server_name: Option<String>,
    #[serde(default)]
    remote_server_response: Option<Response>,
    server_info_crawled: Crawled,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    tools: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Crawled {
    #[serde(default)]
    homepage: Option<String>,
    #[serde(default)]
    file_path: Option<String>,
    #[serde(default)]
    overview: Option<String>,
    #[serde(default)]
    tools: Vec<Value>,
}

/// Where Smithery shows a server; its qualified name follows.
const PAGE: &str = "https://smithery.ai/server/";

impl Source for ToucanServer {
    fn name(&self) -> &'static str {
        "toucan-servers"
    }

    fn about(&self) -> &'static str {
        "Toucan's per-server files, also in their tarball"
    }

    fn label(&self) -> &'static str {
        "Toucan"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        record.pointer("/metadata/server_info_crawled").is_some_and(Value::is_object)
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let File { metadata } = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let page = metadata.server_info_crawled;
        let qualified = page.homepage.as_deref().and_then(|home| home.strip_prefix(PAGE)).map(str::to_owned);
        let file = page.file_path.as_deref().and_then(|path| path.rsplit('/').next()).map(|f| f.trim_end_matches(".json").to_owned());
        let name = qualified.or(file).or_else(|| metadata.server_name.clone()).ok_or("a server without a name")?;
        // What the server itself listed is better than what its page shows.
        let listed = metadata.remote_server_response.and_then(|r| r.tools).filter(|tools| !tools.is_empty());
        let tools = listed.unwrap_or(page.tools).iter().map(|t| tool(t).ok_or("a tool without a name")).collect::<Result<_, _>>()?;
        found.servers.push(FoundServer { name, title: metadata.server_name, instructions: page.overview, tools, ..FoundServer::default() });
        Ok(())
    }
}

/// A tool as listed, or as on the page, where parameters are a list of names and types.
fn tool(value: &Value) -> Option<FoundTool> {
    let mut tool = tools_list::tool(value)?;
    let params = value.get("parameters").and_then(Value::as_array).filter(|_| tool.input_schema.is_none());
    // A page without parameters says nothing: they may be none or unknown.
    if let Some(params) = params.filter(|p| !p.is_empty()) {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for param in params {
            let name = param.get("name").and_then(Value::as_str)?;
            let kind = param.get("type").and_then(Value::as_str);
            let known = kind.filter(|k| matches!(*k, "string" | "number" | "integer" | "boolean" | "array" | "object"));
            properties.insert(name.to_owned(), known.map_or_else(|| json!({}), |kind| json!({"type": kind})));
            if param.get("required") == Some(&Value::Bool(true)) {
                required.push(name);
            }
        }
        tool.input_schema = Some(json!({"type": "object", "properties": properties, "required": required}));
    }
    Some(tool)
}
