//! Live servers: start each, list its tools, resources and prompts, record all of it.

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::intake::FoundTool;
use crate::intake::catalogue::{Catalogue, ServerRow};
use crate::json::canonical;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::mcp::{Limits, Listing, LiveServer, ServerConfig, World};
use crate::progress;
use crate::sql;

/// How live servers are ingested.
#[derive(Debug, Clone)]
pub struct Options {
    /// Servers started at once.
    pub jobs: usize,
    /// How long things may take.
    pub limits: Limits,
    /// Folder with a folder of files for each server that wants some.
    pub fixtures: Option<PathBuf>,
    /// Times a server is tried again; none for once where it is remote.
    pub retries: Option<usize>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ResourceRow {
    server: String,
    uri: String,
    template: bool,
    name: String,
    title: Option<String>,
    description: Option<String>,
    mime_type: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct PromptRow {
    server: String,
    prompt: String,
    title: Option<String>,
    description: Option<String>,
    arguments: Option<String>,
}

/// How a tool differs from when its server was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its server.
    pub server: String,
    /// The tool.
    pub tool: String,
    /// `added`, `gone`, `input schema`, `output schema` or `description`.
    pub change: String,
}

/// What an ingest brought in.
#[derive(Debug)]
pub struct Report {
    /// The snapshot it made.
    pub snapshot: Snapshot,
    /// Each server asked for, in the config's order.
    pub servers: Vec<ServerRow>,
    /// Resources and templates listed.
    pub resources: usize,
    /// Prompts listed.
    pub prompts: usize,
    /// Tools that are not as they were.
    pub changes: Vec<Change>,
}

/// Starts each of `servers`, records it and what it lists, and commits. A server that fails is recorded
/// with its reason; what an earlier ingest knew of its tools is kept.
pub async fn ingest(lake: &Lake, servers: &[ServerConfig], options: &Options) -> Result<Report> {
    let bar = progress::bar("ingest", servers.len());
    let seen: Vec<(ServerRow, Listing)> = futures::stream::iter(servers)
        .map(|config| async {
            let found = look_at(config, options).await;
            bar.inc(1);
            bar.set_message(config.name.clone());
            found
        })
        .buffered(options.jobs.max(1))
        .collect()
        .await;
    bar.finish_and_clear();
    commit(lake, seen)
}

fn commit(lake: &Lake, seen: Vec<(ServerRow, Listing)>) -> Result<Report> {
    let session = lake.session()?;
    let mut catalogue = Catalogue::load(&session)?;
    let mut resources: Vec<ResourceRow> = session.table("resource")?;
    let mut prompts: Vec<PromptRow> = session.table("prompt")?;
    let (mut servers, mut new_resources, mut new_prompts) = (Vec::new(), 0, 0);
    for (row, listing) in seen {
        if row.status == "ok" {
            resources.retain(|old| old.server != row.server);
            prompts.retain(|old| old.server != row.server);
        }
        let own = listing.resources.iter().filter_map(|r| resource(&row.server, r)).collect::<Vec<_>>();
        new_resources += own.len();
        resources.extend(own);
        let own = listing.prompts.iter().filter_map(|p| prompt(&row.server, p)).collect::<Vec<_>>();
        new_prompts += own.len();
        prompts.extend(own);
        servers.push(row.clone());
        catalogue.live(row, listing.tools.into_iter().map(FoundTool::from).collect());
    }
    resources.sort_by(|a, b| (&a.server, &a.uri).cmp(&(&b.server, &b.uri)));
    resources.dedup_by(|a, b| (&a.server, &a.uri) == (&b.server, &b.uri));
    prompts.sort_by(|a, b| (&a.server, &a.prompt).cmp(&(&b.server, &b.prompt)));
    prompts.dedup_by(|a, b| (&a.server, &a.prompt) == (&b.server, &b.prompt));
    session.put("resource", &resources)?;
    session.put("prompt", &prompts)?;
    let mut outputs = catalogue.put(&session)?;
    outputs.extend(["resource", "prompt"].map(Output::replace));
    let changes = session.rows(sql::get("stages/changed_tool.sql"))?;
    let names: Vec<_> = servers.iter().map(|r| r.server.as_str()).collect();
    let lineage = Lineage::of(&session, "ingest mcp", &[], json!({"servers": names}), None);
    let snapshot = lake.commit(&session, lineage, &outputs)?;
    Ok(Report { snapshot, servers, resources: new_resources, prompts: new_prompts, changes })
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn resource(server: &str, told: &Value) -> Option<ResourceRow> {
    let template = told.get("uri").is_none();
    let uri = text(told, "uri").or_else(|| text(told, "uriTemplate"))?;
    Some(ResourceRow {
        server: server.into(),
        name: text(told, "name").unwrap_or_else(|| uri.clone()),
        uri,
        template,
        title: text(told, "title"),
        description: text(told, "description"),
        mime_type: text(told, "mimeType"),
    })
}

fn prompt(server: &str, told: &Value) -> Option<PromptRow> {
    Some(PromptRow {
        server: server.into(),
        prompt: text(told, "name")?,
        title: text(told, "title"),
        description: text(told, "description"),
        arguments: told.get("arguments").map(canonical),
    })
}

async fn look_at(config: &ServerConfig, options: &Options) -> (ServerRow, Listing) {
    let mut row = ServerRow {
        server: config.name.clone(),
        status: "failed".into(),
        transport: config.transport().into(),
        launch: config.public().to_string(),
        seen_at: chrono::Utc::now().naive_utc().to_string(),
        ..ServerRow::default()
    };
    let remote = config.transport() == "http";
    let mut left = options.retries.unwrap_or(usize::from(remote));
    loop {
        match list(config, options).await {
            Ok((server, listing)) => {
                let told = server.introduction();
                let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
                row.status = "ok".into();
                row.title = text("/serverInfo/title").or_else(|| text("/serverInfo/name"));
                row.version = text("/serverInfo/version");
                row.protocol_version = text("/protocolVersion");
                row.capabilities = told.get("capabilities").map(canonical);
                row.instructions = text("/instructions");
                row.tools = listing.tools.len() as i64;
                row.notes = (!listing.notes.is_empty()).then(|| listing.notes.join("; "));
                row.startup_us = Some(server.startup.as_micros() as i64);
                server.stop().await;
                return (row, listing);
            }
            // What does not start at all does not start the second time.
            Err(Error::Server { reason, .. }) if left > 0 && !reason.starts_with("does not start") => left -= 1,
            Err(error) => {
                row.reason = Some(match error {
                    Error::Server { reason, .. } => reason,
                    other => other.to_string(),
                });
                return (row, Listing::default());
            }
        }
    }
}

async fn list(config: &ServerConfig, options: &Options) -> Result<(LiveServer, Listing)> {
    let world = Arc::new(World::new(options.fixtures.as_deref())?);
    let server = LiveServer::start(config, &world, options.limits).await?;
    let listing = server.list().await?;
    Ok((server, listing))
}

impl From<rmcp::model::Tool> for FoundTool {
    fn from(tool: rmcp::model::Tool) -> FoundTool {
        FoundTool {
            name: tool.name.to_string(),
            title: tool.title.clone(),
            description: tool.description.as_ref().map(ToString::to_string),
            input_schema: Some(json!(tool.input_schema)),
            output_schema: tool.output_schema.as_ref().map(|s| json!(s)),
            annotations: tool.annotations.as_ref().map(|a| json!(a)),
        }
    }
}
