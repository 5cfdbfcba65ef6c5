//! One episode: fresh servers, one sub-DAG walked with a policy, every call recorded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::explore::plan::{Node, Plan};
use crate::explore::policy::{Choice, Past, Policy, Turn};
use crate::json::{canonical, leaves, scalar_text};
use crate::mcp::{ErrorKind, LiveServer, Limits, Outcome, ServerConfig, World, reading};
use crate::names::field_words;
use crate::state::StateKey;
use crate::text::{sha256_hex, short_id};

/// A row of `episode`.
#[derive(Debug, Serialize)]
pub struct EpisodeRow {
    episode_id: String,
    dag_id: String,
    policy: String,
    model: Option<String>,
    seed: i64,
    /// `ok`, `partial` or `failed`.
    pub status: &'static str,
    reason: Option<String>,
    servers: String,
    /// Number of calls.
    pub calls: i64,
    started_at: String,
    wall_us: i64,
}

/// A row of `call`.
#[derive(Debug, Serialize)]
pub struct CallRow {
    episode_id: String,
    call_index: i64,
    node: Option<i64>,
    server: String,
    tool: String,
    arguments: String,
    result: Option<String>,
    reply: Option<String>,
    /// Whether it failed.
    pub is_error: bool,
    error_kind: Option<&'static str>,
    error_text: Option<String>,
    repeat_of: Option<i64>,
    state_key: String,
    result_hash: Option<String>,
    source: &'static str,
    latency_us: i64,
}

/// A row of `argument`.
#[derive(Debug, Serialize)]
pub struct ArgumentRow {
    episode_id: String,
    call_index: i64,
    pointer: String,
    origin: &'static str,
}

/// A row of `flow`.
#[derive(Debug, Serialize)]
pub struct FlowRow {
    episode_id: String,
    src_call: i64,
    src_pointer: String,
    dst_call: i64,
    dst_pointer: String,
}

/// Everything one episode recorded.
#[derive(Debug)]
pub struct Episode {
    /// The episode.
    pub row: EpisodeRow,
    /// Its calls.
    pub calls: Vec<CallRow>,
    /// Origins of the values that did not flow.
    pub arguments: Vec<ArgumentRow>,
    /// Values that flowed.
    pub flows: Vec<FlowRow>,
}

/// What episodes are run with.
pub struct Setting<'a> {
    /// Configs of the servers.
    pub servers: &'a BTreeMap<String, ServerConfig>,
    /// Folder of fixtures.
    pub fixtures: Option<&'a Path>,
    /// Time limits.
    pub limits: Limits,
    /// Seed of the run.
    pub seed: u64,
}

/// Walks `plan`. A server that can't be started makes the episode a failed one; it is no error.
pub async fn run(plan: &Plan, policy: &dyn Policy, setting: &Setting<'_>) -> crate::error::Result<Episode> {
    let episode_id = short_id(&[&plan.dag_id, policy.name(), &setting.seed.to_string()]);
    let world = Arc::new(World::new(setting.fixtures)?);
    let started = (Instant::now(), chrono::Utc::now().naive_utc());
    let mut run = Run { episode_id, world, live: BTreeMap::new(), versions: Map::new(), past: Vec::new(), calls: Vec::new(), arguments: Vec::new(), flows: Vec::new(), states: BTreeMap::new() };
    let mut failures: Vec<String> = run.start(plan, setting).await;
    let mut succeeded = 0;
    if failures.is_empty() {
        for (index, node) in plan.nodes.iter().enumerate() {
            match run.walk(plan, index, node, policy, setting.seed).await {
                Ok(()) => succeeded += 1,
                Err(reason) => failures.push(format!("{}.{}: {reason}", node.server, node.tool)),
            }
        }
    }
    let status = if succeeded == plan.nodes.len() { "ok" } else if succeeded > 0 { "partial" } else { "failed" };
    for (_, server) in std::mem::take(&mut run.live) {
        server.stop().await;
    }
    let row = EpisodeRow {
        episode_id: run.episode_id,
        dag_id: plan.dag_id.clone(),
        policy: policy.name().into(),
        model: None,
        seed: setting.seed as i64,
        status,
        reason: (!failures.is_empty()).then(|| crate::text::shorten(&failures.join("; "), 1000)),
        servers: Value::Object(run.versions).to_string(),
        calls: run.calls.len() as i64,
        started_at: started.1.to_string(),
        wall_us: started.0.elapsed().as_micros() as i64,
    };
    Ok(Episode { row, calls: run.calls, arguments: run.arguments, flows: run.flows })
}

