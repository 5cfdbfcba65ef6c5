//! Toucan-1.5M: trajectories with their conversation as JSON inside a column.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::ingest::messages::{self, Message};
use crate::ingest::tools_list;
use crate::intake::{Found, Place, Source, Trace};

/// A row of the data set (Hugging Face Agent-Ark/Toucan-1.5M): `uuid`, `messages`, `question`, `available_tools` or `tools`,
/// `target_tools`.
pub struct ToucanRows;

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    uuid: Option<String>,
    messages: String,
    #[serde(default)]
    question: Option<String>,
    #[serde(default)]
    available_tools: Option<String>,
    #[serde(default)]
    tools: Option<Value>,
    #[serde(default)]
    target_tools: Option<String>,
}

impl Source for ToucanRows {
    fn name(&self) -> &'static str {
        "toucan-rows"
    }

    fn about(&self) -> &'static str {
        "rows of Toucan-1.5M (Parquet or JSONL)"
    }

    fn label(&self) -> &'static str {
        "Toucan-1.5M"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let inside = record.get("messages").and_then(Value::as_str).is_some_and(|text| text.trim_start().starts_with('['));
        inside && ["available_tools", "tools", "target_tools", "subset_name"].iter().any(|name| record.get(*name).is_some())
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let row: Row = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let recorded: Vec<Message<'_>> = serde_json::from_str(&row.messages).map_err(|e| format!("messages: {e}"))?;
        let offered: Vec<String> = row
            .available_tools
            .as_deref()
            .or(row.tools.as_ref().and_then(Value::as_str))
            .and_then(|text| serde_json::from_str::<Vec<Value>>(text).ok())
            .map(|tools| tools.iter().filter_map(tools_list::tool).map(|t| t.name).collect())
            .unwrap_or_default();
        let wanted: Vec<&str> =
            row.target_tools.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|t| !t.is_empty()).collect();
        let split = |name: Cow<'_, str>| {
            let (server, tool) = split_name(&name, &wanted, &offered);
            (server.to_owned().into(), tool.to_owned().into())
        };
        let trace = messages::read(recorded, &split, &mut found.odd).into_owned();
        let question = row.question.or(trace.question);
        found.traces.push(Trace { key: row.uuid.unwrap_or_default(), question, ..trace });
        Ok(())
    }
}

/// A name is `server-tool`, and both have dashes. The tool is told by the row's own list of tool names, else by the part
/// that all tools of the row share, else by the last dash.
fn split_name<'n>(name: &'n str, wanted: &[&str], offered: &[String]) -> (&'n str, &'n str) {
    let cut = |at: usize| (name[..at].trim_end_matches('-'), &name[at..]);
    let named = wanted.iter().filter(|tool| name.len() > tool.len() + 1 && name.ends_with(**tool)).max_by_key(|tool| tool.len());
    if let Some(at) = named.map(|tool| name.len() - tool.len()).filter(|at| name[..*at].ends_with('-')) {
        return cut(at);
    }
    let server = wanted.iter().find_map(|tool| {
        let whole = offered.iter().find(|o| o.len() > tool.len() + 1 && o.ends_with(*tool))?;
        let server = &whole[..whole.len() - tool.len()];
        name.starts_with(server).then_some(server.len())
    });
    match server.or_else(|| name.rfind('-').map(|at| at + 1)) {
        Some(at) if at < name.len() => cut(at),
        _ => ("toucan", name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_where_the_row_says() {
        let offered = ["met-museum-server-list-departments".to_owned(), "met-museum-server-search-museum-objects".to_owned()];
        let split = |name| split_name(name, &["list-departments"], &offered);
        assert_eq!(split("met-museum-server-list-departments"), ("met-museum-server", "list-departments"));
        assert_eq!(split("met-museum-server-search-museum-objects"), ("met-museum-server", "search-museum-objects"));
        assert_eq!(split_name("exa-search-web_search_exa", &[], &[]), ("exa-search", "web_search_exa"));
        assert_eq!(split_name("alone", &[], &[]), ("toucan", "alone"));
    }
}
