//! Episodes as synthesis sees them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use serde_json::{Map, Value};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::error::Result;
use crate::json::{Leaf, leaves, members, parse};
use crate::lake::Session;
use crate::names;
use crate::sql;
use crate::task::about::{About, Tool, ToolRow, squashed};
use crate::task::clause::clause;
use crate::task::entries::Own;
use crate::task::spare::Spare;
use crate::task::wording::phrase;

/// One episode with its calls and flows.
#[derive(Debug)]
pub struct Source {
    /// The episode.
    pub episode_id: String,
    /// Whether it walked over many tools just to see their results.
    pub survey: bool,
    /// Its calls in order, repeats left out.
    pub calls: Vec<Call>,
    /// Its flows.
    pub flows: Vec<Flow>,
    /// What its readings gave without writes.
    pub needs: Vec<Need>,
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// Index in the episode.
    pub index: i64,
    /// Server called.
    pub server: String,
    /// Tool called.
    pub tool: String,
    /// What is known of the tool.
    pub about: Arc<About>,
    /// Arguments.
    pub arguments: Map<String, Value>,
    /// Arguments as recorded, in canonical JSON.
    pub arguments_text: String,
    /// What it gave.
    pub(in crate::task) seen: Arc<Seen>,
    /// Whether it failed.
    pub is_error: bool,
    /// State before it.
    pub state_key: String,
}

/// What a call gave. Most calls are made again and again, and share it.
#[derive(Debug, Default)]
pub(in crate::task) struct Seen {
    /// Result in JSON; a failure is no answer and has none.
    text: Arc<str>,
    // Read when first asked: most calls of a lake are in no task, and their scalars would fill the memory.
    result: OnceLock<Value>,
    leaves: OnceLock<Vec<Leaf>>,
    texts: OnceLock<HashSet<u64>>,
    /// Its scalars that can be a label, whatever is given, once they were looked at.
    pub(in crate::task) telling: OnceLock<Vec<Leaf>>,
    /// Whether anybody would make the call, once that was looked at.
    pub(in crate::task) usable: OnceLock<bool>,
}

/// Letters of a parameter's name that say enough to be told at the beginning of another.
const WHOLE_NAME: usize = 7;

impl Call {
    /// Result, as provenance reads it.
    pub fn result(&self) -> &Value {
        self.seen.result.get_or_init(|| if self.seen.text.is_empty() { Value::Null } else { parse(&self.seen.text) })
    }

    /// The text of its result.
    pub fn gave(&self) -> &str {
        &self.seen.text
    }

    /// Whether the result may hold a text of several lines, as far as can be told without reading it.
    pub fn may_be_text(&self) -> bool {
        self.seen.text.contains("\\n") && self.seen.text.contains(": ") || self.seen.text.contains(":** ")
    }

    /// Whether a field of the result only repeats a parameter, given or left to its default.
    pub fn echoes(&self, leaf: &Leaf) -> bool {
        let outer = leaf.pattern.matches('/').count() <= 2 && !leaf.pattern.contains('*');
        let name = squashed(leaf.key());
        // `max_file_size_mb` tells what `max_file_size` was taken to be.
        let named = |param: &str| param == name || param.len() >= WHOLE_NAME && name.starts_with(param);
        // Of a list of one thing, its path is not told from the path that was given.
        let only = || leaf.pattern.contains('*') && leaf.pointer.matches('/').count() <= 3 && self.are_single(&leaf.pointer);
        outer && !leaf.pattern.is_empty() && self.about.takes_any(named)
            || self.about.takes_any(|param| param == name) && !leaf.pattern.is_empty() && only()
    }

    /// Whether each list on the way to `pointer` has one item.
    fn are_single(&self, pointer: &str) -> bool {
        let mut at = self.result();
        pointer.split('/').skip(1).all(|step| {
            let single = at.as_array().is_none_or(|items| items.len() == 1);
            at = step.parse::<usize>().ok().and_then(|i| at.get(i)).or_else(|| at.get(step)).unwrap_or(&Value::Null);
            single
        })
    }

    /// Whether what stands behind a label only repeats a parameter: `Roughness length` of `roughness_length_m`.
    pub fn echoes_label(&self, label: &str) -> bool {
        let label = squashed(label);
        let begins = |a: &str, b: &str| b.len() >= WHOLE_NAME && a.starts_with(b);
        self.about.takes_any(|param| param == label || begins(param, &label) || begins(&label, param))
    }

    /// The words of its tool's and its parameters' names.
    pub fn name_words(&self) -> BTreeSet<String> {
        std::iter::once(&self.tool).chain(self.arguments.keys()).flat_map(|name| names::split(name)).collect()
    }

    /// Whether it could be given a parameter of that name, and is not.
    pub fn leaves_out(&self, name: &str) -> bool {
        self.about.takes(name) && !self.arguments.keys().any(|given| squashed(given) == squashed(name))
    }

