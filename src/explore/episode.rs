//! One episode: a sub-DAG walked with a policy against servers in fresh state, every call recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::explore::plan::{Node, Plan};
use crate::explore::policy::{Choice, Past, Policy, Turn};
use crate::explore::pool::Pool;
use crate::explore::repair;
use crate::fields::{behind_data_key, is_aside};
use crate::json::{leaves, members, parse};
use crate::mcp::{Fleet, LiveServer, Outcome, reading};
use crate::names::field_words;
use crate::observed::{AblationRow, ArgumentRow, CallRow, Episode, EpisodeRow, FlowRow, ProbeRow};
use crate::state::{States, takes_path};
use crate::text::{short_id, shorten};

/// Walks `plan`. Where a server can't be started there is no episode: the reasons come back instead, and the
/// plan stays to be walked.
pub async fn run(
    plan: &Plan,
    policy: &dyn Policy,
    pool: &Pool,
    fleet: &Fleet,
    seed: u64,
) -> Result<std::result::Result<Episode, Vec<String>>> {
    let started = (Instant::now(), chrono::Utc::now().naive_utc());
    let mut walk = Walk {
        episode_id: short_id(&[&plan.dag_id, policy.name(), &seed.to_string()]),
        plan,
        fleet,
        live: BTreeMap::new(),
        past: Vec::new(),
        calls: Vec::new(),
        arguments: Vec::new(),
        flows: Vec::new(),
        probes: Vec::new(),
        witnesses: Vec::new(),
        ablations: Vec::new(),
        pool,
        states: States::default(),
        known: BTreeSet::new(),
    };
    let lost = walk.start().await?;
    if !lost.is_empty() {
        return Ok(Err(lost));
    }
    let versions: Map<String, Value> = walk.live.iter().map(|(name, live)| (name.clone(), live.version())).collect();
    let (mut succeeded, mut failures) = (0, Vec::new());
    for (place, node) in plan.nodes.iter().enumerate() {
        match walk.visit(place, node, policy, seed).await? {
            Ok(()) => succeeded += 1,
            Err(reason) => failures.push(format!("{}.{}: {reason}", node.server, node.tool)),
        }
    }
    walk.again().await?;
    if policy.ablates() {
        walk.ablate().await?;
    }
    let status = if succeeded == plan.nodes.len() {
        "ok"
    } else if succeeded > 0 {
        "partial"
    } else {
        "failed"
    };
    let row = EpisodeRow {
        episode_id: walk.episode_id,
        dag_id: plan.dag_id.clone(),
        policy: policy.name().into(),
        model: policy.model().map(str::to_owned),
        seed: seed as i64,
        status: status.into(),
        reason: (!failures.is_empty()).then(|| shorten(&failures.join("; "), 1000)),
        servers: Value::Object(versions).to_string(),
        calls: walk.calls.len() as i64,
        started_at: started.1.to_string(),
        wall_us: started.0.elapsed().as_micros() as i64,
    };
    let Walk { calls, arguments, flows, probes, ablations, .. } = walk;
    Ok(Ok(Episode { row, calls, arguments, flows, probes, ablations }))
}

/// Choices of arguments that were tried before, after which a policy has no news.
const STALE: usize = 3;

pub(super) struct Walk<'a> {
    pub(super) episode_id: String,
    pub(super) plan: &'a Plan,
    fleet: &'a Fleet,
    pub(super) live: BTreeMap<String, Arc<LiveServer>>,
    past: Vec<Past>,
    pub(super) calls: Vec<CallRow>,
    arguments: Vec<ArgumentRow>,
    flows: Vec<FlowRow>,
    probes: Vec<ProbeRow>,
    /// Calls that read and give the same twice, with what they gave last.
    witnesses: Vec<Witness>,
    pub(super) ablations: Vec<AblationRow>,
    pool: &'a Pool,
    pub(super) states: States,
    /// Values that stood in an argument or a result so far: what comes again is no news.
    known: BTreeSet<String>,
}

/// A call that reads.
#[derive(Debug, Clone, Copy)]
struct Witness {
    /// Its node.
    place: usize,
    /// Its index when it was made first.
    first: usize,
    /// Its index when it was made last.
    last: usize,
}

/// Microseconds that a tool may take to be called with other values.
const QUICK: i64 = 4_000_000;

