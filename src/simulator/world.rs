//! The recorded calls of a snapshot, indexed for replay. Replies stay the text that was recorded: most are never asked for.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::Int64Type;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::hashed::ByHash;
use crate::json::{members, parse};
use crate::lake;
use crate::simulator::complaint::Lessons;
use crate::simulator::key::{write_completed, write_plain};
use crate::simulator::nearest::Neighbours;
use crate::simulator::{SimTool, Verdict};
use crate::sql;

/// A recorded call that can answer.
#[derive(Debug)]
pub struct Recorded {
    tool: u32,
    episode: u32,
    call_index: i32,
    state: u32,
    /// Whether it failed in any way.
    pub failed: bool,
    repeat: bool,
    arguments: Box<str>,
    /// The completed arguments, where they are others.
    completed: Option<Box<str>>,
    reply: Box<str>,
}

impl Recorded {
    /// Its arguments as recorded, in canonical JSON.
    pub fn arguments(&self) -> &str {
        &self.arguments
    }

    /// The same, completed.
    pub fn completed(&self) -> &str {
        self.completed.as_deref().unwrap_or(&self.arguments)
    }

    /// The CallToolResult, as JSON.
    pub fn reply(&self) -> &str {
        &self.reply
    }
}

/// Field patterns that change between equal calls, by server and tool.
pub type Volatile = HashMap<(String, String), HashSet<String>>;

/// All recorded calls of a snapshot.
#[derive(Debug, Default)]
pub struct RecordedWorld {
    tools: Vec<SimTool>,
    by_name: HashMap<String, HashMap<String, u32>>,
    calls: Vec<Recorded>,
    episodes: Vec<Box<str>>,
    states: Vec<Box<str>>,
    /// Calls by the hash of tool, state and arguments: as recorded, and completed.
    index: ByHash<u64, u32>,
    volatile: OnceLock<Option<Volatile>>,
    learning: AtomicBool,
}

#[derive(Deserialize)]
struct ToolRow {
    server: String,
    tool: String,
    title: Option<String>,
    description: Option<String>,
    input_schema: String,
    reads: bool,
}

#[derive(Deserialize)]
struct VolatileRow {
    server: String,
    tool: String,
    pattern: String,
}

/// Begins the key of a call in `buffer`; the arguments follow.
fn begin_key(buffer: &mut Vec<u8>, completed: bool, tool: u32, state: &str) -> usize {
    buffer.clear();
    buffer.push(u8::from(completed));
    buffer.extend_from_slice(&tool.to_le_bytes());
    buffer.extend_from_slice(state.as_bytes());
    buffer.push(0);
    buffer.len()
}

impl RecordedWorld {
    /// Reads the recorded calls of the session's snapshot.
    pub fn load(session: &lake::Session) -> Result<RecordedWorld> {
        RecordedWorld::load_where(session, |_, _| true)
    }

    /// The same, without the calls that `keep` does not want: it is asked with a tool and completed arguments.
    pub fn load_where(session: &lake::Session, keep: impl Fn(&SimTool, &str) -> bool) -> Result<RecordedWorld> {
        let mut world = RecordedWorld::default();
        for row in session.rows::<ToolRow>(sql::get("stages/sim_tool.sql"))? {
            let place = world.tools.len() as u32;
            world.by_name.entry(row.server.clone()).or_default().insert(row.tool.clone(), place);
            let schema = parse(&row.input_schema);
            world.tools.push(SimTool::new(row.server, row.tool, row.title, row.description, schema, row.reads));
        }
        let file = sql::get("stages/recorded_call.sql");
        let (mut calls, mut episodes, mut states) = (Vec::new(), Interned::default(), Interned::default());
        session.for_each_batch(file.text, |batch| {
            let rows = Columns::of(&batch).ok_or_else(|| Error::Query(format!("{}: a column of another type", file.path)))?;
            calls.extend((0..batch.num_rows()).filter_map(|row| world.read(&rows, row, &mut episodes, &mut states)));
            Ok(())
        })?;
        (world.episodes, world.states) = (episodes.texts, states.texts);
        calls.retain(|call| keep(&world.tools[call.tool as usize], call.completed()));
        // The first take answers. Sorting here is cheaper than sorting replies in SQL.
        calls.sort_by(|a, b| (a.repeat, world.episode(a), a.call_index).cmp(&(b.repeat, world.episode(b), b.call_index)));
        world.index(calls);
        Ok(world)
    }

