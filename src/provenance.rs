//! Where a label comes from: each field of it can be read again from the results of the gold calls.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::derive;

/// Where an answer field is read from.
#[derive(Debug, Clone, Deserialize)]
pub struct Field {
    /// The task.
    pub task_id: String,
    /// Member of the answer.
    pub field: String,
    /// Call of the episode.
    pub call_index: i64,
    /// Pointer into its result.
    pub pointer: String,
    /// Expression over the value there.
    pub expression: Option<String>,
    other_call: Option<i64>,
    other_pointer: Option<String>,
    key: Option<String>,
    label: Option<String>,
    wanted: Option<String>,
}

impl Field {
    /// What the field is by `results`, the results of the gold calls by their index.
    pub fn read(&self, results: &HashMap<i64, Value>) -> Option<Value> {
        let at = |call: i64, pointer: &str| results.get(&call).and_then(|r| r.pointer(pointer));
        let value = at(self.call_index, &self.pointer)?;
        let Some(expression) = &self.expression else { return Some(value.clone()) };
        let inputs = derive::Inputs {
            value: Some(value),
            other: self.other_call.and_then(|call| at(call, self.other_pointer.as_deref().unwrap_or_default())),
            key: self.key.as_deref(),
            label: self.label.as_deref(),
            wanted: self.wanted.as_deref(),
        };
        derive::apply(expression, &inputs)
    }
}
