//! MCPMark: tasks, each a folder with `meta.json` and `description.md`.

use serde_json::Value;

use crate::intake::{BenchmarkTask, Found, Place, Source};

/// `tasks/SERVICE/SUITE/CATEGORY/TASK/meta.json` (github.com/eval-sys/mcpmark).
pub struct McpMark;

impl Source for McpMark {
    fn name(&self) -> &'static str {
        "mcpmark-tasks"
    }

    fn about(&self) -> &'static str {
        "MCPMark tasks (meta.json with description.md beside it)"
    }

    fn label(&self) -> &'static str {
        "mcpmark"
    }

    fn by_path(&self) -> bool {
        true
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        ["task_id", "category_id"].iter().all(|name| record.get(*name).is_some_and(Value::is_string))
            && record.get("mcp").is_some_and(Value::is_array)
    }

    fn read<'a>(&self, record: &'a str, place: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let record: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        let id = text("task_id").ok_or("a task without an id")?;
        let category = text("category_id").unwrap_or_default();
        let service = record.pointer("/mcp/0").and_then(Value::as_str).unwrap_or("mcpmark").to_owned();
        // The easy suite repeats names of the standard one.
        let suite = place.path.rsplit('/').nth(3).filter(|step| matches!(*step, "easy" | "standard")).map(str::to_owned);
        let question = match place.beside("description.md") {
            Some(text) => text,
            None => {
                found.odd.note("tasks without their description.md: the summary stands for it");
                text("description").ok_or("a task without a description")?
            }
        };
        let parts = [Some(service.clone()), suite.clone(), Some(category), Some(id)];
        found.tasks.push(BenchmarkTask {
            benchmark: "MCPMark",
            task_id: parts.into_iter().flatten().filter(|p| !p.is_empty()).collect::<Vec<_>>().join("/"),
            domain: Some(service),
            question: question.trim().to_owned(),
            tools: record.get("mcp").cloned(),
            split: suite,
            difficulty: text("difficulty"),
            ..BenchmarkTask::default()
        });
        Ok(())
    }
}
