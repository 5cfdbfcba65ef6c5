//! MCP-Atlas: tasks with claims and the trajectory that was recorded for each.

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::messages::{self, Message};
use crate::intake::{BenchmarkTask, Found, Place, Source, Trace};
use crate::python;

/// The benchmark's CSV (github.com/scaleapi/mcp-atlas, Hugging Face ScaleAI/MCP-Atlas): `TASK`, `ENABLED_TOOLS`, `PROMPT`,
/// `GTFA_CLAIMS`, `TRAJECTORY`.
pub struct McpAtlas;

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
struct Row {
    task: String,
    #[serde(default)]
    enabled_tools: Option<String>,
    prompt: String,
    #[serde(default)]
    trajectory: Option<String>,
    #[serde(default)]
    gtfa_claims: Option<String>,
}

/// A list given as JSON or as Python prints it.
fn list(name: &str, text: Option<&str>) -> Result<Option<Value>, String> {
    let given = text.map(str::trim).filter(|t| !t.is_empty());
    given.map(|text| python::json_or_literal(text).filter(Value::is_array).ok_or_else(|| format!("{name} is no list"))).transpose()
}

impl Source for McpAtlas {
    fn name(&self) -> &'static str {
        "mcp-atlas"
    }

    fn about(&self) -> &'static str {
        "MCP-Atlas tasks with their trajectories (CSV or Parquet)"
    }

    fn label(&self) -> &'static str {
        "mcp-atlas"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        ["TASK", "PROMPT"].iter().all(|name| record.get(*name).is_some_and(Value::is_string)) && record.get("ENABLED_TOOLS").is_some()
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let row: Row = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let claims = list("GTFA_CLAIMS", row.gtfa_claims.as_deref())?;
        let tools = list("ENABLED_TOOLS", row.enabled_tools.as_deref())?;
        if let Some(text) = row.trajectory.as_deref().filter(|t| !t.trim().is_empty()) {
            let recorded: Vec<Message<'_>> = serde_json::from_str(text).map_err(|e| format!("TRAJECTORY: {e}"))?;
            // Names are server_tool, and no server has an underscore in its name.
            let split = |name: std::borrow::Cow<'_, str>| match name.split_once('_') {
                Some((server, tool)) => (server.to_owned().into(), tool.to_owned().into()),
                None => ("mcp-atlas".into(), name.into_owned().into()),
            };
            let trace = messages::read(recorded, &split, &mut found.odd).into_owned();
            found.traces.push(Trace { key: row.task.clone(), question: Some(row.prompt.clone()), told: row.prompt.clone(), ..trace });
        }
        found.tasks.push(BenchmarkTask {
            benchmark: "MCP-Atlas",
            task_id: row.task,
            question: row.prompt,
            answer: claims,
            tools,
            ..BenchmarkTask::default()
        });
        Ok(())
    }
}
