//! Live servers: start each, list all its tools, record both.

use std::path::PathBuf;
use std::sync::Arc;

use futures::StreamExt;
use rmcp::model::Tool;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::json::canonical;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::mcp::{Limits, LiveServer, ServerConfig, World};
use crate::progress;
use crate::text::sha256_hex;

/// How live servers are ingested.
#[derive(Debug, Clone)]
pub struct Options {
    /// Servers started at once.
    pub jobs: usize,
    /// How long things may take.
    pub limits: Limits,
    /// Folder with a folder of files for each server that wants some.
    pub fixtures: Option<PathBuf>,
}

/// A row of `server`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServerRow {
    /// Name in the config.
    pub server: String,
    /// `ok` or `failed`.
    pub status: String,
    /// Why it failed.
    pub reason: Option<String>,
    transport: String,
    launch: String,
    title: Option<String>,
    version: Option<String>,
    protocol_version: Option<String>,
    capabilities: Option<String>,
    instructions: Option<String>,
    /// Number of tools.
    pub tools: i64,
    /// What was odd but survivable.
    pub notes: Option<String>,
    startup_us: Option<i64>,
    seen_at: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ToolRow {
    server: String,
    tool: String,
    title: Option<String>,
    description: Option<String>,
    input_schema: String,
    output_schema: Option<String>,
    annotations: Option<String>,
    position: i64,
    tool_hash: String,
}

/// What an ingest brought in.
#[derive(Debug)]
pub struct Report {
    /// The snapshot it made.
    pub snapshot: Snapshot,
    /// Each server asked for, in the config's order.
    pub servers: Vec<ServerRow>,
}

/// Starts each of `servers`, records it and its tools, and commits. A server that fails is recorded
/// with its reason; what an earlier ingest knew of its tools is kept.
pub async fn ingest(lake: &Lake, servers: &[ServerConfig], options: &Options) -> Result<Report> {
    let bar = progress::bar("ingest", servers.len());
    let seen: Vec<(ServerRow, Vec<ToolRow>)> = futures::stream::iter(servers)
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
    let (rows, tools): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    let snapshot = commit(lake, &rows, tools.into_iter().flatten().collect())?;
    Ok(Report { snapshot, servers: rows })
}

fn commit(lake: &Lake, rows: &[ServerRow], tools: Vec<ToolRow>) -> Result<Snapshot> {
    let session = lake.session()?;
    let mut all_servers: Vec<ServerRow> = session.table("server")?;
    let mut all_tools: Vec<ToolRow> = session.table("tool")?;
    all_servers.retain(|old| !rows.iter().any(|new| new.server == old.server));
    all_tools.retain(|old| !rows.iter().any(|new| new.server == old.server && new.status == "ok"));
    all_servers.extend_from_slice(rows);
    all_tools.extend(tools);
    session.put("server", &all_servers)?;
    session.put("tool", &all_tools)?;
    let names: Vec<_> = rows.iter().map(|r| r.server.as_str()).collect();
    let lineage = Lineage::of(&session, "ingest mcp", &[], json!({"servers": names}), None);
    lake.commit(&session, lineage, &[Output::replace("server"), Output::replace("tool")])
}

async fn look_at(config: &ServerConfig, options: &Options) -> (ServerRow, Vec<ToolRow>) {
    let mut row = ServerRow {
        server: config.name.clone(),
        status: "failed".into(),
        reason: None,
        transport: config.transport().into(),
        launch: config.public().to_string(),
        title: None,
        version: None,
        protocol_version: None,
        capabilities: None,
        instructions: None,
        tools: 0,
        notes: None,
        startup_us: None,
        seen_at: chrono::Utc::now().naive_utc().to_string(),
    };
    match list(config, options).await {
        Ok((server, tools, notes)) => {
            let told = server.introduction();
            let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            row.status = "ok".into();
            row.title = text("/serverInfo/title").or_else(|| text("/serverInfo/name"));
            row.version = text("/serverInfo/version");
            row.protocol_version = text("/protocolVersion");
            row.capabilities = told.get("capabilities").map(canonical);
            row.instructions = text("/instructions");
            row.tools = tools.len() as i64;
            row.notes = (!notes.is_empty()).then(|| notes.join("; "));
            row.startup_us = Some(server.startup.as_micros() as i64);
            let tools = tools.iter().enumerate().map(|(position, tool)| tool_row(&config.name, position, tool)).collect();
            server.stop().await;
            (row, tools)
        }
        Err(error) => {
            row.reason = Some(match error {
                Error::Server { reason, .. } => reason,
                other => other.to_string(),
            });
            (row, Vec::new())
        }
    }
}

async fn list(config: &ServerConfig, options: &Options) -> Result<(LiveServer, Vec<Tool>, Vec<String>)> {
    let world = Arc::new(World::new(options.fixtures.as_deref())?);
    let server = LiveServer::start(config, &world, options.limits).await?;
    let (tools, notes) = server.list_tools().await?;
    Ok((server, tools, notes))
}

fn tool_row(server: &str, position: usize, tool: &Tool) -> ToolRow {
    // The order of members is kept as sent: it is the order in which a person reads the parameters.
    let input_schema = json!(tool.input_schema).to_string();
    let output_schema = tool.output_schema.as_ref().map(|s| json!(s).to_string());
    let whole = json!({"name": tool.name, "description": tool.description, "input": tool.input_schema, "output": tool.output_schema});
    ToolRow {
        server: server.into(),
        tool: tool.name.to_string(),
        title: tool.title.clone(),
        description: tool.description.as_ref().map(ToString::to_string),
        input_schema,
        output_schema,
        annotations: tool.annotations.as_ref().map(|a| canonical(&json!(a))),
        position: position as i64,
        tool_hash: sha256_hex(canonical(&whole).as_bytes()),
    }
}
