//! Rows that an episode records.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A row of `episode`.
#[derive(Debug, Serialize, Deserialize)]
pub struct EpisodeRow {
    /// Hash of sub-DAG, policy and seed.
    pub episode_id: String,
    /// The sub-DAG.
    pub dag_id: String,
    /// The policy.
    pub policy: String,
    /// Its model.
    pub model: Option<String>,
    /// The seed.
    pub seed: i64,
    /// `ok`, `partial` or `failed`.
    pub status: Cow<'static, str>,
    /// What went wrong.
    pub reason: Option<String>,
    /// Versions of the servers, as JSON.
    pub servers: String,
    /// Number of calls.
    pub calls: i64,
    /// When it started.
    pub started_at: String,
    /// Wall time.
    pub wall_us: i64,
}

/// A row of `call`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CallRow {
    /// The episode.
    pub episode_id: String,
    /// Place in it.
    pub call_index: i64,
    /// Node it was made for.
    pub node: Option<i64>,
    /// Server called.
    pub server: String,
    /// Tool called.
    pub tool: String,
    /// Arguments in canonical JSON.
    pub arguments: String,
    /// Result as provenance reads it, in canonical JSON.
    pub result: Option<String>,
    /// Result as sent.
    pub reply: Option<String>,
    /// Whether it failed.
    pub is_error: bool,
    /// How.
    pub error_kind: Option<Cow<'static, str>>,
    /// What was said.
    pub error_text: Option<String>,
    /// The call it repeats.
    pub repeat_of: Option<i64>,
    /// State before it.
    pub state_key: String,
    /// Hash of the result.
    pub result_hash: Option<String>,
    /// Where it was observed.
    pub source: Cow<'static, str>,
    /// Time from request to reply.
    pub latency_us: i64,
}

/// A row of `argument`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ArgumentRow {
    /// The episode.
    pub episode_id: String,
    /// The call.
    pub call_index: i64,
    /// Pointer into its arguments.
    pub pointer: String,
    /// Where the value came from.
    pub origin: Cow<'static, str>,
}

/// A row of `flow`.
#[derive(Debug, Serialize, Deserialize)]
pub struct FlowRow {
    /// The episode.
    pub episode_id: String,
    /// Call whose result held the value.
    pub src_call: i64,
    /// Where in the result.
    pub src_pointer: String,
    /// Call that took it.
    pub dst_call: i64,
    /// Where in the arguments.
    pub dst_pointer: String,
}

/// A row of `probe`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProbeRow {
    /// The episode.
    pub episode_id: String,
    /// The call looked at.
    pub call_index: i64,
    /// The call that reads.
    pub witness: i64,
    /// Whether it gave something else afterwards.
    pub changed: bool,
}

/// Everything one episode recorded.
#[derive(Debug, Serialize, Deserialize)]
pub struct Episode {
    /// The episode.
    pub row: EpisodeRow,
    /// Its calls.
    pub calls: Vec<CallRow>,
    /// Origins of the values that did not flow.
    pub arguments: Vec<ArgumentRow>,
    /// Values that flowed.
    pub flows: Vec<FlowRow>,
    /// Looks at what calls changed.
    pub probes: Vec<ProbeRow>,
}