struct Run {
    episode_id: String,
    world: Arc<World>,
    live: BTreeMap<String, LiveServer>,
    versions: Map<String, Value>,
    past: Vec<Past>,
    calls: Vec<CallRow>,
    arguments: Vec<ArgumentRow>,
    flows: Vec<FlowRow>,
    states: BTreeMap<String, StateKey>,
}

impl Run {
    /// Starts all servers of the plan at once; the reasons of those that do not start.
    async fn start(&mut self, plan: &Plan, setting: &Setting<'_>) -> Vec<String> {
        let starts = plan.servers().into_iter().map(|name| {
            let world = self.world.clone();
            async move {
                match setting.servers.get(name) {
                    Some(config) => LiveServer::start(config, &world, setting.limits).await.map(|live| (name.to_owned(), live)).map_err(|e| e.to_string()),
                    None => Err(format!("server `{name}`: is not in the server config")),
                }
            }
        });
        let mut failures = Vec::new();
        for start in futures::future::join_all(starts).await {
            match start {
                Ok((name, live)) => {
                    let version = live.introduction().pointer("/serverInfo/version").cloned().unwrap_or(Value::Null);
                    self.versions.insert(name.clone(), version);
                    self.live.insert(name, live);
                }
                Err(reason) => failures.push(reason),
            }
        }
        failures
    }

    /// Calls one tool until it succeeds or the policy has no more ideas.
    async fn walk(&mut self, plan: &Plan, index: usize, node: &Node, policy: &dyn Policy, seed: u64) -> Result<(), String> {
        let links: Vec<_> = plan.links.iter().filter(|l| l.dst == index).collect();
        let mut last_error: Option<String> = None;
        for attempt in 0.. {
            let files = self.files(&node.server);
            let draw = format!("{seed}\u{1}{}\u{1}{}\u{1}{}\u{1}{attempt}", plan.dag_id, node.server, node.tool);
            let turn = Turn {
                node,
                links: links.clone(),
                history: &self.past,
                files: &files,
                attempt,
                last_error: last_error.as_deref(),
                rng: ChaCha8Rng::seed_from_u64(xxh3_64(draw.as_bytes())),
            };
            let Some(choice) = policy.choose(turn).await else { break };
            // The same arguments would fail the same way.
            if self.past.iter().any(|p| p.node == index && p.arguments == choice.arguments) {
                continue;
            }
            let Some(server) = self.live.get(&node.server) else { return Err("its server was lost".into()) };
            let outcome = server.call(&node.tool, &choice.arguments).await;
            let error = outcome.error.as_ref().map(|e| (e.kind, e.text.clone()));
            let call_index = self.record(index, node, &choice, &outcome);
            match error {
                None => {
                    if node.reads {
                        self.repeat(index, node, &choice, call_index).await;
                    }
                    return Ok(());
                }
                Some((ErrorKind::Exit | ErrorKind::Timeout, text)) => {
                    // Its state is unknown from here on: nothing more is asked of it in this episode.
                    self.live.remove(&node.server);
                    return Err(text);
                }
                Some((_, text)) => last_error = Some(text),
            }
        }
        Err(last_error.unwrap_or_else(|| "no arguments to try".into()))
    }

