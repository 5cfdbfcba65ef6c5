//! The policy `hybrid`: a model chooses and phrases what a person would, value-flow fills in what flows, keeps to what is
//! known to work, and repairs.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::error::Result;
use crate::explore::model::Model;
use crate::explore::policy::{Choice, Policy, Turn};
use crate::explore::value_flow::ValueFlow;
use crate::json::escape;

/// Name in `episode.policy`.
pub const NAME: &str = "hybrid";
/// The model writes the first of so many tries, value-flow repairs in the others.
const EVERY: usize = 4;

/// The policy.
pub struct Hybrid {
    /// Chooses and phrases.
    pub model: Arc<Model>,
    /// Fills and repairs.
    pub values: ValueFlow,
}

impl Hybrid {
    async fn decide(&self, turn: Turn<'_>) -> Result<Option<Choice>> {
        let sure = turn.surveying && self.values.knows(turn.node) && turn.attempt < 3;
        if sure || turn.variation > 0 || !turn.attempt.is_multiple_of(EVERY) {
            return Ok(self.values.decide(turn));
        }
        let written = self.model.write(&turn).await?;
        let required = turn.node.input_schema["required"].as_array().cloned().unwrap_or_default();
        let links: Vec<String> = turn.links.iter().map(|l| l.param.clone()).collect();
        let filled = self.values.decide(turn);
        let (Some(mut choice), Some(filled)) = (written, filled.clone()) else { return Ok(filled) };
        // What should flow flows, and what is missing is filled.
        for (name, value) in filled.arguments {
            let under =
                |at: &str| at.strip_prefix('/').is_some_and(|p| p == escape(&name) || p.starts_with(&format!("{}/", escape(&name))));
            let flows: Vec<_> = filled.flows.iter().filter(|f| under(&f.dst_pointer)).cloned().collect();
            let missing = required.iter().any(|r| *r == name) && !choice.arguments.contains_key(&name);
            if missing || links.contains(&name) && !flows.is_empty() {
                choice.flows.retain(|f| !under(&f.dst_pointer));
                choice.origins.retain(|(at, _)| !under(at));
                choice.flows.extend(flows);
                choice.origins.extend(filled.origins.iter().filter(|(at, _)| under(at)).cloned());
                choice.arguments.insert(name, value);
            }
        }
        Ok(Some(choice))
    }
}

impl Policy for Hybrid {
    fn name(&self) -> &'static str {
        NAME
    }

    fn model(&self) -> Option<&str> {
        Some(self.model.name())
    }

    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<Option<Choice>>> {
        Box::pin(self.decide(turn))
    }
}