/// Calls with other values that follow a tool's success in a walk over a server's tools.
const VARIATIONS: usize = 4;

/// Reading calls made after a call to see whether it changed anything.
const WITNESSES: usize = 2;

impl Walk<'_> {
    /// Whether this is a walk over a server's tools to see what they are like.
    fn surveying(&self) -> bool {
        self.plan.links.is_empty() && self.plan.nodes.len() > 1
    }

    /// Gets all servers of the plan at once; the reasons of those that do not start.
    pub(super) async fn start(&mut self) -> Result<Vec<String>> {
        let world = Arc::new(self.fleet.world()?);
        let starts = self.plan.servers().into_iter().map(|name| {
            let (fleet, shared, world) = (self.fleet, self.plan.may_share(name), world.clone());
            async move {
                let live = if shared { fleet.shared(name).await } else { fleet.fresh(name, &world).await };
                (name.to_owned(), live)
            }
        });
        let mut failures = Vec::new();
        for (name, live) in futures::future::join_all(starts).await {
            match live {
                Ok(live) => drop(self.live.insert(name, live)),
                Err(error) => failures.push(error.to_string()),
            }
        }
        Ok(failures)
    }

    /// Calls one tool until it succeeds or the policy has no more ideas.
    async fn visit(&mut self, place: usize, node: &Node, policy: &dyn Policy, seed: u64) -> Result<std::result::Result<(), String>> {
        let links: Vec<_> = self.plan.links.iter().filter(|l| l.dst == place).collect();
        let mut last_error: Option<String> = None;
        let mut stale = 0;
        for attempt in 0.. {
            let Some(server) = self.live.get(&node.server).cloned() else { return Ok(Err("its server was lost".into())) };
            let files = files(&server, &node.server);
            let draw = format!("{seed}\u{1}{}\u{1}{}\u{1}{}\u{1}{attempt}", self.plan.dag_id, node.server, node.tool);
            let turn = Turn {
                plan: self.plan,
                node,
                place,
                links: links.clone(),
                history: &self.past,
                files: &files,
                surveying: self.surveying(),
                variation: 0,
                attempt,
                rng: ChaCha8Rng::seed_from_u64(xxh3_64(draw.as_bytes())),
            };
            let turn_surveys = turn.surveying;
            let Some(choice) = policy.choose(turn).await? else { break };
            // The same arguments would fail the same way.
            if self.past.iter().any(|p| p.node == place && p.choice.arguments == choice.arguments) {
                stale += 1;
                if stale > STALE {
                    break;
                }
                continue;
            }
            let outcome = server.call(&node.tool, &choice.arguments).await;
            let call_index = self.record(place, node, &choice, &outcome);
            let lost = outcome.is_lost();
            match outcome.error {
                None => {
                    if turn_surveys && !self.pool.is_probed(&node.server, &node.tool) {
                        self.probe(place, call_index, &server).await;
                    }
                    if node.reads && !self.pool.is_measured(&node.server, &node.tool) {
                        self.repeat(place, node, &choice, call_index, &server).await;
                    }
                    let quick = self.calls[call_index].latency_us < QUICK;
                    if node.reads && turn_surveys && quick {
                        self.vary(place, node, policy, seed, &server).await?;
                    }
                    return Ok(Ok(()));
                }
                Some(error) if lost => {
                    self.lose(node).await?;
                    return Ok(Err(error.text));
                }
                Some(error) => last_error = Some(error.text),
            }
        }
        Ok(Err(last_error.unwrap_or_else(|| "no arguments to try".into())))
    }

    /// Makes calls like the one that succeeded with other values: a tool is more than its answer to one question.
    async fn vary(&mut self, place: usize, node: &Node, policy: &dyn Policy, seed: u64, server: &LiveServer) -> Result<()> {
        let files = files(server, &node.server);
        for variation in 1..=VARIATIONS {
            let draw = format!("{seed}\u{1}{}\u{1}{}\u{1}{}\u{1}v{variation}", self.plan.dag_id, node.server, node.tool);
            let turn = Turn {
                plan: self.plan,
                node,
                place,
                links: Vec::new(),
                history: &self.past,
                files: &files,
                surveying: true,
                variation,
                attempt: 0,
                rng: ChaCha8Rng::seed_from_u64(xxh3_64(draw.as_bytes())),
            };
            let Some(choice) = policy.choose(turn).await? else { return Ok(()) };
            let outcome = server.call(&node.tool, &choice.arguments).await;
            self.record(place, node, &choice, &outcome);
            if outcome.is_lost() {
                return self.lose(node).await;
            }
        }
        Ok(())
    }

    /// Gives up the process of a node's server, whose state is unknown from here on. Where nothing was written to it, a
    /// fresh one is as good; else nothing more is asked of it in this episode.
    async fn lose(&mut self, node: &Node) -> Result<()> {
        self.live.remove(&node.server);
        let shared = self.plan.may_share(&node.server);
        if shared {
            self.fleet.forget(&node.server).await;
        }
        let reads = |past: &Past| self.plan.nodes[past.node].reads;
        if self.past.iter().any(|past| past.server == node.server && !reads(past)) || !node.reads {
            return Ok(());
        }
        let world = Arc::new(self.fleet.world()?);
        let fresh = if shared { self.fleet.shared(&node.server).await } else { self.fleet.fresh(&node.server, &world).await };
        if let Ok(live) = fresh {
            self.live.insert(node.server.clone(), live);
        }
        Ok(())
    }

    /// Makes the same call once more: only results that repeat can be labels.
    async fn repeat(&mut self, place: usize, node: &Node, choice: &Choice, first: usize, server: &LiveServer) {
        let outcome = server.call(&node.tool, &choice.arguments).await;
        let mut row = self.row(place, node, &choice.arguments, &outcome);
        row.repeat_of = Some(first as i64);
        let steady = !row.is_error && row.result_hash == self.calls[first].result_hash;
        self.calls.push(row);
        if steady && self.past.last().is_some_and(|past| !past.news.is_empty()) {
            self.witnesses.push(Witness { place, first, last: self.calls.len() - 1 });
        }
        let result = outcome.reply.as_ref().map(reading::value_of).unwrap_or_default();
        if let Some(past) = self.past.last_mut() {
            past.news.retain(|(leaf, _)| result.pointer(&leaf.pointer) == Some(&leaf.value));
        }
    }

    /// Makes the last calls that read once more, to see whether the call at `call_index` changed what they read.
    async fn probe(&mut self, place: usize, call_index: usize, server: &LiveServer) {
        let name = self.plan.nodes[place].server.clone();
        let of_server = |w: &&mut Witness| self.plan.nodes[w.place].server == name && w.place != place;
        let mut witnesses = std::mem::take(&mut self.witnesses);
        for witness in witnesses.iter_mut().rev().filter(of_server).take(WITNESSES) {
            let node = &self.plan.nodes[witness.place];
            let arguments = members(&parse(&self.calls[witness.first].arguments));
            let outcome = server.call(&node.tool, &arguments).await;
            let mut row = self.row(witness.place, node, &arguments, &outcome);
            row.repeat_of = Some(witness.first as i64);
            if !row.is_error {
                let changed = row.result_hash != self.calls[witness.last].result_hash;
                self.probes.push(ProbeRow {
                    episode_id: self.episode_id.clone(),
                    call_index: call_index as i64,
                    witness: witness.last as i64,
                    changed,
                });
                witness.last = self.calls.len();
            }
            self.calls.push(row);
        }
        self.witnesses = witnesses;
    }

    /// The calls that succeeded, without those that repeat another.
    pub(super) fn firsts(&self) -> Vec<CallRow> {
        self.calls.iter().filter(|c| c.repeat_of.is_none() && !c.is_error).cloned().collect()
    }

    /// Makes all calls of an episode that wrote once more, in order, on servers as fresh as the first ones
    /// were: what a write gives can't be asked for twice on the same server.
    async fn again(&mut self) -> Result<()> {
        // What failed changed nothing; where it did after all, the results differ, and no label rests on them.
        let firsts = self.firsts();
        if !firsts.iter().any(|c| self.plan.nodes.iter().any(|n| !n.reads && n.tool == c.tool && n.server == c.server)) {
            return Ok(());
        }
        let writers = self.plan.nodes.iter().filter(|n| !n.reads);
        if writers.into_iter().all(|n| self.pool.is_measured(&n.server, &n.tool)) {
            return Ok(());
        }
        self.live.clear();
        if !self.start().await?.is_empty() {
            return Ok(());
        }
        for first in firsts {
            let Some(server) = self.live.get(&first.server).cloned() else { continue };
            let outcome = server.call(&first.tool, &members(&parse(&first.arguments))).await;
            let mut row = CallRow { repeat_of: Some(first.call_index), call_index: self.calls.len() as i64, ..first };
            row.fill(&outcome);
            self.calls.push(row);
        }
        Ok(())
    }

    fn record(&mut self, place: usize, node: &Node, choice: &Choice, outcome: &Outcome) -> usize {
        let row = self.row(place, node, &choice.arguments, outcome);
        let call_index = self.calls.len();
        let failed = row.is_error;
        let row_text = shorten(row.result.as_deref().unwrap_or_default(), 1000);
        // Read as it is stored, so that what is cut off from a long result is the same here and there.
        let result = row.result.as_deref().map(parse).unwrap_or_default();
        self.calls.push(row);
        if !node.reads && !failed {
            self.states.advance(&node.server, &node.tool, &choice.arguments);
        }
        self.known.extend(leaves(&Value::Object(choice.arguments.clone())).iter().map(|l| l.text()));
        let fresh: Vec<_> = leaves(&result)
            .into_iter()
            .filter(|leaf| !failed && !self.known.contains(&leaf.text()) && !is_clock(&leaf.text()))
            .filter(|leaf| !is_aside(&leaf.pattern) && !behind_data_key(&result, &leaf.pointer))
            .collect();
        self.known.extend(fresh.iter().map(|leaf| leaf.text()));
        let news =
            fresh.into_iter().map(|leaf| (field_words(&leaf.pattern, &node.tool), leaf)).map(|(words, leaf)| (leaf, words)).collect();
        self.past.push(Past {
            call_index,
            node: place,
            server: node.server.clone(),
            tool: node.tool.clone(),
            choice: choice.clone(),
            result: row_text,
            error: outcome.error.as_ref().map(|e| repair::bare(&reading::whole_error(e, outcome.reply.as_ref()), &node.tool)),
            news,
        });
        self.arguments.extend(choice.origins.iter().map(|(pointer, origin)| ArgumentRow {
            episode_id: self.episode_id.clone(),
            call_index: call_index as i64,
            pointer: pointer.clone(),
            origin: origin.name().into(),
        }));
        self.flows.extend(choice.flows.iter().map(|flow| FlowRow {
            episode_id: self.episode_id.clone(),
            src_call: flow.src_call as i64,
            src_pointer: flow.src_pointer.clone(),
            dst_call: call_index as i64,
            dst_pointer: flow.dst_pointer.clone(),
        }));
        call_index
    }

    pub(super) fn row(&self, place: usize, node: &Node, arguments: &Map<String, Value>, outcome: &Outcome) -> CallRow {
        let state = self.states.key(&node.server, takes_path(&node.input_schema));
        let row = CallRow::live(&self.episode_id, self.calls.len(), (&node.server, &node.tool), arguments, state);
        let mut row = CallRow { node: Some(place as i64), ..row };
        row.fill(outcome);
        row
    }
}

/// Whether a value is a time around now: it will be another one next time.
fn is_clock(text: &str) -> bool {
    let now = chrono::Utc::now();
    let days = [-1, 0, 1].map(|d| (now + chrono::Duration::days(d)).format("%Y-%m-%d").to_string());
    let seconds = text.parse::<f64>().map(|n| if n > 1e11 { n / 1000.0 } else { n });
    days.iter().any(|day| text.contains(day)) || seconds.is_ok_and(|s| (s - now.timestamp() as f64).abs() < 86_400.0)
}

/// Files and folders below the server's working folder, as virtual paths, sorted; folders end in a slash.
fn files(live: &LiveServer, server: &str) -> Vec<String> {
    let world = live.world();
    let Ok(folder) = world.enter(server) else { return Vec::new() };
    let mut out = vec![format!("{}/", folder.to_string_lossy())];
    list_files(&folder, 0, &mut out);
    out.sort();
    out.iter().map(|path| world.text_to_virtual(path)).collect()
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
            out.push(format!("{}/", path.to_string_lossy()));
            list_files(&path, depth + 1, out);
        } else {
            out.push(path.to_string_lossy().into_owned());
        }
    }
}