    /// Arguments that it could do without.
    pub fn options(&self) -> usize {
        self.arguments.keys().filter(|name| !self.about.required.contains(name)).count()
    }

    /// Whether one of its lists holds the same text or the same thing twice.
    pub fn repeats_itself(&self) -> bool {
        self.arguments.values().any(crate::json::repeats)
    }

    /// The tool's name without its server's: `lcm` where `sympy` calls it `sympy_lcm`.
    pub fn own_name(&self) -> String {
        let (words, server) = (names::split(&self.tool), names::split(&self.server));
        // `search_oscal` of the server `oscal` finds entries, and no “oscals”.
        let looks = |word: &&String| matches!(word.as_str(), "search" | "query" | "find" | "list");
        if let Some(verb) = words.strip_suffix(server.as_slice()).and_then(|own| own.iter().find(looks)) {
            return verb.clone();
        }
        match words.strip_prefix(server.as_slice()) {
            Some(own) if !own.is_empty() => own.join("_"),
            _ => self.tool.clone(),
        }
    }

    /// What it calls its own results.
    pub fn own(&self) -> Own {
        let own = self.about.own.get_or_init(|| Own::of(&self.own_name(), &self.about.description)).clone();
        // What was given is not what comes out, though it be called so.
        let called = |name: &String| own.subject == phrase(name) || own.subject.ends_with(&format!(" {}", phrase(name)));
        let given = self.arguments.keys().any(called);
        if given { Own { subject: "result".into(), ..own } } else { own }
    }

    /// How many entries a list has at most, as it was given or by default.
    pub fn page(&self) -> Option<u64> {
        let given =
            ["limit", "page_size", "per_page", "max_results", "top_k", "count"].iter().find_map(|name| self.arguments.get(*name)?.as_u64());
        given.or(self.about.page)
    }

    /// What it was not given, and takes all the same: defaults that decide what comes out.
    pub fn defaults(&self) -> impl Iterator<Item = &(String, Value)> {
        self.about.defaults.iter().filter(|(name, _)| !self.arguments.contains_key(name))
    }

    /// What its tool does, as [`clause`] says it.
    pub fn clause(&self) -> &str {
        self.about.clause.get_or_init(|| clause(&self.about.description, &self.tool))
    }

    /// Whether one of the result's scalars is `text`.
    pub fn says(&self, text: &str) -> bool {
        let texts = || self.leaves().iter().map(|leaf| xxh3_64(leaf.text().as_bytes())).collect();
        self.seen.texts.get_or_init(texts).contains(&xxh3_64(text.as_bytes()))
    }

    /// Whether a number of the result only gives a number of the arguments in another unit: the metres of a height in centimetres.
    pub fn rescales(&self, leaf: &Leaf) -> bool {
        let Some(value) = leaf.value.as_f64().filter(|value| *value != 0.0) else { return false };
        let own = names::split(leaf.key());
        let decimals = leaf.text().split_once('.').map_or(0, |(_, rest)| rest.len()) as i32;
        let near = |given: f64| (given - value).abs() <= 0.5001 * 10f64.powi(-decimals);
        let scaled = |given: f64| (-6..=6).any(|power| near(given * 10f64.powi(power)));
        let alike = |name: &String| names::split(name).first().is_some_and(|first| own.contains(first));
        self.arguments.iter().any(|(name, given)| given.as_f64().is_some_and(scaled) && alike(name))
    }

    /// Scalars of the result.
    pub fn leaves(&self) -> &[Leaf] {
        self.seen.leaves.get_or_init(|| leaves(self.result()))
    }
}

impl Source {
    /// Number of tools called in the episode beside `tools`: what an agent could take for the right ones.
    pub fn tools_beside(&self, tools: &BTreeSet<(&str, &str)>) -> usize {
        let called: BTreeSet<(&str, &str)> = self.calls.iter().map(|c| (c.server.as_str(), c.tool.as_str())).collect();
        called.difference(tools).count()
    }
}

/// A value's way from a result into an argument.
#[derive(Debug, Clone, Deserialize)]
pub struct Flow {
    /// The episode.
    pub episode_id: String,
    /// Call whose result held it.
    pub src_call: i64,
    /// Where in the result.
    pub src_pointer: String,
    /// Call that took it.
    pub dst_call: i64,
    /// Where in the arguments.
    pub dst_pointer: String,
}

/// What a reading gave where one write was not made.
#[derive(Debug, Deserialize)]
pub struct Need {
    /// The episode.
    pub episode_id: String,
    /// The reading.
    pub call_index: i64,
    /// The write that was left out.
    pub left_out: i64,
    /// Whether it then failed or gave something else.
    pub needed: bool,
    #[serde(rename = "result")]
    result_text: Option<String>,
    #[serde(skip)]
    result: OnceLock<Value>,
}

