//! The simulator: an offline world made of recorded calls. It answers with what a real server has said to the same call in the
//! same state, or to one shown to be near enough, and says how each reply came about.

mod complaint;
pub mod generate;
mod key;
pub mod live;
mod log;
pub mod nearest;
mod session;
mod tool;
mod world;

pub use key::{Form, write_completed, write_plain};
pub use log::{SimCall, commit};
pub use session::{Answer, Session};
pub use tool::SimTool;
pub use world::{Recorded, RecordedWorld};

use serde::Serialize;
use serde_json::Value;

/// How a reply came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The same call was recorded.
    Exact,
    /// The same call was recorded, up to schema defaults, nulls, key order, number forms, and forms of text and paths.
    Canonical,
    /// A call near enough was recorded.
    Nearest,
    /// The arguments break the tool's input schema.
    Invalid,
    /// The real server answered, and its reply is recorded.
    Live,
    /// A model wrote the reply.
    Generated,
    /// Nothing recorded answers it.
    Miss,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Verdict; 7] =
        [Verdict::Exact, Verdict::Canonical, Verdict::Nearest, Verdict::Invalid, Verdict::Live, Verdict::Generated, Verdict::Miss];

    /// Its name in the `verdict` column.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Exact => "exact",
            Verdict::Canonical => "canonical",
            Verdict::Nearest => "nearest",
            Verdict::Invalid => "invalid",
            Verdict::Live => "live",
            Verdict::Generated => "generated",
            Verdict::Miss => "miss",
        }
    }

    /// The verdict called `name`.
    pub fn named(name: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

/// What a session may answer with. What it may not is a miss.
#[derive(Debug, Clone, PartialEq)]
pub struct Answering {
    /// Only from the same call in the same state.
    pub strict: bool,
    /// Largest distance of a nearest call, for all tools, in place of what was calibrated for each.
    pub max_distance: Option<f64>,
    /// Verdicts that may be given, besides `miss`.
    pub verdicts: Vec<Verdict>,
}

impl Answering {
    /// The same call in the same state, or nothing.
    pub fn strict() -> Answering {
        Answering { strict: true, max_distance: None, verdicts: Verdict::ALL.to_vec() }
    }

    /// Also the nearest call, where its tool's calls were shown to answer for each other at that distance.
    pub fn near() -> Answering {
        Answering { strict: false, ..Answering::strict() }
    }

    /// Whether `verdict` may be given.
    pub fn allows(&self, verdict: Verdict) -> bool {
        verdict == Verdict::Miss || (self.verdicts.contains(&verdict) && !(self.strict && verdict == Verdict::Nearest))
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
    /// Distance to that call.
    pub distance: Option<f64>,
}
