//! Rows of the small tables of an intake.

use serde::{Deserialize, Serialize};

use crate::intake::{BenchmarkTask, KnownLink};
use crate::json::canonical;
use crate::redact;

/// A row of `source`: a file that was read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct SourceRow {
    /// Hash of its bytes.
    pub source_id: String,
    /// Its path as it was given.
    pub path: String,
    /// Format it was read as.
    pub format: Option<String>,
    /// Collection its rows are said to come from.
    pub label: Option<String>,
    /// Size in bytes, as packed.
    pub bytes: i64,
    /// Records read.
    pub records: i64,
    /// Records rejected.
    pub rejected: i64,
    /// Everything counted, as JSON.
    pub counts: String,
    /// When.
    pub ingested_at: String,
}

/// A row of `rejected`.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct RejectedRow {
    /// Its source.
    pub source_id: String,
    /// File or entry.
    pub path: String,
    /// Place in it, from 1; 0 for all of it.
    pub position: i64,
    /// Why.
    pub reason: String,
}

/// A row of `known_link`.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct LinkRow {
    server: String,
    src_tool: String,
    dst_tool: String,
    kind: Option<String>,
    source: String,
}

impl LinkRow {
    /// The row of a link of the collection `label`.
    pub fn of(link: KnownLink, label: &str) -> LinkRow {
        LinkRow { server: link.server, src_tool: link.src, dst_tool: link.dst, kind: link.kind, source: label.into() }
    }

    /// What it is known by.
    pub fn key(self) -> (String, String, String) {
        (self.server, self.src_tool, self.dst_tool)
    }
}

/// A row of `benchmark_task`.
#[derive(Debug, Clone, Serialize, PartialEq)]
pub struct TaskRow {
    benchmark: String,
    task_id: String,
    domain: Option<String>,
    question: String,
    answer: Option<String>,
    gold_calls: Option<String>,
    tools: Option<String>,
    split: Option<String>,
    difficulty: Option<String>,
    source_id: String,
}

impl TaskRow {
    /// The row of a task found in `source_id`, and how many secrets were masked in it.
    pub fn of(mut task: BenchmarkTask, source_id: &str) -> (TaskRow, u64) {
        let mut masked = 0;
        if let Some((text, count)) = redact::text(&task.question) {
            task.question = text;
            masked += count;
        }
        for value in [&mut task.answer, &mut task.gold_calls].into_iter().flatten() {
            masked += redact::value(value);
        }
        let json = |value: Option<serde_json::Value>| value.as_ref().map(canonical);
        let row = TaskRow {
            benchmark: task.benchmark.into(),
            task_id: task.task_id,
            domain: task.domain,
            question: task.question,
            answer: json(task.answer),
            gold_calls: json(task.gold_calls),
            tools: json(task.tools),
            split: task.split,
            difficulty: task.difficulty,
            source_id: source_id.into(),
        };
        (row, masked)
    }

    /// What it is known by.
    pub fn key(&self) -> (String, String) {
        (self.benchmark.clone(), self.task_id.clone())
    }
}
