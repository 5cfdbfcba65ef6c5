//! The seam for policies: what a policy sees before a call, and what it decides.

use futures::future::BoxFuture;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::explore::plan::{Node, Plan, PlannedLink};
use crate::json::Leaf;

/// Chooses the arguments of calls.
pub trait Policy: Send + Sync {
    /// Name, as recorded in `episode.policy`.
    fn name(&self) -> &'static str;

    /// The model it asks, as recorded in `episode.model`.
    fn model(&self) -> Option<&str> {
        None
    }

    /// Whether its episodes are to show which writes their readings need: all is done again with each write left out.
    fn ablates(&self) -> bool {
        false
    }

    /// Arguments for the call at hand; none where it has no other idea left to try. Errors where it can't go on at
    /// all, such as a model out of reach: they end the run.
    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<Option<Choice>>>;
}

/// What a policy sees before a call.
pub struct Turn<'a> {
    /// The plan that is walked.
    pub plan: &'a Plan,
    /// The tool to call.
    pub node: &'a Node,
    /// Its place in the plan.
    pub place: usize,
    /// Values meant to flow into it.
    pub links: Vec<&'a PlannedLink>,
    /// The episode's calls so far.
    pub history: &'a [Past],
    /// Files of the episode's own folder, as virtual paths.
    pub files: &'a [String],
    /// Whether the plan is a walk over a server's tools to see what they are like, without links.
    pub surveying: bool,
    /// 0 for a call that is wanted; from 1 on, a call like one that succeeded is wanted with other values.
    pub variation: usize,
    /// 0 for the first try of this tool in the episode, 1 for the next, …
    pub attempt: usize,
    /// Source of chance, seeded from episode, node and attempt.
    pub rng: ChaCha8Rng,
}

/// One call of the episode so far.
#[derive(Debug, Clone)]
pub struct Past {
    /// Its index in the episode.
    pub call_index: usize,
    /// Node it was made for.
    pub node: usize,
    /// Server called.
    pub server: String,
    /// Tool called.
    pub tool: String,
    /// What was decided.
    pub choice: Choice,
    /// What was said where it failed.
    pub error: Option<String>,
    /// Its result as text, shortened; empty where none came back.
    pub result: String,
    /// Scalars of its result that the episode had not seen before, with the words they are called by;
    /// none where it failed.
    pub news: Vec<(Leaf, Vec<String>)>,
}

/// What a policy decided.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// The arguments.
    pub arguments: Map<String, Value>,
    /// Values taken from earlier results.
    pub flows: Vec<TakenFlow>,
    /// Where the other values came from, by JSON pointer into the arguments.
    pub origins: Vec<(String, Origin)>,
    /// Whether it is an earlier choice with a change that its error asked for.
    pub repaired: bool,
}

/// A value that was taken from an earlier result.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenFlow {
    /// Call whose result held it.
    pub src_call: usize,
    /// Where in that result.
    pub src_pointer: String,
    /// Where in the arguments it went.
    pub dst_pointer: String,
}

/// Where a value came from that was not taken from an earlier result of the episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `const` of the schema.
    Const,
    /// `default` of the schema.
    Default,
    /// `enum` of the schema.
    Enum,
    /// An example in the schema or in a description.
    Example,
    /// A value given to an earlier call of the episode.
    Given,
    /// A value from earlier results in the lake.
    Seen,
    /// What the error of an earlier try asked for.
    Repaired,
    /// Made from type, format and name.
    Made,
    /// Written by a model.
    Model,
    /// Against the tool's own schema, where its error said that the schema is wrong.
    Beyond,
}

impl Origin {
    /// Its name in the `origin` column.
    pub fn name(self) -> &'static str {
        match self {
            Origin::Const => "const",
            Origin::Default => "default",
            Origin::Enum => "enum",
            Origin::Example => "example",
            Origin::Given => "given",
            Origin::Seen => "seen",
            Origin::Repaired => "repaired",
            Origin::Made => "made",
            Origin::Model => "model",
            Origin::Beyond => "beyond",
        }
    }
}
