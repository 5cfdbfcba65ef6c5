//! A tool seen from its two sides: what its results give, and what its arguments take.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use crate::graph::lexicon::{Bag, Lexicon, Word};
use crate::graph::read::{FieldRow, ParamRow, ToolRow};
use crate::json::last_key;
use crate::names::{self, Kind};

/// How much a word counts that stands in a tool's name, in what it says, in its fields.
const NAMED: f32 = 1.0;
const SAID: f32 = 0.7;
/// How much a word counts that stands only in a parameter's description.
const EXPLAINED: f32 = 0.6;
/// Characters of a description that are read.
const READ: usize = 800;
/// Characters of its first sentence that are read.
const SENTENCE: usize = 300;

/// A name as words with their kinds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// Its words.
    pub words: Vec<Word>,
    /// What kind of word each is.
    pub kinds: Vec<Kind>,
}

impl Name {
    fn of(words: &[String], lexicon: &Lexicon) -> Name {
        let words = lexicon.numbers(words);
        let kinds = words.iter().map(|w| lexicon.kind(*w)).collect();
        Name { words, kinds }
    }
}

/// Types of scalars, as far as passing them on goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scalar {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Not declared.
    Any,
}

impl Scalar {
    fn of(kind: &str) -> Scalar {
        match kind {
            "string" => Scalar::Text,
            "integer" => Scalar::Integer,
            "number" => Scalar::Number,
            _ => Scalar::Any,
        }
    }
}

/// A field of a tool's results.
#[derive(Debug)]
pub struct Field {
    /// JSON pointer with `*`.
    pub pattern: String,
    /// What it is called.
    pub name: Name,
    /// Its type.
    pub scalar: Scalar,
    /// `schema` or `result`.
    pub source: &'static str,
    /// Whether it is what people put into a parameter that takes anything: a name to search for, a number that counts or
    /// measures something.
    pub telling: bool,
}

/// A scalar of a tool's arguments.
#[derive(Debug)]
pub struct Param {
    /// The parameter.
    pub param: String,
    /// Place of the first scalar of the same parameter.
    pub first: u32,
    /// JSON pointer with `*` into the arguments.
    pub pattern: String,
    /// What it is called.
    pub name: Name,
    /// The words of its name with how much they say; generic ones count half.
    pub called: Bag,
    /// What is said of it.
    pub description: String,
    /// Its name and what is said of it, as words.
    pub bag: Bag,
    /// Its type.
    pub scalar: Scalar,
    /// Whether it must be given.
    pub required: bool,
    /// Whether the schema lists its values.
    pub choice: bool,
    /// Whether it takes any text or any number, whatever it is called.
    pub open: bool,
}

/// A tool, ready to be compared.
#[derive(Debug)]
pub struct Tool {
    /// Its server.
    pub server: String,
    /// Its name.
    pub tool: String,
    /// Number of its server.
    pub server_number: u32,
    /// The words of its server's name.
    pub server_words: Bag,
    /// What it says of itself, without what it says of its arguments.
    pub told: String,
    /// What a sentence embedder makes of that; none where none was asked.
    pub embedding: Option<Vec<f32>>,
    /// What its results are about.
    pub gives: Bag,
    /// What it does with which arguments.
    pub takes: Bag,
    /// All words that something could be found by that it takes.
    pub asks: Bag,
    /// What it is about: its name without verbs.
    pub entity: Bag,
    /// Fields of its results, as far as they are known.
    pub fields: Vec<Field>,
    /// All words of their names, sorted.
    pub field_words: Vec<Word>,
    /// What it takes.
    pub params: Vec<Param>,
    /// How much its verb promises a result to go on with, 0 to 1.
    pub giving: f32,
    /// How much its verb needs something to work on, 0 to 1.
    pub taking: f32,
    /// Changes with everything that its results are judged by.
    pub gives_hash: String,
    /// Changes with everything that its arguments are judged by.
    pub takes_hash: String,
}

/// Names of parameters that take any text, or any number.
const OPEN_TEXT: [&str; 7] = ["text", "input", "string", "query", "keyword", "keywords", "q"];
const OPEN_NUMBER: [&str; 7] = ["number", "numbers", "value", "amount", "a", "b", "n"];

/// What is called like this names something.
const TELLING: [&str; 6] = ["name", "title", "email", "city", "label", "category"];

/// Numbers that are called like this count and measure nothing.
const LABELLING: [&str; 6] = ["id", "code", "zip", "year", "index", "timestamp"];

/// A tool's words, before the lexicon is known.
struct Words {
    text: String,
    name: Vec<String>,
    told: Vec<String>,
    first: Vec<String>,
    entity: Vec<String>,
    server: Vec<String>,
    fields: Vec<(Vec<String>, Vec<String>)>,
    params: Vec<(Vec<String>, Vec<String>, Vec<String>)>,
}

