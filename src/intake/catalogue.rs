//! Servers and tools of the lake, and what is added to them. A tool is told by its content: the same tool from two
//! catalogues is one row of `tool` with two rows of `sighting`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::Result;
use crate::intake::{FoundServer, FoundTool, inferred};
use crate::json::{canonical, parse};
use crate::lake::{Output, Session};
use crate::redact;
use crate::schema_walk::INFERRED;
use crate::text::sha256_hex;

/// A row of `server`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub struct ServerRow {
    /// Name in the config or the catalogue.
    pub server: String,
    /// `ok`, `failed`, `listed` or `recorded`.
    pub status: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// `stdio`, `http`, or `none` for servers that nobody launches.
    pub transport: String,
    /// How it is launched.
    pub launch: String,
    /// Its title.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Protocol version.
    pub protocol_version: Option<String>,
    /// Capabilities.
    pub capabilities: Option<String>,
    /// Instructions.
    pub instructions: Option<String>,
    /// Number of tools.
    pub tools: i64,
    /// What was odd but survivable.
    pub notes: Option<String>,
    /// Time from launch to handshake.
    pub startup_us: Option<i64>,
    /// When it was seen.
    pub seen_at: String,
}

/// A row of `tool`.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub struct ToolRow {
    /// Its server.
    pub server: String,
    /// Its name.
    pub tool: String,
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Schema of its arguments, members in the order they came in.
    pub input_schema: String,
    /// Schema of its result.
    pub output_schema: Option<String>,
    /// Its hints.
    pub annotations: Option<String>,
    /// Place in the server's list.
    pub position: i64,
    /// Hash of what it is.
    pub tool_hash: String,
}

/// A row of `sighting`.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct SightingRow {
    source_id: String,
    server: String,
    tool: String,
    tool_hash: String,
    kind: String,
    known_server: String,
    known_tool: String,
}

/// How a tool was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On a running server.
    Live,
    /// In a catalogue.
    Listed,
    /// Only called, never described.
    Called,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Live => "live",
            Kind::Listed => "listed",
            Kind::Called => "called",
        }
    }

    /// `status` of a server that was seen so.
    fn status(self) -> &'static str {
        match self {
            Kind::Live => "ok",
            Kind::Listed => "listed",
            Kind::Called => "recorded",
        }
    }
}

/// What seeing some tools came to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Tools that are new in the lake.
    pub new: u64,
    /// Tools that were known, the same to the letter.
    pub known: u64,
    /// Tools whose definition took the place of an older one of the same source.
    pub changed: u64,
    /// Tools listed twice by one server; the first counts.
    pub twice: u64,
    /// Secrets masked.
    pub masked: u64,
}

/// Servers, tools and sightings of a lake.
#[derive(Debug)]
pub struct Catalogue {
    servers: BTreeMap<String, ServerRow>,
    tools: BTreeMap<(String, String), ToolRow>,
    by_hash: HashMap<String, (String, String)>,
    sightings: BTreeMap<(String, String, String), SightingRow>,
    now: String,
}

/// Source id of what running servers said.
pub const LIVE: &str = "live";

impl Catalogue {
    /// What `session` holds.
    pub fn load(session: &Session) -> Result<Catalogue> {
        let tools: Vec<ToolRow> = session.table("tool")?;
        let servers: Vec<ServerRow> = session.table("server")?;
        let sightings: Vec<SightingRow> = session.table("sighting")?;
        Ok(Catalogue {
            servers: servers.into_iter().map(|s| (s.server.clone(), s)).collect(),
            by_hash: tools.iter().map(|t| (t.tool_hash.clone(), (t.server.clone(), t.tool.clone()))).collect(),
            tools: tools.into_iter().map(|t| ((t.server.clone(), t.tool.clone()), t)).collect(),
            sightings: sightings.into_iter().map(|s| ((s.source_id.clone(), s.server.clone(), s.tool.clone()), s)).collect(),
            now: chrono::Utc::now().naive_utc().to_string(),
        })
    }

    /// Puts what there is now where a commit finds it.
    pub fn put(&self, session: &Session) -> Result<Vec<Output>> {
        session.put("server", &self.servers.values().collect::<Vec<_>>())?;
        session.put("tool", &self.tools.values().collect::<Vec<_>>())?;
        session.put("sighting", &self.sightings.values().collect::<Vec<_>>())?;
        Ok(["server", "tool", "sighting"].map(Output::replace).into())
    }

    /// The tool of `server` called `tool`.
    pub fn tool(&self, server: &str, tool: &str) -> Option<&ToolRow> {
        self.tools.get(&(server.to_owned(), tool.to_owned()))
    }

