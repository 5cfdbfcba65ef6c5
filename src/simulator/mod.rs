//! The simulator: an offline world made of recorded calls. It answers only with what a real server has
//! said to the same call in the same state, and says how each reply came about.

mod key;
mod session;
mod world;

pub use session::{Session, SimCall, commit};
pub use world::{Recorded, RecordedWorld, SimTool};

use serde::Serialize;
use serde_json::Value;

/// How a reply came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The same call was recorded.
    Exact,
    /// The same call was recorded, up to schema defaults, nulls, key order and number forms.
    Canonical,
    /// The arguments break the tool's input schema.
    Invalid,
    /// Nothing recorded answers it.
    Miss,
}

impl Verdict {
    /// Its name in the `verdict` column.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Exact => "exact",
            Verdict::Canonical => "canonical",
            Verdict::Invalid => "invalid",
            Verdict::Miss => "miss",
        }
    }
}

/// A reply with how it came about.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How it came about.
    pub verdict: Verdict,
    /// A CallToolResult.
    pub reply: Value,
    /// Episode and call index of the recorded call that answered.
    pub matched: Option<(String, i64)>,
}