/// All tools of a catalogue, in the order of server and name, and their words.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// The words.
    pub lexicon: Lexicon,
    /// The tools.
    pub tools: Vec<Tool>,
}

fn split(text: &str) -> Vec<String> {
    text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

impl Catalogue {
    /// The tools of `rows` with their fields and parameters. All three are sorted by server and tool.
    pub fn of(rows: Vec<ToolRow>, fields: Vec<FieldRow>, params: Vec<ParamRow>) -> Catalogue {
        let mut by_tool: HashMap<(String, String), (Vec<FieldRow>, Vec<ParamRow>)> = HashMap::new();
        for field in fields {
            by_tool.entry((field.server.clone(), field.tool.clone())).or_default().0.push(field);
        }
        for param in params {
            by_tool.entry((param.server.clone(), param.tool.clone())).or_default().1.push(param);
        }
        let joined: Vec<Joined> = rows
            .into_iter()
            .map(|row| {
                let (fields, params) = by_tool.remove(&(row.server.clone(), row.tool.clone())).unwrap_or_default();
                (row, fields, params)
            })
            .collect();
        let words: Vec<Words> = joined.par_iter().map(|(row, fields, params)| words_of(row, fields, params)).collect();
        let lexicon = Lexicon::of(words.iter().flat_map(Words::all).map(String::as_str).collect());
        let mut servers: BTreeMap<String, u32> = BTreeMap::new();
        let numbered: Vec<(Joined, Words, u32)> = joined
            .into_iter()
            .zip(words)
            .map(|(joined, words)| {
                let next = servers.len() as u32;
                let number = *servers.entry(joined.0.server.clone()).or_insert(next);
                (joined, words, number)
            })
            .collect();
        let tools =
            numbered.par_iter().map(|((row, fields, params), words, number)| tool(row, fields, params, words, &lexicon, *number)).collect();
        Catalogue { lexicon, tools }
    }

    /// Place of a tool; none where the catalogue does not have it.
    pub fn place(&self, server: &str, tool: &str) -> Option<u32> {
        let found = self.tools.binary_search_by(|t| (t.server.as_str(), t.tool.as_str()).cmp(&(server, tool)));
        found.ok().map(|index| index as u32)
    }
}

/// A tool with its fields and parameters.
type Joined = (ToolRow, Vec<FieldRow>, Vec<ParamRow>);

impl Words {
    fn all(&self) -> impl Iterator<Item = &String> {
        let fields = self.fields.iter().flat_map(|(name, key)| name.iter().chain(key));
        let params = self.params.iter().flat_map(|(name, key, said)| name.iter().chain(key).chain(said));
        let own = [&self.name, &self.told, &self.entity, &self.server];
        own.into_iter().flatten().chain(fields).chain(params).filter(|w| w.len() > 1)
    }
}

fn words_of(row: &ToolRow, fields: &[FieldRow], params: &[ParamRow]) -> Words {
    let told = told(row.description.as_deref().unwrap_or_default());
    let first: String = told.split(". ").next().unwrap_or_default().chars().take(SENTENCE).collect();
    let explained = |p: &ParamRow| names::words(&p.description.chars().take(READ / 2).collect::<String>());
    Words {
        name: names::words(&row.tool),
        told: names::words(&told),
        first: names::words(&first),
        entity: names::entity(&row.tool),
        text: told,
        server: names::words(&row.server).into_iter().filter(|w| w != "mcp" && w != "server").collect(),
        fields: fields.iter().map(|f| (split(&f.words), names::words(last_key(&f.pattern)))).collect(),
        params: params.iter().map(|p| (split(&p.words), names::words(last_key(&p.pattern)), explained(p))).collect(),
    }
}

/// A description without the parts that explain its arguments: they say what it takes, not what it gives.
fn told(description: &str) -> String {
    let mut out = String::new();
    let mut skipping = false;
    for line in description.lines() {
        let start = line.trim_start().to_lowercase();
        if ["args:", "parameters:", "arguments:", "params:"].iter().any(|head| start.starts_with(head)) {
            skipping = true;
        } else if ["return", "output", "yields"].iter().any(|head| start.starts_with(head)) {
            skipping = false;
        }
        if !skipping {
            out.push_str(line);
            out.push('\n');
        }
        if out.len() > READ {
            break;
        }
    }
    out
}

fn tool(row: &ToolRow, fields: &[FieldRow], params: &[ParamRow], words: &Words, lexicon: &Lexicon, server_number: u32) -> Tool {
    let at = |words: &'_ Vec<String>, share: f32| words.iter().map(move |w| (w.clone(), share)).collect::<Vec<_>>();
    let bag = |parts: Vec<Vec<(String, f32)>>| lexicon.bag(parts.iter().flatten().map(|(w, share)| (w, *share)));
    let field_keys = words.fields.iter().flat_map(|(_, key)| key.iter().map(|w| (w.clone(), SAID))).collect();
    let param_keys: Vec<(String, f32)> = words.params.iter().flat_map(|(_, key, _)| key.iter().map(|w| (w.clone(), SAID))).collect();
    let gives = bag(vec![at(&words.name, NAMED), at(&words.told, SAID), field_keys]);
    let takes = bag(vec![at(&words.name, NAMED), at(&words.first, SAID), param_keys]);
    let weighted = |words: &[String], generic: f32| -> Bag {
        let numbers: BTreeSet<Word> = lexicon.numbers(words).into_iter().collect();
        let weight = |w: Word| lexicon.weight(w) * if lexicon.kind(w).generic { generic } else { 1.0 };
        numbers.into_iter().map(|w| (w, weight(w))).collect()
    };
    let (giving, taking) = roles(&row.tool);
    let gives_hash =
        hash(&(&row.server, &row.tool, &row.description, fields.iter().map(|f| (&f.pattern, &f.kind, &f.source)).collect::<Vec<_>>()));
    let taken: Vec<_> = params.iter().map(|p| (&p.pattern, &p.kind, p.required, p.choice, &p.description)).collect();
    let takes_hash = hash(&(&row.server, &row.tool, &row.description, taken));
    let fields: Vec<Field> = fields
        .iter()
        .zip(&words.fields)
        .map(|(f, (name, _))| Field {
            name: Name::of(name, lexicon),
            scalar: Scalar::of(&f.kind),
            source: if f.source == "schema" { "schema" } else { "result" },
            telling: match Scalar::of(&f.kind) {
                Scalar::Integer | Scalar::Number => !name.iter().any(|w| LABELLING.contains(&w.as_str())),
                _ => name.last().is_some_and(|w| TELLING.contains(&w.as_str())),
            },
            pattern: f.pattern.clone(),
        })
        .collect();
    // A number converted from one unit to another has to have the first.
    let units = params.iter().any(|p| p.param.to_lowercase().contains("unit"));
    let params: Vec<Param> = params
        .iter()
        .zip(&words.params)
        .map(|(p, (name, _, said))| Param {
            name: Name::of(name, lexicon),
            called: weighted(name, 0.5),
            bag: bag(vec![at(name, NAMED), at(said, EXPLAINED)]),
            scalar: Scalar::of(&p.kind),
            required: p.required,
            choice: p.choice,
            open: p.required && open(p, units),
            first: params.iter().position(|other| other.param == p.param).unwrap_or_default() as u32,
            param: p.param.clone(),
            pattern: p.pattern.clone(),
            description: p.description.clone(),
        })
        .collect();
    let field_words: BTreeSet<Word> = fields.iter().flat_map(|f| f.name.words.iter().copied()).collect();
    let mut asks = takes.clone();
    params.iter().for_each(|p| asks.extend(&p.bag));
    asks.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    asks.dedup_by_key(|(word, _)| *word);
    Tool {
        server_number,
        told: words.text.trim().to_owned(),
        embedding: None,
        server_words: weighted(&words.server, 1.0),
        gives,
        takes,
        asks,
        entity: weighted(&words.entity, 1.0),
        fields,
        field_words: field_words.into_iter().collect(),
        params,
        giving,
        taking,
        gives_hash,
        takes_hash,
        server: row.server.clone(),
        tool: row.tool.clone(),
    }
}

/// Whether a parameter takes anything of its type, as far as its name tells.
fn open(param: &ParamRow, units: bool) -> bool {
    let name = last_key(&param.pattern).to_lowercase();
    match param.kind.as_str() {
        "integer" | "number" => OPEN_NUMBER.contains(&name.as_str()) && !units,
        _ => OPEN_TEXT.contains(&name.as_str()),
    }
}

fn hash(of: &impl serde::Serialize) -> String {
    let text = serde_json::to_vec(of).unwrap_or_default();
    format!("{:032x}", xxh3_128(&text))
}

/// How much a tool's verb promises a result to go on with, and how much it needs something to work on.
fn roles(tool: &str) -> (f32, f32) {
    let verb = names::split(tool).into_iter().find_map(|word| {
        Some(match word.as_str() {
            "list" | "search" | "find" | "query" | "lookup" | "suggest" | "geocode" => (1.0, 0.2),
            "get" | "read" | "fetch" | "show" | "describe" | "check" => (0.7, 1.0),
            "create" | "add" | "open" | "load" => (0.6, 0.5),
            "book" => (0.6, 1.0),
            "update" | "cancel" => (0.4, 1.0),
            "delete" | "remove" => (0.0, 1.0),
            "set" | "write" => (0.0, 0.5),
            _ => return None,
        })
    });
    verb.unwrap_or((0.4, 0.5))
}