    /// The tools of `server`.
    pub fn tools_of<'a>(&'a self, server: &'a str) -> impl Iterator<Item = &'a ToolRow> {
        self.tools.range((server.to_owned(), String::new())..).map(|(_, tool)| tool).take_while(move |tool| tool.server == server)
    }

    /// Takes in a running server: its tools are exactly those it lists now. A catalogue's row of the same tool gives
    /// way, because only a running server's tools can be called.
    pub fn live(&mut self, row: ServerRow, tools: Vec<FoundTool>) -> Seen {
        let name = row.server.clone();
        let ok = row.status == Kind::Live.status();
        self.servers.insert(name.clone(), row);
        if !ok {
            return Seen::default();
        }
        let before: Vec<_> = self.tools_of(&name).map(|t| t.tool.clone()).collect();
        let before: Vec<_> = before.into_iter().filter_map(|tool| self.remove(&name, &tool)).collect();
        self.sightings.retain(|(source, server, _), _| !(source == LIVE && *server == name));
        let mut seen = Seen::default();
        for (position, tool) in tools.into_iter().enumerate() {
            let row = tool_row(&name, position, &tool);
            match before.iter().find(|old| old.tool == row.tool) {
                None => seen.new += 1,
                Some(old) if old.tool_hash == row.tool_hash => seen.known += 1,
                Some(_) => seen.changed += 1,
            }
            let listed = self.by_hash.get(&row.tool_hash).cloned();
            if let Some((server, tool)) = listed.filter(|(server, _)| self.servers.get(server).is_some_and(|s| s.transport == NONE)) {
                self.remove(&server, &tool);
                self.recount(&server);
                for sighting in self.sightings.values_mut().filter(|s| s.known_server == server && s.known_tool == tool) {
                    (sighting.known_server, sighting.known_tool) = (name.clone(), row.tool.clone());
                }
            }
            self.sight(LIVE, &name, &row.tool, &row, Kind::Live);
            self.insert(row);
        }
        self.recount(&name);
        seen
    }

    /// Takes in a server of the collection `label`, found in the source `source_id`.
    pub fn listed(&mut self, source_id: &str, label: &str, server: FoundServer, kind: Kind) -> Seen {
        let mut seen = Seen::default();
        let mut own = BTreeSet::new();
        let server = without_secrets(server, &mut seen.masked);
        for (position, tool) in server.tools.iter().enumerate() {
            let row = tool_row(&server.name, position, tool);
            if !own.insert(row.tool.clone()) {
                seen.twice += 1;
                continue;
            }
            if let Some((known_server, known_tool)) = self.by_hash.get(&row.tool_hash).cloned() {
                seen.known += u64::from(!self.sightings.contains_key(&(source_id.into(), server.name.clone(), row.tool.clone())));
                if let Some(known) = self.tool(&known_server, &known_tool).cloned() {
                    self.sight(source_id, &server.name, &row.tool, &known, kind);
                }
                continue;
            }
            // A name that another collection gave to another tool: both are kept, and told apart by the collection.
            let taken = self.tool(&server.name, &row.tool).is_some();
            let replaces = taken && self.is_of(&server.name, &row.tool, label);
            // A running server has exactly the tools that it lists itself.
            let holder =
                if self.runs(&server.name) || (taken && !replaces) { format!("{}@{label}", server.name) } else { server.name.clone() };
            let row = ToolRow { server: holder.clone(), ..row };
            match self.remove(&holder, &row.tool) {
                Some(_) => seen.changed += 1,
                None => seen.new += 1,
            }
            self.sight(source_id, &server.name, &row.tool, &row, kind);
            self.insert(row);
            self.host(&holder, label, &server, kind);
        }
        // A server is one of the catalogue's also where all its tools are known from another.
        self.host(&server.name, label, &server, kind);
        if let Some(row) = self.servers.get_mut(&server.name).filter(|row| row.transport == NONE) {
            row.tools = row.tools.max(own.len() as i64);
        }
        seen
    }

    /// Takes in what calls tell of a tool, where nothing better is known.
    pub fn called(&mut self, source_id: &str, label: &str, server: &str, tool: &str, schema: &Value) -> Seen {
        let own = format!("{server}@{label}");
        let server = if self.runs(server) && self.tool(server, tool).is_none() { own.as_str() } else { server };
        let schema = match self.tool(server, tool) {
            None => schema.clone(),
            Some(known) => {
                let (known, old) = (known.clone(), parse(&known.input_schema));
                // The row is made anew below only where calls say more than before.
                let Some(wider) = inferred::widened(&old, schema).filter(|wider| *wider != old) else {
                    self.sight(source_id, server, tool, &known, Kind::Called);
                    return Seen::default();
                };
                wider
            }
        };
        let position = self.tools_of(server).count();
        let found = FoundTool { name: tool.into(), input_schema: Some(schema), ..FoundTool::default() };
        let row = tool_row(server, position, &found);
        let old = self.remove(server, tool);
        let row = ToolRow { position: old.as_ref().map_or(row.position, |o| o.position), ..row };
        self.sight(source_id, server, tool, &row, Kind::Called);
        self.insert(row);
        self.host(server, label, &FoundServer { name: server.into(), ..FoundServer::default() }, Kind::Called);
        Seen { new: u64::from(old.is_none()), changed: u64::from(old.is_some()), ..Seen::default() }
    }

