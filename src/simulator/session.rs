//! One session: its own state, its own log. Sessions share nothing but the recorded world.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::json::{members, parse};
use crate::simulator::complaint::{self, Said};
use crate::simulator::generate::Generator;
use crate::simulator::key::{write_completed, write_plain};
use crate::simulator::live::{Backing, Passage};
use crate::simulator::world::error_reply;
use crate::simulator::{Answering, RecordedWorld, Reply, SimCall, Verdict};
use crate::state::States;

/// A session with the simulator.
///
/// What it writes stays its own: a call that wrote takes the session to the state that followed when the call was recorded, and
/// later calls are answered from there or not at all. A write that misses is refused, and changes nothing; no more does one that
/// failed when it was recorded.
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
    passage: Option<Box<Passage>>,
    generator: Option<Arc<Generator>>,
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
    live: Option<i64>,
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
    /// Episode and call index that a real server's reply is recorded as.
    recorded_as: Option<(String, i64)>,
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
        let recorded = |verdict, place, distance| Answer {
            world: world.clone(),
            verdict,
            distance,
            place: Some(place),
            written: None,
            recorded_as: None,
        };
        let said =
            |verdict, place, text| Answer { world: world.clone(), verdict, distance: None, place, written: Some(text), recorded_as: None };
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
        let live = self.recorded_as.as_ref().map(|(episode, call)| (episode.as_str(), *call));
        live.or_else(|| self.place.map(|place| self.world.origin(place)))
    }
}

impl Session {
    /// A strict session from fresh state, for the task `task_id` if it is for one.
    pub fn new(id: String, task_id: Option<String>, world: Arc<RecordedWorld>) -> Session {
        let (states, answering) = (States::default(), Answering::strict());
        Session { id, task_id, world, answering, states, log: Vec::new(), calls: 0, buffer: Vec::new(), passage: None, generator: None }
    }

    /// The same session with other ways to answer.
    pub fn with(self, answering: Answering) -> Session {
        Session { answering, ..self }
    }

    /// The same session, with real servers behind it.
    pub fn backed(mut self, backing: Option<&Arc<Backing>>) -> Session {
        self.passage = backing.map(|backing| Box::new(Passage::new(backing.clone(), &self.id)));
        self
    }

    /// The same session, with a model that writes what nobody recorded.
    pub fn written_by(mut self, generator: Option<&Arc<Generator>>) -> Session {
        self.generator = generator.cloned();
        self
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
        let mut answer = Answer::find(&world, &self.answering, (server, tool), arguments, state, &mut buffer);
        let wrote = known.filter(|(_, known)| !known.reads);
        let mut changed = false;
        if let (Some(passage), Some((_, known))) = (&mut self.passage, known)
            && (passage.always() || answer.verdict == Verdict::Miss)
            && self.answering.allows(Verdict::Live)
        {
            if let Some(said) = passage.call(known, arguments, state) {
                let recorded_as = Some((passage.episode(), said.call_index));
                changed = said.changed;
                answer = Answer { verdict: Verdict::Live, distance: None, place: None, written: Some(said.text), recorded_as, ..answer };
            } else if passage.always() {
                answer = Answer { verdict: Verdict::Miss, distance: None, place: None, written: Some(MISS.clone()), ..answer };
            }
        }
        // What a write that nobody made leads to is known to nobody: only readings are written.
        if let (Some(generator), Some((_, known)), Verdict::Miss) = (&self.generator, known, answer.verdict)
            && known.reads
            && self.answering.allows(Verdict::Generated)
            && let Some(said) = generator.reply(&world, known, arguments, state)
        {
            answer = Answer { verdict: Verdict::Generated, distance: None, place: None, written: Some(said), ..answer };
        }
        match (wrote, answer.verdict) {
            // The state goes on as it did when the call was recorded.
            (Some(_), Verdict::Exact | Verdict::Canonical) => {
                if let Some(made) = answer.place.map(|place| world.at(place)).filter(|made| !made.failed) {
                    self.states.advance_by(server, tool, made.arguments());
                    self.passage.iter_mut().for_each(|passage| passage.wrote(server, tool, made.arguments()));
                }
            }
            (Some(_), Verdict::Live) if changed => self.states.advance(server, tool, arguments),
            _ => {}
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
            live: answer.recorded_as.as_ref().map(|(_, call)| *call),
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
        let episode = self.passage.as_ref().map(|passage| passage.episode());
        let row = |logged: Logged| {
            let (server, tool) = match logged.server {
                Named::Known(place) => world.name_at(place),
                Named::Unknown(server, tool) => (server, tool),
            };
            let passed = || logged.live.zip(episode.as_deref()).map(|(call, episode)| (episode, call));
            let matched = logged.matched.map(|place| world.origin(place)).or_else(passed);
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
                called_at: logged.called_at,
            }
        };
        std::mem::take(&mut self.log).into_iter().map(row).collect()
    }
}

static MISS: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    error_reply("This call was not recorded in this state: the offline simulator has no true answer to it.").to_string()
});
