//! Values that real servers have given or taken before, by the words they are called.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::Result;
use crate::json::{canonical, members, parse};
use crate::lake::Session;
use crate::names::similarity;
use crate::sql;

/// Last words of names whose texts mean something on their own server alone: an id, a search, what something is called there.
const LOCAL: [&str; 31] = [
    "id",
    "key",
    "query",
    "search",
    "keyword",
    "name",
    "title",
    "text",
    "content",
    "message",
    "resource",
    "kind",
    "type",
    "prefix",
    "code",
    "template",
    "thought",
    "value",
    "label",
    "note",
    "description",
    "status",
    "pattern",
    "node",
    "entity",
    "field",
    "subject",
    // What one reckons with are units to another.
    "expression",
    "expr",
    "variable",
    "symbol",
];

/// Names this alike are taken to mean the same kind of value.
pub const ALIKE: f64 = 0.8;

/// Values seen in the lake.
#[derive(Debug, Default)]
pub struct Pool {
    groups: Vec<Group>,
    worthless: BTreeSet<(String, String, String)>,
    measured: BTreeSet<(String, String)>,
    made: HashSet<u64>,
    probed: BTreeSet<(String, String)>,
    proven: BTreeMap<(String, String), Vec<Map<String, Value>>>,
}

#[derive(Debug)]
struct Group {
    server: String,
    words: Vec<String>,
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct Field {
    server: String,
    tool: String,
    pattern: String,
}

#[derive(Deserialize)]
struct Tool {
    server: String,
    tool: String,
}

#[derive(Deserialize)]
struct Proven {
    server: String,
    tool: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Row {
    server: String,
    words: String,
    kind: String,
    value: String,
}

fn hash(server: &str, tool: &str, arguments: &str) -> u64 {
    xxh3_64(format!("{server}\u{1}{tool}\u{1}{arguments}").as_bytes())
}

impl Pool {
    /// The values that the session's snapshot holds.
    pub fn load(session: &Session) -> Result<Pool> {
        let rows: Vec<Row> = session.rows(sql::get("stages/seen_value.sql"))?;
        let mut groups: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
        for row in rows {
            let value = match row.kind.as_str() {
                "string" => Value::String(row.value),
                // A person would not ask with more digits than this.
                _ if row.value.len() > 7 && row.kind == "number" => continue,
                _ => serde_json::from_str(&row.value).unwrap_or(Value::Null),
            };
            groups.entry((row.server, row.words)).or_default().push(value);
        }
        let make = |((server, words), values): ((String, String), Vec<Value>)| Group {
            server,
            words: words.split(' ').map(str::to_owned).collect(),
            values,
        };
        let worthless: Vec<Field> = session.rows(sql::get("stages/unflowable_field.sql"))?;
        let probed = session.rows::<Tool>(sql::get("stages/probed_tool.sql"))?.into_iter().map(|t| (t.server, t.tool)).collect();
        let made =
            session.rows::<Proven>(sql::get("stages/made_call.sql"))?.iter().map(|c| hash(&c.server, &c.tool, &c.arguments)).collect();
        let measured = session.rows::<Tool>(sql::get("stages/measured_tool.sql"))?.into_iter().map(|t| (t.server, t.tool)).collect();
        let mut proven: BTreeMap<(String, String), Vec<Map<String, Value>>> = BTreeMap::new();
        for row in session.rows::<Proven>(sql::get("stages/proven_call.sql"))? {
            proven.entry((row.server, row.tool)).or_default().push(members(&parse(&row.arguments)));
        }
        Ok(Pool {
            measured,
            made,
            probed,
            proven,
            groups: groups.into_iter().map(make).collect(),
            worthless: worthless.into_iter().map(|f| (f.server, f.tool, f.pattern)).collect(),
        })
    }

    /// Whether a field is known to change between equal calls, or to belong to the envelope of its server's
    /// results: nothing should flow from it.
    pub fn is_worthless(&self, server: &str, tool: &str, pattern: &str) -> bool {
        self.worthless.contains(&(server.to_owned(), tool.to_owned(), pattern.to_owned()))
    }

    /// Whether the lake holds a success of this very call.
    pub fn is_made(&self, server: &str, tool: &str, arguments: &Map<String, Value>) -> bool {
        self.made.contains(&hash(server, tool, &canonical(&Value::Object(arguments.clone()))))
    }

    /// Whether it was looked at twice what a tool changes.
    pub fn is_probed(&self, server: &str, tool: &str) -> bool {
        self.probed.contains(&(server.to_owned(), tool.to_owned()))
    }

    /// Whether it is known what of a tool's results repeats.
    pub fn is_measured(&self, server: &str, tool: &str) -> bool {
        self.measured.contains(&(server.to_owned(), tool.to_owned()))
    }

    /// Arguments with which a tool has succeeded as the first call that its server got, or nearly so.
    pub fn proven(&self, server: &str, tool: &str) -> &[Map<String, Value>] {
        self.proven.get(&(server.to_owned(), tool.to_owned())).map_or(&[], Vec::as_slice)
    }

    /// Values for a parameter called `words` of `server`: those of the same server first, then by how much the names mean the same. What
    /// means nothing elsewhere is not taken from there.
    pub fn values(&self, server: &str, words: &[String]) -> Vec<&Value> {
        let local = words.last().is_none_or(|last| LOCAL.contains(&last.as_str()));
        let mut found: Vec<(bool, f64, &Group)> = self
            .groups
            .iter()
            .map(|group| (group.server != server, similarity(words, &group.words), group))
            .filter(|(elsewhere, alike, _)| !(*elsewhere && local) && *alike >= if *elsewhere { 0.95 } else { ALIKE })
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        found.into_iter().flat_map(|(_, _, group)| group.values.iter()).take(24).collect()
    }

    /// What people would search `server` for: names and titles that it gave, or a telling word of them.
    pub fn sought(&self, server: &str) -> Vec<Value> {
        const CALLED: [&str; 3] = ["name", "title", "label"];
        let named = |group: &&Group| group.server == server && group.words.last().is_some_and(|last| CALLED.contains(&last.as_str()));
        // "toolDescription" and "mechanicalhorsepower" are names for programs.
        let spoken = |word: &str| word.chars().count() < 16 && !word.chars().skip(1).any(char::is_uppercase);
        let telling = |word: &&str| word.chars().count() > 3 && word.chars().all(char::is_alphabetic) && spoken(word);
        let sought = |name: &str| match name.split_whitespace().count() {
            1 | 2 if name.split_whitespace().all(spoken) && name.chars().all(|c| c.is_alphanumeric() || " -'".contains(c)) => {
                Some(name.to_owned())
            }
            _ => name.split_whitespace().find(telling).map(str::to_owned),
        };
        let names = self.groups.iter().filter(named).flat_map(|group| &group.values).filter_map(Value::as_str);
        let mut all: Vec<String> = names.filter(|name| name.chars().any(char::is_alphabetic)).filter_map(sought).collect();
        all.sort();
        all.dedup();
        all.into_iter().map(Value::String).collect()
    }
}

/// Whether a parameter called `words` takes what is searched for.
pub fn is_search(words: &[String]) -> bool {
    words.last().is_some_and(|last| matches!(last.as_str(), "query" | "search" | "keyword" | "term"))
}
