//! What was observed of live servers, as rows: an episode with its calls and everything that is known of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::json::canonical;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::mcp::{Outcome, reading};
use crate::sql::SqlFile;
use crate::text::sha256_hex;

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

/// A row of `ablation`.
#[derive(Debug, Serialize, Deserialize)]
pub struct AblationRow {
    /// The episode.
    pub episode_id: String,
    /// The reading.
    pub call_index: i64,
    /// The write that was left out.
    pub left_out: i64,
    /// The reading made without it.
    pub again: i64,
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
    /// Looks at which writes readings need.
    #[serde(default)]
    pub ablations: Vec<AblationRow>,
}

impl CallRow {
    /// A call of a live server (`(server, tool)`) at a place of an episode, made in the state `state_key`, before anything came back.
    pub fn live(
        episode_id: &str,
        call_index: usize,
        (server, tool): (&str, &str),
        arguments: &Map<String, Value>,
        state_key: &str,
    ) -> CallRow {
        CallRow {
            episode_id: episode_id.to_owned(),
            call_index: call_index as i64,
            node: None,
            server: server.to_owned(),
            tool: tool.to_owned(),
            arguments: canonical(&json!(arguments)),
            result: None,
            reply: None,
            is_error: false,
            error_kind: None,
            error_text: None,
            repeat_of: None,
            state_key: state_key.to_owned(),
            result_hash: None,
            source: "live".into(),
            latency_us: 0,
        }
    }

    /// Takes down what a call came to.
    pub fn fill(&mut self, outcome: &Outcome) {
        self.result = outcome.reply.as_ref().map(|reply| canonical(&reading::value_of(reply)));
        self.result_hash = self.result.as_ref().map(|text| sha256_hex(text.as_bytes()));
        self.reply = outcome.reply.as_ref().map(Value::to_string);
        self.is_error = outcome.error.is_some();
        self.error_kind = outcome.error.as_ref().map(|e| e.kind.name().into());
        self.error_text = outcome.error.as_ref().map(|e| e.text.clone());
        self.latency_us = outcome.latency.as_micros() as i64;
    }
}

/// Rows of several episodes, by table.
#[derive(Default)]
struct Episodes {
    episodes: Vec<EpisodeRow>,
    calls: Vec<CallRow>,
    arguments: Vec<ArgumentRow>,
    flows: Vec<FlowRow>,
    probes: Vec<ProbeRow>,
    ablations: Vec<AblationRow>,
}

impl Episodes {
    fn add(&mut self, episode: Episode) {
        self.episodes.push(episode.row);
        self.calls.extend(episode.calls);
        self.arguments.extend(episode.arguments);
        self.flows.extend(episode.flows);
        self.probes.extend(episode.probes);
        self.ablations.extend(episode.ablations);
    }
}

/// Adds episodes of a stage to the lake, all or none. `files` are the queries that decided on them.
pub fn commit(lake: &Lake, group: Vec<Episode>, stage: &str, policy: &str, files: &[SqlFile], seed: Option<u64>) -> Result<Snapshot> {
    let session = lake.session()?;
    let mut all = Episodes::default();
    group.into_iter().for_each(|episode| all.add(episode));
    session.put("episode", &all.episodes)?;
    session.put("call", &all.calls)?;
    session.put("argument", &all.arguments)?;
    session.put("flow", &all.flows)?;
    session.put("probe", &all.probes)?;
    session.put("ablation", &all.ablations)?;
    let lineage = Lineage::of(&session, stage, files, json!({"policy": policy}), seed);
    lake.commit(&session, lineage, &["episode", "call", "argument", "flow", "probe", "ablation"].map(Output::append))
}
