//! Calls passed on to real servers: what was not recorded is asked of them in the session's own state, and recorded, so that it need
//! not be asked again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};

use crate::error::Result;
use crate::json::{members, parse};
use crate::lake::Lake;
use crate::mcp::{Fleet, LiveServer, World};
use crate::observed::{self, CallRow, Episode, EpisodeRow};
use crate::simulator::SimTool;
use crate::simulator::world::error_reply;
use crate::text::short_id;

/// Name in `episode.policy`.
pub const POLICY: &str = "live";

/// The real servers behind the sessions of a run.
pub struct Backing {
    fleet: Fleet,
    servers: BTreeSet<String>,
    /// Whether every call goes to them, recorded or not.
    pub always: bool,
    episodes: Mutex<Vec<Episode>>,
}

impl std::fmt::Debug for Backing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backing").field("servers", &self.servers).field("always", &self.always).finish_non_exhaustive()
    }
}

impl Backing {
    /// The servers of `fleet` called `servers`, for misses; for every call where `always`.
    pub fn new(fleet: Fleet, servers: BTreeSet<String>, always: bool) -> Arc<Backing> {
        Arc::new(Backing { fleet, servers, always, episodes: Mutex::default() })
    }

    /// Commits what sessions that have ended asked; how many calls.
    pub fn commit(&self, lake: &Lake) -> Result<usize> {
        let episodes = std::mem::take(&mut *self.episodes.lock().unwrap_or_else(PoisonError::into_inner));
        let calls = episodes.iter().map(|e| e.calls.len()).sum();
        if calls > 0 {
            observed::commit(lake, episodes, "serve", POLICY, &[], None)?;
        }
        Ok(calls)
    }
}

/// What a real server said to a call.
#[derive(Debug)]
pub struct Said {
    /// The CallToolResult as JSON.
    pub text: String,
    /// What it is recorded as in the session's episode.
    pub call_index: i64,
    /// Whether it led to another state.
    pub changed: bool,
}

/// One session's way to the real servers.
pub struct Passage {
    backing: Arc<Backing>,
    session: String,
    world: Option<Arc<World>>,
    own: BTreeMap<String, Arc<LiveServer>>,
    /// The session's writes, and how many of them its own servers know.
    writes: Vec<Write>,
    applied: usize,
    calls: Vec<CallRow>,
    started: (Instant, chrono::NaiveDateTime),
}

impl std::fmt::Debug for Passage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Passage").field("session", &self.session).field("writes", &self.writes).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Write {
    server: String,
    tool: String,
    arguments: String,
    /// A write to a server that is not backed is known to nobody.
    lost: bool,
}

impl Passage {
    /// The way of the session called `session`.
    pub fn new(backing: Arc<Backing>, session: &str) -> Passage {
        Passage {
            backing,
            session: session.into(),
            world: None,
            own: BTreeMap::new(),
            writes: Vec::new(),
            applied: 0,
            calls: Vec::new(),
            started: (Instant::now(), chrono::Utc::now().naive_utc()),
        }
    }

    /// Whether a call that is recorded is to be asked all the same.
    pub fn always(&self) -> bool {
        self.backing.always
    }

    /// Notes a write that a recorded call answered: the real server has to make it, should it be asked later.
    pub fn wrote(&mut self, server: &str, tool: &str, arguments: &str) {
        let lost = !self.backing.servers.contains(server);
        self.writes.push(Write { server: server.into(), tool: tool.into(), arguments: arguments.into(), lost });
    }

    /// Asks the real server. None where the server is not backed, where it knows nothing of what the session wrote, and where it does
    /// not answer.
    ///
    /// Blocks its thread: only to be called in a runtime of several threads.
    pub fn call(&mut self, tool: &SimTool, arguments: &Map<String, Value>, state: &str) -> Option<Said> {
        if !self.backing.servers.contains(&tool.server) {
            return None;
        }
        let runtime = tokio::runtime::Handle::try_current().ok()?;
        tokio::task::block_in_place(|| runtime.block_on(self.ask(tool, arguments, state)))
    }

    /// Name of the episode that its calls are recorded in.
    pub fn episode(&self) -> String {
        short_id(&[&self.session, POLICY])
    }

    async fn ask(&mut self, tool: &SimTool, arguments: &Map<String, Value>, state: &str) -> Option<Said> {
        let touches = |write: &Write| tool.takes_path || write.server == tool.server;
        if self.writes.iter().any(|write| write.lost && touches(write)) {
            return None;
        }
        let shared = tool.reads && !self.writes.iter().any(touches);
        let server = if shared { self.backing.fleet.shared(&tool.server).await.ok()? } else { self.brought_up(&tool.server).await? };
        let outcome = server.call(&tool.tool, arguments).await;
        if outcome.is_lost() {
            // Its state is unknown from here on.
            if shared {
                self.backing.fleet.forget(&tool.server).await
            } else {
                self.give_up(&tool.server)
            }
            return None;
        }
        let mut row = CallRow::live(&self.episode(), self.calls.len(), (&tool.server, &tool.tool), arguments, state);
        row.fill(&outcome);
        let changed = !tool.reads && !row.is_error;
        if changed {
            self.wrote(&tool.server, &tool.tool, &row.arguments);
            self.applied = self.writes.len();
        }
        let text = row.reply.clone().unwrap_or_else(|| error_reply(row.error_text.as_deref().unwrap_or_default()).to_string());
        let said = Said { text, call_index: row.call_index, changed };
        self.calls.push(row);
        Some(said)
    }

    /// The session's own process of `server`, which knows all that the session wrote.
    async fn brought_up(&mut self, server: &str) -> Option<Arc<LiveServer>> {
        let live = self.process(server).await?;
        while let Some(write) = self.writes.get(self.applied) {
            if !write.lost {
                let (name, tool, arguments) = (write.server.clone(), write.tool.clone(), members(&parse(&write.arguments)));
                self.process(&name).await?.call(&tool, &arguments).await;
            }
            self.applied += 1;
        }
        Some(live)
    }

    async fn process(&mut self, server: &str) -> Option<Arc<LiveServer>> {
        if let Some(live) = self.own.get(server) {
            return Some(live.clone());
        }
        let world = match &self.world {
            Some(world) => world.clone(),
            None => self.world.insert(Arc::new(self.backing.fleet.world().ok()?)).clone(),
        };
        let live = self.backing.fleet.fresh(server, &world).await.ok()?;
        self.own.insert(server.to_owned(), live.clone());
        Some(live)
    }

    fn give_up(&mut self, server: &str) {
        self.own.remove(server);
        self.writes.iter_mut().filter(|write| write.server == server).for_each(|write| write.lost = true);
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        if self.calls.is_empty() {
            return;
        }
        let calls = std::mem::take(&mut self.calls);
        let failed = calls.iter().filter(|c| c.is_error).count();
        let row = EpisodeRow {
            episode_id: self.episode(),
            dag_id: String::new(),
            policy: POLICY.into(),
            model: None,
            seed: 0,
            status: if failed == 0 {
                "ok"
            } else if failed < calls.len() {
                "partial"
            } else {
                "failed"
            }
            .into(),
            reason: None,
            servers: "{}".into(),
            calls: calls.len() as i64,
            started_at: self.started.1.to_string(),
            wall_us: self.started.0.elapsed().as_micros() as i64,
        };
        let episode = Episode { row, calls, arguments: Vec::new(), flows: Vec::new(), probes: Vec::new(), ablations: Vec::new() };
        self.backing.episodes.lock().unwrap_or_else(PoisonError::into_inner).push(episode);
    }
}
