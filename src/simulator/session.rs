//! One session: its own state, its own log. Sessions share nothing but the recorded world.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::json::{members, parse};
use crate::simulator::complaint::{self, Said};
use crate::simulator::key::{write_completed, write_plain};
use crate::simulator::world::error_reply;
use crate::simulator::{Answering, RecordedWorld, Reply, SimCall, Verdict};
use crate::state::States;

/// A session with the simulator.
///
/// What it writes stays its own: a call that wrote takes the session to the state that followed when the call was recorded, and
/// later calls are answered from there or not at all. A write that misses is refused, and changes nothing.
#[derive(Debug)]
pub struct Session {
    id: String,
    task_id: Option<String>,
    world: Arc<RecordedWorld>,
    answering: Answering,
    states: States,
    log: Vec<Logged>,
    calls: i64,
    buffer: Vec<u8>,
}

/// A call of the log, kept small: most sessions are never read.
#[derive(Debug)]
struct Logged {
    call_index: i64,
    server: Named,
    arguments: String,
    verdict: Verdict,
    distance: Option<f64>,
    matched: Option<u32>,
    called_at: i64,
}

#[derive(Debug)]
enum Named {
    Known(u32),
    Unknown(String, String),
}

/// How a call was answered. Its reply is the recorded text, not a copy of it.
#[derive(Debug)]
pub struct Answer {
    world: Arc<RecordedWorld>,
    /// How the reply came about.
    pub verdict: Verdict,
    /// Distance to the recorded call that answered.
    pub distance: Option<f64>,
    place: Option<u32>,
    written: Option<String>,
}

impl Answer {
    /// Answers a call of a tool (server and name) in a state, given by its key. `buffer` is memory that is used again.
    pub fn find(
        world: &Arc<RecordedWorld>,
        answering: &Answering,
        (server, name): (&str, &str),
        arguments: &Map<String, Value>,
        state: &str,
        buffer: &mut Vec<u8>,
    ) -> Answer {
        let recorded = |verdict, place, distance| Answer { world: world.clone(), verdict, distance, place: Some(place), written: None };
        let said = |verdict, place, text| Answer { world: world.clone(), verdict, distance: None, place, written: Some(text) };
        let Some((tool_place, tool)) = world.named(server, name) else {
            return said(Verdict::Invalid, None, error_reply(&format!("Unknown tool: {name}")).to_string());
        };
        let found = world.find(tool_place, arguments, state, buffer);
        if let Some((place, verdict)) = found.filter(|(_, verdict)| answering.allows(*verdict)) {
            return recorded(verdict, place, Some(0.0));
        }
        if answering.allows(Verdict::Invalid) {
            let complaints = tool.complaints(arguments);
            if !complaints.is_empty() {
                match complaint::answer(world, tool, &complaints) {
                    Said::Nothing => {}
                    Said::Learnt(place, text) => return said(Verdict::Invalid, Some(place), text),
                    Said::Unknown(text) => return said(Verdict::Invalid, None, error_reply(&text).to_string()),
                }
            }
        }
        if answering.allows(Verdict::Nearest) && tool.reads {
            let neighbours = world.neighbours(tool);
            let limit = neighbours.and_then(|near| answering.max_distance.or(near.threshold));
            if let (Some(near), Some(limit)) = (neighbours, limit) {
                buffer.clear();
                write_completed(&tool.form, arguments, buffer);
                let completed = members(&serde_json::from_slice(buffer).unwrap_or_default());
                if let Some((distance, place)) = near.nearest(world, &completed, state, limit) {
                    return recorded(Verdict::Nearest, place, Some(distance));
                }
            }
        }
        said(Verdict::Miss, None, MISS.clone())
    }

    /// The recorded arguments of the call that answered, in canonical JSON.
    pub fn arguments(&self) -> Option<&str> {
        self.place.map(|place| self.world.at(place).arguments())
    }

    /// The CallToolResult as JSON.
    pub fn text(&self) -> &str {
        match (&self.written, self.place) {
            (Some(text), _) => text,
            (None, Some(place)) => self.world.at(place).reply(),
            (None, None) => "{\"content\":[]}",
        }
    }

