//! From a trace to rows: an episode with its calls, the states they met and the values that flowed between them.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use memchr::memmem;
use serde_json::Value;
use twox_hash::XxHash3_128;

use crate::intake::called::{Called, Known, Tool};
use crate::intake::inferred::Inferred;
use crate::intake::reading::{Given, Reader, Reading};
use crate::intake::{Trace, TracedCall};
use crate::lake::columns::{Cell, Columns};
use crate::state::States;
use crate::text::shorten;

/// Rows of some episodes.
pub struct Rows {
    /// Rows of `episode`.
    pub episodes: Columns,
    /// Rows of `call`.
    pub calls: Columns,
    /// Rows of `flow`.
    pub flows: Columns,
    /// Rows of `trace`.
    pub traces: Columns,
    /// Id, number of calls and number of flows of each episode, in order.
    pub made: Vec<(String, usize, usize)>,
    /// Secrets masked.
    pub masked: u64,
}

impl Default for Rows {
    fn default() -> Self {
        Rows {
            episodes: Columns::new("episode"),
            calls: Columns::new("call").shared(&["server", "tool", "arguments", "result", "reply", "result_hash", "source"]),
            flows: Columns::new("flow"),
            traces: Columns::new("trace"),
            made: Vec::new(),
            masked: 0,
        }
    }
}

impl Rows {
    /// No rows yet, with room for as many as `self` has.
    pub fn alike(&self) -> Rows {
        Rows {
            episodes: self.episodes.alike(),
            calls: self.calls.alike(),
            flows: self.flows.alike(),
            traces: self.traces.alike(),
            made: Vec::with_capacity(self.made.len()),
            masked: 0,
        }
    }
}

/// Where an episode was found.
pub struct Origin<'a> {
    /// Its source's id.
    pub source_id: &'a str,
    /// Collection, where the trace names none.
    pub label: &'a str,
    /// Path of the file or entry.
    pub path: &'a str,
    /// Place in it.
    pub position: u64,
    /// When the ingest began: microseconds since the epoch.
    pub now_us: i64,
}

/// Name in `episode.policy` of episodes that others recorded.
pub const POLICY: &str = "recorded";

/// Makes rows of traces; one a worker, because it remembers what it read.
pub struct Maker {
    reader: Reader,
    called: Called,
    label: Arc<str>,
    encoded: Vec<u8>,
    /// What the calls tell of their tools.
    pub inferred: Inferred,
    next: Option<Rows>,
}

struct Read<'a> {
    call: &'a TracedCall<'a>,
    tool: Rc<Tool>,
    given: Rc<Given>,
    reading: Option<Rc<Reading>>,
}

/// Kind of failure of a call whose result the record does not hold.
const LOST: &str = "lost";

impl Read<'_> {
    fn failure(&self) -> (Option<&'static str>, Option<&str>) {
        let said = self.reading.as_ref().and_then(|r| r.error.as_ref());
        match (self.call.failed, said, &self.reading) {
            (Some(kind), said, _) => (Some(kind.name()), said.map(|(_, text)| text.as_str())),
            (None, Some((kind, text)), _) => (Some(kind.name()), Some(text)),
            (None, None, None) => (Some(LOST), Some("the record holds no result of this call")),
            (None, None, Some(_)) => (None, None),
        }
    }
}

impl Maker {
    /// A maker that has read nothing.
    pub fn new(known: Known) -> Maker {
        Maker {
            reader: Reader::default(),
            called: Called::new(known),
            label: "".into(),
            encoded: Vec::new(),
            inferred: Inferred::default(),
            next: None,
        }
    }

    /// No rows yet, with room for about as many as the last time.
    pub fn rows(&mut self) -> Rows {
        self.next.take().unwrap_or_default()
    }

    /// Remembers how many rows there were.
    pub fn done(&mut self, rows: &Rows) {
        self.next = Some(rows.alike());
    }

