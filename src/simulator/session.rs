//! One session: its own state, its own log. Sessions share nothing but the recorded world.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::json::canonical;
use crate::lake::{Lake, Lineage, Output};
use crate::simulator::world::error_reply;
use crate::simulator::{RecordedWorld, Reply, Verdict};
use crate::state::States;

/// A row of `sim_call`.
#[derive(Debug, Clone, Serialize)]
pub struct SimCall {
    session_id: String,
    call_index: i64,
    task_id: Option<String>,
    server: String,
    tool: String,
    arguments: String,
    verdict: &'static str,
    distance: Option<f64>,
    matched_episode: Option<String>,
    matched_call: Option<i64>,
    called_at: String,
}

/// A session with the simulator, in strict mode: it answers from the same call in the same state, says
/// what is wrong with arguments that break the schema, and misses everything else.
#[derive(Debug)]
pub struct Session {
    id: String,
    task_id: Option<String>,
    world: Arc<RecordedWorld>,
    states: States,
    log: Vec<SimCall>,
    calls: usize,
}

impl Session {
    /// A session from fresh state, for the task `task_id` if it is for one.
    pub fn new(id: String, task_id: Option<String>, world: Arc<RecordedWorld>) -> Session {
        Session { id, task_id, world, states: States::default(), log: Vec::new(), calls: 0 }
    }

    /// Answers one call.
    pub fn call(&mut self, server: &str, tool: &str, arguments: &Map<String, Value>) -> Reply {
        let reply = self.answer(server, tool, arguments);
        self.log.push(SimCall {
            session_id: self.id.clone(),
            call_index: self.calls as i64,
            task_id: self.task_id.clone(),
            server: server.into(),
            tool: tool.into(),
            arguments: canonical(&json!(arguments)),
            verdict: reply.verdict.name(),
            distance: reply.matched.as_ref().map(|_| 0.0),
            matched_episode: reply.matched.as_ref().map(|m| m.0.clone()),
            matched_call: reply.matched.as_ref().map(|m| m.1),
            called_at: chrono::Utc::now().naive_utc().to_string(),
        });
        self.calls += 1;
        reply
    }

    fn answer(&mut self, server: &str, tool: &str, arguments: &Map<String, Value>) -> Reply {
        let world = self.world.clone();
        let refuse = |verdict, text: &str| Reply { verdict, reply: error_reply(text), matched: None };
        let Some(known) = world.tool(server, tool) else {
            return refuse(Verdict::Invalid, &format!("Unknown tool: {tool}"));
        };
        if let Some(recorded) = world.find(known, arguments, self.states.key(server, known.takes_path)) {
            let exact = canonical(&json!(arguments)) == recorded.arguments_text;
            if !known.reads {
                // The state goes on as it did when the call was recorded.
                self.states.advance(server, tool, &recorded.arguments);
            }
            return Reply {
                verdict: if exact { Verdict::Exact } else { Verdict::Canonical },
                reply: recorded.reply.clone(),
                matched: Some((recorded.episode_id.clone(), recorded.call_index)),
            };
        }
        match known.complaint(arguments) {
            Some(complaint) => refuse(Verdict::Invalid, &format!("Invalid arguments for {tool}: {complaint}")),
            None => refuse(Verdict::Miss, "This call was not recorded in this state: the offline simulator has no true answer to it."),
        }
    }

    /// The calls logged since the last time this was asked.
    pub fn take_log(&mut self) -> Vec<SimCall> {
        std::mem::take(&mut self.log)
    }
}

/// Adds logged calls to the lake.
pub fn commit(lake: &Lake, calls: &[SimCall]) -> Result<()> {
    if calls.is_empty() {
        return Ok(());
    }
    let session = lake.session()?;
    session.put("sim_call", calls)?;
    let lineage = Lineage::of(&session, "serve", &[], json!({}), None);
    lake.commit(&session, lineage, &[Output::append("sim_call")])?;
    Ok(())
}