    /// Makes the same call once more: only results that repeat can be labels.
    async fn repeat(&mut self, index: usize, node: &Node, choice: &Choice, first: usize) {
        let Some(server) = self.live.get(&node.server) else { return };
        let outcome = server.call(&node.tool, &choice.arguments).await;
        let mut row = self.row(index, node, &choice.arguments, &outcome);
        row.repeat_of = Some(first as i64);
        self.calls.push(row);
    }

    fn record(&mut self, index: usize, node: &Node, choice: &Choice, outcome: &Outcome) -> usize {
        let row = self.row(index, node, &choice.arguments, outcome);
        let call_index = self.calls.len();
        let failed = row.is_error;
        self.calls.push(row);
        if !node.reads {
            self.states.entry(node.server.clone()).or_default().advance(&node.tool, &choice.arguments);
        }
        let result = outcome.reply.as_ref().map(reading::value_of).unwrap_or_default();
        let asked: Vec<String> = leaves(&Value::Object(choice.arguments.clone())).iter().map(|l| l.text()).collect();
        let mut news = Vec::new();
        if !failed {
            let fresh = leaves(&result).into_iter().filter(|leaf| !asked.contains(&scalar_text(&leaf.value)));
            news.extend(fresh.map(|leaf| { let words = field_words(&leaf.pattern, &node.tool); (leaf, words) }));
        }
        self.past.push(Past { call_index, node: index, server: node.server.clone(), arguments: choice.arguments.clone(), news });
        for (pointer, origin) in &choice.origins {
            self.arguments.push(ArgumentRow { episode_id: self.episode_id.clone(), call_index: call_index as i64, pointer: pointer.clone(), origin: origin.name() });
        }
        for flow in &choice.flows {
            self.flows.push(FlowRow {
                episode_id: self.episode_id.clone(),
                src_call: flow.src_call as i64,
                src_pointer: flow.src_pointer.clone(),
                dst_call: call_index as i64,
                dst_pointer: flow.dst_pointer.clone(),
            });
        }
        call_index
    }

    fn row(&self, index: usize, node: &Node, arguments: &Map<String, Value>, outcome: &Outcome) -> CallRow {
        let result = outcome.reply.as_ref().map(|reply| canonical(&reading::value_of(reply)));
        CallRow {
            episode_id: self.episode_id.clone(),
            call_index: self.calls.len() as i64,
            node: Some(index as i64),
            server: node.server.clone(),
            tool: node.tool.clone(),
            arguments: canonical(&json!(arguments)),
            result_hash: result.as_ref().map(|text| sha256_hex(text.as_bytes())),
            result,
            reply: outcome.reply.as_ref().map(Value::to_string),
            is_error: outcome.error.is_some(),
            error_kind: outcome.error.as_ref().map(|e| e.kind.name()),
            error_text: outcome.error.as_ref().map(|e| e.text.clone()),
            repeat_of: None,
            state_key: self.states.get(&node.server).cloned().unwrap_or_default().to_string(),
            source: "live",
            latency_us: outcome.latency.as_micros() as i64,
        }
    }

    /// Files below the server's working folder, as virtual paths, sorted.
    fn files(&self, server: &str) -> Vec<String> {
        let Ok(folder) = self.world.enter(server) else { return Vec::new() };
        let mut out = Vec::new();
        list_files(&folder, 0, &mut out);
        out.sort();
        out.iter().map(|path| self.world.text_to_virtual(path)).collect()
    }
}

fn list_files(folder: &Path, depth: usize, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        let hidden = name.to_string_lossy().starts_with('.') || name == "node_modules";
        if hidden || out.len() >= 40 || depth > 3 {
            continue;
        }
        if path.is_dir() {
            list_files(&path, depth + 1, out);
        } else {
            // A server may have resolved links in its folder's path; so does the world.
            out.push(path.to_string_lossy().into_owned());
        }
    }
}