    /// Makes sure that there is a row for the server `name`, and that it counts its tools.
    fn host(&mut self, name: &str, label: &str, found: &FoundServer, kind: Kind) {
        if !self.servers.contains_key(name) {
            let row = ServerRow {
                server: name.into(),
                status: kind.status().into(),
                transport: NONE.into(),
                launch: canonical(found.launch.as_ref().unwrap_or(&json!({}))),
                title: found.title.clone(),
                version: found.version.clone(),
                instructions: found.instructions.clone(),
                notes: Some(format!("from {label}")),
                seen_at: self.now.clone(),
                ..ServerRow::default()
            };
            self.servers.insert(name.into(), row);
        }
        self.recount(name);
    }

    fn runs(&self, server: &str) -> bool {
        self.servers.get(server).is_some_and(|row| row.transport != NONE)
    }

    fn is_of(&self, server: &str, tool: &str, label: &str) -> bool {
        let row = self.servers.get(server);
        // The collection of a listed server stands in its note; a running one belongs to nobody's list.
        row.is_some_and(|r| r.transport == NONE && r.notes.as_deref() == Some(&format!("from {label}")))
            || self.tool(server, tool).is_some_and(|t| parse(&t.input_schema)["$comment"] == INFERRED)
    }

    fn recount(&mut self, server: &str) {
        let tools = self.tools_of(server).count() as i64;
        if let Some(row) = self.servers.get_mut(server) {
            row.tools = tools;
        }
    }

    fn insert(&mut self, row: ToolRow) {
        let key = (row.server.clone(), row.tool.clone());
        self.by_hash.entry(row.tool_hash.clone()).or_insert_with(|| key.clone());
        self.tools.insert(key, row);
    }

    fn remove(&mut self, server: &str, tool: &str) -> Option<ToolRow> {
        let old = self.tools.remove(&(server.to_owned(), tool.to_owned()))?;
        if self.by_hash.get(&old.tool_hash).is_some_and(|(s, t)| s == server && t == tool) {
            self.by_hash.remove(&old.tool_hash);
        }
        Some(old)
    }

    fn sight(&mut self, source_id: &str, server: &str, tool: &str, known: &ToolRow, kind: Kind) {
        let row = SightingRow {
            source_id: source_id.into(),
            server: server.into(),
            tool: tool.into(),
            tool_hash: known.tool_hash.clone(),
            kind: kind.name().into(),
            known_server: known.server.clone(),
            known_tool: known.tool.clone(),
        };
        self.sightings.insert((row.source_id.clone(), row.server.clone(), row.tool.clone()), row);
    }
}

/// A server with every secret masked that can be told by its form.
fn without_secrets(mut server: FoundServer, masked: &mut u64) -> FoundServer {
    let mut texts = vec![&mut server.title, &mut server.version, &mut server.instructions];
    let mut values = vec![&mut server.launch];
    for tool in &mut server.tools {
        texts.extend([&mut tool.title, &mut tool.description]);
        values.extend([&mut tool.input_schema, &mut tool.output_schema, &mut tool.annotations]);
    }
    for text in texts.into_iter().flatten() {
        if let Some((clean, count)) = redact::text(text) {
            *text = clean;
            *masked += count;
        }
    }
    *masked += values.into_iter().flatten().map(redact::value).sum::<u64>();
    server
}

/// `transport` of servers that nobody launches.
pub const NONE: &str = "none";

/// The row of a tool. A tool without a published schema takes any object.
pub fn tool_row(server: &str, position: usize, tool: &FoundTool) -> ToolRow {
    let input = tool.input_schema.clone().unwrap_or_else(|| json!({"type": "object", "$comment": "no schema was published"}));
    let whole = json!({"name": tool.name, "description": tool.description, "input": input, "output": tool.output_schema});
    ToolRow {
        server: server.into(),
        tool: tool.name.clone(),
        title: tool.title.clone(),
        description: tool.description.clone(),
        // The order of members is kept as sent: it is the order in which a person reads the parameters.
        input_schema: input.to_string(),
        output_schema: tool.output_schema.as_ref().map(Value::to_string),
        annotations: tool.annotations.as_ref().filter(|a| a.as_object().is_some_and(|m| !m.is_empty())).map(canonical),
        position: position as i64,
        tool_hash: sha256_hex(canonical(&whole).as_bytes()),
    }
}