    /// Adds the rows of `trace`. Errors where arguments or a result can't be read; then no row of it is added.
    pub fn add(&mut self, trace: &Trace<'_>, origin: &Origin<'_>, rows: &mut Rows) -> Result<(), String> {
        let label = trace.label.as_deref().unwrap_or(origin.label);
        if *self.label != *label {
            self.label = label.into();
        }
        let mut read = Vec::with_capacity(trace.calls.len());
        for (index, call) in trace.calls.iter().enumerate() {
            let told = |e: String| format!("call {index} ({}): {e}", shorten(&call.tool, 60));
            if call.tool.is_empty() || call.tool.chars().chain(call.server.chars()).any(char::is_control) {
                return Err(told("its tool has no name that can be kept".into()));
            }
            let given = self.reader.arguments(&call.arguments).map_err(told)?;
            let reading = call.result.as_ref().map(|said| self.reader.result(said)).transpose().map_err(told)?;
            read.push(Read { call, tool: self.called.tool(&call.server, &call.tool), given, reading });
        }
        for one in &read {
            rows.masked += one.given.masked + one.reading.as_ref().map_or(0, |r| r.masked);
            if one.tool.shapes.borrow_mut().insert(one.given.shape, ()).is_none() {
                self.inferred.see(&one.call.server, &one.call.tool, &one.given.members);
            }
        }
        // What has no name is told from another by its place.
        let key = self.reader.said(&trace.key);
        let place = if key.text.is_empty() { origin.position.to_string() } else { String::new() };
        let id = id_of(label, &[&key.text, &place], &read, &mut self.encoded);
        let mut states = States::default();
        let mut failures = 0;
        for (index, one) in read.iter().enumerate() {
            let (kind, text) = one.failure();
            failures += usize::from(kind.is_some());
            // As the lake knows the tool, else from its name and its arguments.
            let (reads, takes_path) = one.tool.known.unwrap_or((one.tool.reads, one.given.takes_path));
            let state = states.key(&one.call.server, takes_path);
            let reading = one.reading.as_deref();
            rows.calls.push(&[
                Cell::Text(&id),
                Cell::Int(index as i64),
                Cell::Null,
                Cell::Shared(&one.tool.server),
                Cell::Shared(&one.tool.name),
                Cell::Shared(&one.given.text),
                reading.map_or(Cell::Null, |r| Cell::Shared(&r.result)),
                reading.and_then(|r| r.reply.as_ref()).map_or(Cell::Null, Cell::Shared),
                Cell::Flag(kind.is_some()),
                kind.into(),
                text.into(),
                Cell::Null,
                Cell::Text(state),
                reading.map_or(Cell::Null, |r| Cell::Shared(&r.hash)),
                Cell::Shared(&self.label),
                one.call.latency_us.map_or(Cell::Null, Cell::Int),
            ]);
            // What became of a call without a result is not known.
            if !reads && kind.is_none_or(|kind| kind == LOST) {
                states.advance_by(&one.call.server, &one.call.tool, &one.given.text);
            }
        }
        let flows = flows(&id, trace, &read, rows);
        let question = trace.question.as_deref().map(|text| self.reader.said(text));
        rows.masked += question.as_ref().map_or(0, |said| said.masked);
        let status = match failures {
            0 => "ok",
            n if n < read.len() => "partial",
            _ => "failed",
        };
        let started = trace.started_us.unwrap_or(origin.now_us);
        let servers: BTreeSet<&str> = read.iter().map(|r| &*r.tool.server).collect();
        let servers: serde_json::Map<String, Value> = servers.into_iter().map(|server| (server.to_owned(), Value::Null)).collect();
        rows.episodes.push(&[
            Cell::Text(&id),
            Cell::Text(""),
            Cell::Text(POLICY),
            trace.model.as_deref().into(),
            Cell::Int(0),
            Cell::Text(status),
            Cell::Null,
            Cell::Text(&crate::json::canonical(&Value::Object(servers))),
            Cell::Int(read.len() as i64),
            Cell::Time(started),
            Cell::Int(0),
        ]);
        rows.traces.push(&[
            Cell::Text(&id),
            Cell::Text(origin.source_id),
            Cell::Text(origin.path),
            Cell::Int(origin.position as i64),
            Cell::Text(&key.text),
            question.as_ref().map(|said| said.text.as_str()).into(),
            trace.reward.map_or(Cell::Null, Cell::Real),
        ]);
        rows.made.push((id, read.len(), flows));
        Ok(())
    }
}

/// Calls that are looked back at for where a value came from: without a limit, long episodes would take for ever.
const LOOKED_BACK: usize = 500;

/// Values of arguments that an earlier result holds and no user said. Number of rows.
fn flows(id: &str, trace: &Trace<'_>, read: &[Read<'_>], rows: &mut Rows) -> usize {
    let before = rows.flows.rows();
    for (index, one) in read.iter().enumerate() {
        for (hash, text, pointer) in &one.given.telling {
            let earlier = read[..index].iter().enumerate().rev().take(LOOKED_BACK);
            let held =
                earlier.filter(|(_, r)| r.failure().0.is_none()).find_map(|(at, r)| Some((at, r.reading.as_ref()?.place_of(*hash)?)));
            // What a user said too came from there, as far as anyone can tell.
            if let Some((source, at)) = held.filter(|_| memmem::find(trace.told.as_bytes(), text.as_bytes()).is_none()) {
                rows.flows.push(&[Cell::Text(id), Cell::Int(source as i64), Cell::Text(at), Cell::Int(index as i64), Cell::Text(pointer)]);
            }
        }
    }
    rows.flows.rows() - before
}

/// Hash of what an episode is: its collection, its key there, and its calls with their results. `encoded` is room to work in.
fn id_of(label: &str, key: &[&str], read: &[Read<'_>], encoded: &mut Vec<u8>) -> String {
    encoded.clear();
    let mut part = |text: &str| {
        encoded.extend_from_slice(text.as_bytes());
        encoded.push(0);
    };
    part(label);
    key.iter().for_each(|text| part(text));
    for one in read {
        part(&one.tool.server);
        part(&one.tool.name);
        part(&one.given.text);
        part(one.reading.as_ref().map_or("", |r| &r.hash));
    }
    format!("{:032x}", XxHash3_128::oneshot(encoded))
}