impl Need {
    /// What the reading gave; null where it failed.
    pub fn result(&self) -> &Value {
        self.result.get_or_init(|| self.result_text.as_deref().map(parse).unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Row {
    episode_id: String,
    call_index: i64,
    server: String,
    tool: String,
    arguments: String,
    result: Option<String>,
    is_error: bool,
    result_hash: Option<String>,
    state_key: String,
    survey: Option<bool>,
}

#[derive(Deserialize)]
struct ResultRow {
    result_hash: String,
    result: String,
}

/// What calls gave, each once: results by their hashes, and what was seen of them by the calls.
struct Gave {
    results: HashMap<String, Arc<str>>,
    seen: HashMap<u128, Arc<Seen>>,
}

impl Gave {
    fn load(session: &Session) -> Result<Gave> {
        let results: Vec<ResultRow> = session.rows(sql::get("stages/usable_result.sql"))?;
        Ok(Gave { results: results.into_iter().map(|r| (r.result_hash, r.result.into())).collect(), seen: HashMap::new() })
    }

    /// What a call gave, by the hash of its result, or else the result itself; nothing where it failed.
    fn of(&mut self, server: &str, tool: &str, arguments: &str, hash: Option<String>, result: Option<String>) -> Arc<Seen> {
        let fresh = |text: Arc<str>| Arc::new(Seen { text, ..Seen::default() });
        let Some((hash, text)) = hash.and_then(|hash| self.results.get(&hash).map(|text| (hash, Arc::clone(text)))) else {
            return fresh(result.unwrap_or_default().into());
        };
        let call = xxh3_128(format!("{server}\u{1}{tool}\u{1}{arguments}\u{1}{hash}").as_bytes());
        Arc::clone(self.seen.entry(call).or_insert_with(|| fresh(text)))
    }
}

/// All episodes of the lake, in the order in which their sub-DAGs were drawn.
pub fn load(session: &Session) -> Result<Vec<Source>> {
    let tools: Vec<ToolRow> = session.rows(sql::get("stages/usable_tool.sql"))?;
    let tools: HashMap<(String, String), Tool> = tools.into_iter().map(ToolRow::read).collect();
    let rows: Vec<Row> = session.rows(sql::get("stages/usable_call.sql"))?;
    let flows: Vec<Flow> = session.table("flow")?;
    let spare = Spare::load(session)?;
    let needs: Vec<Need> = session.rows(sql::get("stages/need.sql"))?;
    let mut gave = Gave::load(session)?;
    let mut sources: Vec<Source> = Vec::new();
    for row in rows {
        if sources.last().is_none_or(|s| s.episode_id != row.episode_id) {
            sources.push(Source {
                episode_id: row.episode_id.clone(),
                survey: row.survey.unwrap_or(false),
                calls: Vec::new(),
                flows: Vec::new(),
                needs: Vec::new(),
            });
        }
        let key = (row.server, row.tool);
        if let Some((source, known)) = sources.last_mut().zip(tools.get(&key)) {
            let (server, tool) = key;
            let given = members(&parse(&row.arguments));
            let enough = row
                .result_hash
                .as_deref()
                .filter(|_| known.about.reads)
                .and_then(|hash| spare.enough((&server, &tool), &given, hash, &row.state_key));
            let (arguments, arguments_text) = enough.unwrap_or((given, row.arguments));
            let about = Arc::clone(known.of(&arguments));
            let seen = gave.of(&server, &tool, &arguments_text, row.result_hash.filter(|_| !row.is_error), row.result);
            source.calls.push(Call {
                index: row.call_index,
                server,
                tool,
                about,
                arguments,
                arguments_text,
                seen,
                is_error: row.is_error,
                state_key: row.state_key,
            });
        }
    }
    let mut needs_of: HashMap<String, Vec<Need>> = HashMap::new();
    needs.into_iter().for_each(|need| needs_of.entry(need.episode_id.clone()).or_default().push(need));
    for source in &mut sources {
        source.needs = needs_of.remove(&source.episode_id).unwrap_or_default();
        let first = flows.partition_point(|f| f.episode_id < source.episode_id);
        let own = flows[first..].iter().take_while(|f| f.episode_id == source.episode_id);
        // Nothing flows into what is left out.
        let taken = |f: &&Flow| {
            let call = source.calls.binary_search_by_key(&f.dst_call, |call| call.index).ok().map(|at| &source.calls[at]);
            let param = f.dst_pointer.split('/').nth(1).map(crate::json::unescape);
            call.zip(param).is_none_or(|(call, param)| call.arguments.contains_key(&*param))
        };
        source.flows = own.filter(taken).cloned().collect();
    }
    Ok(sources)
}