    fn read(&self, rows: &Columns<'_>, row: usize, episodes: &mut Interned, states: &mut Interned) -> Option<Recorded> {
        let tool = self.place_of(rows.server.value(row), rows.tool.value(row))?;
        let arguments = rows.arguments.value(row);
        let mut completed = Vec::new();
        write_completed(&self.tools[tool as usize].form, &members(&parse(arguments)), &mut completed);
        let completed = String::from_utf8(completed).ok().filter(|text| text != arguments);
        let error = || error_reply(if rows.error_text.is_null(row) { "error" } else { rows.error_text.value(row) }).to_string();
        Some(Recorded {
            tool,
            episode: episodes.place(rows.episode_id.value(row)),
            call_index: rows.call_index.value(row) as i32,
            state: states.place(rows.state_key.value(row)),
            failed: rows.is_error.value(row),
            repeat: rows.repeat.value(row),
            arguments: arguments.into(),
            completed: completed.map(String::into_boxed_str),
            reply: if rows.reply.is_null(row) { error().into() } else { rows.reply.value(row).into() },
        })
    }

    /// Takes the calls that can answer, in order.
    fn index(&mut self, calls: Vec<Recorded>) {
        let mut buffer = Vec::new();
        self.index.reserve(calls.len() * 2);
        for call in calls {
            let state = &self.states[call.state as usize];
            begin_key(&mut buffer, false, call.tool, state);
            buffer.extend_from_slice(call.arguments.as_bytes());
            let place = self.calls.len() as u32;
            let std::collections::hash_map::Entry::Vacant(free) = self.index.entry(xxh3_64(&buffer)) else { continue };
            free.insert(place);
            begin_key(&mut buffer, true, call.tool, state);
            buffer.extend_from_slice(call.completed().as_bytes());
            self.index.entry(xxh3_64(&buffer)).or_insert(place);
            self.tools[call.tool as usize].calls.push(place);
            self.calls.push(call);
        }
        self.calls.shrink_to_fit();
    }

    /// Says that [`RecordedWorld::learn_volatile`] will be called: whoever looks for a nearest call waits for it.
    pub fn will_learn(&self) {
        self.learning.store(true, Ordering::Release);
    }

    /// Learns which fields change between equal calls; a world that has not learnt that has no nearest calls.
    pub fn learn_volatile(&self, session: &lake::Session) -> Result<()> {
        let rows = session.query::<VolatileRow>("FROM volatile_field");
        let (rows, done) = match rows {
            Ok(rows) => (Some(rows), Ok(())),
            Err(error) => (None, Err(error)),
        };
        let volatile = rows.map(|rows| {
            let mut volatile = Volatile::new();
            for row in rows {
                volatile.entry((row.server, row.tool)).or_default().insert(row.pattern);
            }
            volatile
        });
        let _ = self.volatile.set(volatile);
        done
    }

    /// Which fields change between equal calls; empty where it was not learnt.
    pub fn volatile_fields(&self) -> Volatile {
        self.volatile.get().cloned().flatten().unwrap_or_default()
    }

    fn place_of(&self, server: &str, tool: &str) -> Option<u32> {
        self.by_name.get(server)?.get(tool).copied()
    }

    /// The tool called `tool` of `server`.
    pub fn tool(&self, server: &str, tool: &str) -> Option<&SimTool> {
        self.place_of(server, tool).map(|place| &self.tools[place as usize])
    }

    /// All tools, sorted by server, then in their server's order.
    pub fn tools(&self) -> impl Iterator<Item = &SimTool> {
        self.tools.iter()
    }

    /// Number of recorded calls that can answer.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The recorded call at a place.
    pub fn at(&self, place: u32) -> &Recorded {
        &self.calls[place as usize]
    }

    /// The tool of the call at a place.
    pub fn tool_of(&self, place: u32) -> &SimTool {
        &self.tools[self.at(place).tool as usize]
    }

    /// The state in which the call at a place was made.
    pub fn state(&self, place: u32) -> &str {
        &self.states[self.at(place).state as usize]
    }