    /// The CallToolResult.
    pub fn value(&self) -> Value {
        parse(self.text())
    }

    /// Episode and call index of the recorded call that answered.
    pub fn matched(&self) -> Option<(&str, i64)> {
        self.place.map(|place| self.world.origin(place))
    }
}

impl Session {
    /// A strict session from fresh state, for the task `task_id` if it is for one.
    pub fn new(id: String, task_id: Option<String>, world: Arc<RecordedWorld>) -> Session {
        let (states, answering) = (States::default(), Answering::strict());
        Session { id, task_id, world, answering, states, log: Vec::new(), calls: 0, buffer: Vec::new() }
    }

    /// The same session with other ways to answer.
    pub fn with(self, answering: Answering) -> Session {
        Session { answering, ..self }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Answers one call.
    pub fn call(&mut self, server: &str, tool: &str, arguments: &Map<String, Value>) -> Reply {
        let answer = self.answer(server, tool, arguments);
        Reply {
            verdict: answer.verdict,
            reply: answer.value(),
            matched: answer.matched().map(|(episode, call)| (episode.to_owned(), call)),
            distance: answer.distance,
        }
    }

    /// Answers one call, without reading the reply.
    pub fn answer(&mut self, server: &str, tool: &str, arguments: &Map<String, Value>) -> Answer {
        let mut buffer = std::mem::take(&mut self.buffer);
        let world = self.world.clone();
        let known = world.named(server, tool);
        let state = known.map_or("", |(_, known)| self.states.key(server, known.takes_path));
        let answer = Answer::find(&world, &self.answering, (server, tool), arguments, state, &mut buffer);
        if let (Some((_, known)), Some(place), Verdict::Exact | Verdict::Canonical) = (known, answer.place, answer.verdict)
            && !known.reads
        {
            // The state goes on as it did when the call was recorded.
            self.states.advance_by(server, tool, world.at(place).arguments());
        }
        buffer.clear();
        write_plain(arguments, &mut buffer);
        self.log.push(Logged {
            call_index: self.calls,
            server: known.map_or_else(|| Named::Unknown(server.into(), tool.into()), |(place, _)| Named::Known(place)),
            arguments: String::from_utf8_lossy(&buffer).into_owned(),
            verdict: answer.verdict,
            distance: answer.distance,
            matched: answer.place,
            called_at: chrono::Utc::now().timestamp_micros(),
        });
        self.calls += 1;
        self.buffer = buffer;
        answer
    }

    /// Goes on as if the call, with its arguments in canonical JSON, had been made.
    pub fn suppose(&mut self, server: &str, tool: &str, arguments: &str) {
        self.states.advance_by(server, tool, arguments);
    }

    /// Number of calls logged since the log was last taken.
    pub fn logged(&self) -> usize {
        self.log.len()
    }

    /// The calls logged since the last time this was asked.
    pub fn take_log(&mut self) -> Vec<SimCall> {
        let world = &self.world;
        let row = |logged: Logged| {
            let (server, tool) = match logged.server {
                Named::Known(place) => world.name_at(place),
                Named::Unknown(server, tool) => (server, tool),
            };
            let matched = logged.matched.map(|place| world.origin(place));
            let called_at = chrono::DateTime::from_timestamp_micros(logged.called_at).unwrap_or_default();
            SimCall {
                session_id: self.id.clone(),
                call_index: logged.call_index,
                task_id: self.task_id.clone(),
                server,
                tool,
                arguments: logged.arguments,
                verdict: logged.verdict.name(),
                distance: logged.distance,
                matched_episode: matched.map(|m| m.0.to_owned()),
                matched_call: matched.map(|m| m.1),
                called_at: called_at.naive_utc().to_string(),
            }
        };
        std::mem::take(&mut self.log).into_iter().map(row).collect()
    }
}

static MISS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    error_reply("This call was not recorded in this state: the offline simulator has no true answer to it.").to_string()
});