    /// Episode and call index of the call at a place.
    pub fn origin(&self, place: u32) -> (&str, i64) {
        let call = self.at(place);
        (self.episode(call), i64::from(call.call_index))
    }

    fn episode(&self, call: &Recorded) -> &str {
        &self.episodes[call.episode as usize]
    }

    pub(super) fn lessons<'a>(&'a self, tool: &'a SimTool) -> &'a Lessons {
        tool.lessons.get_or_init(|| Lessons::learn(self, tool))
    }

    /// The recorded calls of `tool`, ready to be compared; none where it was not learnt which fields to compare.
    pub fn neighbours<'a>(&'a self, tool: &'a SimTool) -> Option<&'a Neighbours> {
        if self.learning.load(Ordering::Acquire) {
            self.volatile.wait();
        }
        let volatile = self.volatile.get()?.as_ref()?;
        Some(tool.neighbours.get_or_init(|| Neighbours::of(self, tool, volatile)))
    }

    /// The recorded call with the same arguments in the same state, and whether they are the same to the letter. `buffer` is
    /// left with the arguments in canonical JSON from the place returned on.
    pub(super) fn find(&self, tool: u32, arguments: &Map<String, Value>, state: &str, buffer: &mut Vec<u8>) -> Option<(u32, Verdict)> {
        let start = begin_key(buffer, false, tool, state);
        write_plain(arguments, buffer);
        let same = |place: u32, buffer: &[u8], text: &str| {
            self.at(place).tool == tool && text.as_bytes() == &buffer[start..] && self.state(place) == state
        };
        let found = self.index.get(&xxh3_64(buffer)).copied();
        if let Some(place) = found.filter(|&place| same(place, buffer, self.at(place).arguments())) {
            return Some((place, Verdict::Exact));
        }
        begin_key(buffer, true, tool, state);
        write_completed(&self.tools[tool as usize].form, arguments, buffer);
        let found = self.index.get(&xxh3_64(buffer)).copied();
        found.filter(|&place| same(place, buffer, self.at(place).completed())).map(|place| (place, Verdict::Canonical))
    }

    pub(super) fn name_at(&self, tool: u32) -> (String, String) {
        let tool = &self.tools[tool as usize];
        (tool.server.clone(), tool.tool.clone())
    }

    pub(super) fn named(&self, server: &str, tool: &str) -> Option<(u32, &SimTool)> {
        self.place_of(server, tool).map(|place| (place, &self.tools[place as usize]))
    }
}

/// Texts that come again and again.
#[derive(Debug, Default)]
struct Interned {
    texts: Vec<Box<str>>,
    places: HashMap<Box<str>, u32>,
}

impl Interned {
    fn place(&mut self, text: &str) -> u32 {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.texts.len() as u32;
        self.texts.push(text.into());
        self.places.insert(text.into(), place);
        place
    }
}

/// The columns of `recorded_call.sql`.
struct Columns<'a> {
    episode_id: &'a StringArray,
    call_index: &'a Int64Array,
    server: &'a StringArray,
    tool: &'a StringArray,
    arguments: &'a StringArray,
    state_key: &'a StringArray,
    reply: &'a StringArray,
    error_text: &'a StringArray,
    is_error: &'a BooleanArray,
    repeat: &'a BooleanArray,
}

impl Columns<'_> {
    fn of(batch: &RecordBatch) -> Option<Columns<'_>> {
        let text = |name: &str| batch.column_by_name(name)?.as_string_opt::<i32>();
        let flag = |name: &str| batch.column_by_name(name)?.as_boolean_opt();
        Some(Columns {
            episode_id: text("episode_id")?,
            call_index: batch.column_by_name("call_index")?.as_primitive_opt::<Int64Type>()?,
            server: text("server")?,
            tool: text("tool")?,
            arguments: text("arguments")?,
            state_key: text("state_key")?,
            reply: text("reply")?,
            error_text: text("error_text")?,
            is_error: flag("is_error")?,
            repeat: flag("repeat")?,
        })
    }
}

/// A CallToolResult that is an error.
pub fn error_reply(text: &str) -> Value {
    json!({"content": [{"type": "text", "text": text}], "isError": true})
}
