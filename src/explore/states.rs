//! State as a dependency: what was written and read in one episode is done again by itself, on fresh servers, and once more with
//! each write left out. A reading that then fails or gives something else needs the write; writes that no reading needs are
//! dropped, and the rest is walked again until all of it is needed.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::explore::given::{self, GivenCall, GivenCalls, GivenFlow, Purpose};
use crate::explore::made;
use crate::explore::plan::{self, Node, Plan};
use crate::explore::{Options, Report};
use crate::fields::is_made_up;
use crate::json::{leaves, members, parse};
use crate::lake::{Lake, Session};
use crate::mcp::ServerConfig;
use crate::names;
use crate::observed::FlowRow;
use crate::sql;
use crate::text::short_id;

/// Name of the policy.
pub const NAME: &str = "states";
/// Shape of its sub-DAGs.
const SHAPE: &str = "state";
/// What tells its walks from others.
const PURPOSE: Purpose = Purpose { shape: SHAPE, policy: NAME, ablates: true };
/// Most writes that are done again together.
const WRITES: usize = 5;
/// Most readings after them.
const READINGS: usize = 4;
/// Walks for each tool that writes.
const WALKS: usize = 2;
/// What is walked, in turn: what was recorded, what is left of it when writes that nobody needs are dropped, what two walks wrote for
/// the same reading, and much else that can be read after writes that are needed.
const ROUNDS: [&str; 6] = [
    "stages/state_call.sql",
    "stages/needed_write.sql",
    "stages/needed_write.sql",
    "stages/combined_write.sql",
    "stages/needed_write.sql",
    "stages/wide_reading.sql",
];
/// Letters of a text by which two calls are about the same thing.
const TELLING: usize = 3;

/// A recorded call.
#[derive(Debug, Deserialize)]
struct Made {
    #[serde(default)]
    part: String,
    episode_id: String,
    call_index: i64,
    server: String,
    tool: String,
    arguments: String,
    reads: bool,
    changes: bool,
    // Looked at for each write of its episode.
    #[serde(skip)]
    about: OnceCell<BTreeSet<String>>,
}

impl Made {
    fn arguments(&self) -> Value {
        parse(&self.arguments)
    }

    /// Texts in its arguments by which it is about the same thing as another.
    fn about(&self) -> &BTreeSet<String> {
        let telling = |text: &String| text.chars().count() >= TELLING;
        let texts = || leaves(&self.arguments()).into_iter().filter(|l| l.value.is_string()).map(|l| l.text()).filter(telling).collect();
        self.about.get_or_init(texts)
    }
}

/// Calls that are to be made by themselves: writes, then readings.
type Slice<'a> = Vec<&'a Made>;

/// Finds out which writes readings need, over what the lake holds of writes; what was done.
pub async fn explore_states(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<Report> {
    let mut total = Report::default();
    for (round, stage) in ROUNDS.into_iter().enumerate() {
        let session = lake.session()?;
        let names: BTreeSet<&str> = configs.iter().map(|c| c.name.as_str()).collect();
        let file = sql::get(stage);
        let made: Vec<Made> = session.rows(file)?;
        let slices = if round == 0 { slices(&made, options.seed) } else { parts(&made) };
        let (mut plans, calls) = plans(&session, &slices)?;
        plans.retain(|plan| plan.servers().iter().all(|name| names.contains(name)));
        total.add(given::walk(lake, session, PURPOSE, (plans, calls), configs, options, file).await?);
    }
    Ok(total)
}

/// A slice that may be walked.
struct Choice<'a> {
    /// Decides between equals.
    draw: u64,
    /// Calls with made-up values.
    made_up: usize,
    slice: Slice<'a>,
}

impl Choice<'_> {
    /// What its readings bring, where tools were `read` so often, for its length.
    fn gain(&self, read: &HashMap<(&str, &str), usize>) -> f64 {
        let news = |call: &&Made| {
            let times = read.get(&(call.server.as_str(), call.tool.as_str())).copied().unwrap_or(0);
            (if call.changes { 2.0 } else { 1.0 }) / (1 + times) as f64
        };
        let (readings, writes): (Vec<&Made>, Vec<&Made>) = self.slice.iter().copied().partition(|c| c.reads);
        readings.iter().map(news).sum::<f64>() / (1.0 + self.made_up as f64) / (4 + writes.len()) as f64
    }
}

/// Each write that succeeded, with writes before it that are about the same things and readings of the same server; for each
/// tool that writes those that bring what the fewest others bring.
fn slices(made: &[Made], seed: u64) -> Vec<Slice<'_>> {
    let mut by_tool: BTreeMap<(&str, &str), Vec<Choice<'_>>> = BTreeMap::new();
    for calls in made.chunk_by(|a, b| a.episode_id == b.episode_id && a.server == b.server) {
        for (at, write) in calls.iter().enumerate().filter(|(_, call)| !call.reads) {
            if let Some(slice) = slice(calls, at) {
                let draw = xxh3_64(format!("{seed}\u{1}{}\u{1}{}", write.episode_id, write.call_index).as_bytes());
                let made_up = slice.iter().filter(|c| leaves(&c.arguments()).iter().any(|l| is_made_up(l.key(), &l.value))).count();
                by_tool.entry((&write.server, &write.tool)).or_default().push(Choice { draw, made_up, slice });
            }
        }
    }
    let mut read: HashMap<(&str, &str), usize> = HashMap::new();
    let mut out: Vec<Slice<'_>> = Vec::new();
    for _ in 0..WALKS {
        for known in by_tool.values_mut() {
            let best = known.iter().enumerate().max_by(|(_, a), (_, b)| a.gain(&read).total_cmp(&b.gain(&read)).then(a.draw.cmp(&b.draw)));
            let Some((at, _)) = best else { continue };
            let slice = known.swap_remove(at).slice;
            slice.iter().filter(|c| c.reads).for_each(|c| *read.entry((&c.server, &c.tool)).or_default() += 1);
            out.push(slice);
        }
    }
    out
}

/// The write at `at` of an episode's calls of one server, with what belongs to it. None where nothing was read.
fn slice(calls: &[Made], at: usize) -> Option<Slice<'_>> {
    let earlier: Vec<usize> = (0..at).filter(|i| !calls[*i].reads && !same(&calls[*i], &calls[at])).collect();
    let mut about = calls[at].about().clone();
    let mut writes = vec![at];
    let add = |i: usize, writes: &mut Vec<usize>, about: &mut BTreeSet<String>| {
        if writes.len() < WRITES && !writes.contains(&i) {
            about.extend(calls[i].about().iter().cloned());
            writes.push(i);
        }
    };
    // What first spoke of a thing made it; what spoke of it last may have made what this goes on with.
    for text in about.clone() {
        let mut speak = earlier.iter().copied().filter(|i| calls[*i].about().contains(&text));
        let (first, last) = (speak.next(), speak.next_back());
        first.into_iter().chain(last).for_each(|i| add(i, &mut writes, &mut about));
    }
    // So may what is called alike: a table is added before it is laid out.
    let nouns = |i: usize| names::words(&calls[i].tool).into_iter().skip(1).collect::<BTreeSet<_>>();
    let mut alike = earlier.iter().copied().filter(|i| !nouns(*i).is_disjoint(&nouns(at)));
    let (first, last) = (alike.next(), alike.next_back());
    first.into_iter().chain(last).for_each(|i| add(i, &mut writes, &mut about));
    // What comes first of all sets up.
    earlier.first().into_iter().chain(earlier.last()).for_each(|i| add(*i, &mut writes, &mut about));
    writes.sort_unstable();
    let mut readings: Vec<usize> = (0..calls.len()).filter(|i| calls[*i].reads).collect();
    readings.sort_by_cached_key(|i| {
        let call = &calls[*i];
        (!call.changes, call.about().is_disjoint(&about), *i < at, i.abs_diff(at))
    });
    let mut tools = BTreeSet::new();
    readings.retain(|i| tools.insert(calls[*i].tool.as_str()));
    readings.truncate(READINGS);
    readings.sort_unstable();
    (!readings.is_empty()).then(|| writes.into_iter().chain(readings).map(|i| &calls[i]).collect())
}

/// Whether two calls are the same.
fn same(a: &Made, b: &Made) -> bool {
    a.tool == b.tool && a.arguments == b.arguments
}

/// What belongs together as the query says.
fn parts(made: &[Made]) -> Vec<Slice<'_>> {
    let mut out: Vec<Slice<'_>> = made.chunk_by(|a, b| a.part == b.part).map(|calls| calls.iter().collect()).collect();
    out.iter_mut().for_each(|slice| slice.sort_by_key(|call| call.reads));
    out
}

/// The slices as plans that the lake has not walked, and their calls.
fn plans(session: &Session, slices: &[Slice<'_>]) -> Result<(Vec<Plan>, GivenCalls)> {
    let tools = plan::tools(session)?;
    let flows: Vec<FlowRow> = session.table("flow")?;
    let walked = given::walked(session, NAME)?;
    let (mut plans, mut calls) = (Vec::new(), HashMap::new());
    for slice in slices {
        let said: Vec<String> = slice.iter().map(|c| format!("{}\u{1}{}\u{1}{}", c.server, c.tool, c.arguments)).collect();
        let dag_id = short_id(&[SHAPE, &said.join("\u{2}")]);
        let nodes: Option<Vec<Node>> = slice.iter().map(|c| tools.get(&(c.server.clone(), c.tool.clone())).cloned()).collect();
        let Some(nodes) = nodes.filter(|_| !walked.contains(&dag_id) && !calls.contains_key(&dag_id)) else { continue };
        let flows = flows_of(slice, &flows);
        let given = |(call, flows): (&&Made, _)| GivenCall { arguments: members(&named(call.arguments(), &dag_id)), flows };
        let given = slice.iter().zip(flows).map(given).collect();
        calls.insert(dag_id.clone(), given);
        plans.push(Plan { dag_id, nodes, links: Vec::new() });
    }
    Ok((plans, calls))
}

/// Arguments with words of the kind in place of what was made up, the same for the same in one walk.
fn named(mut arguments: Value, dag_id: &str) -> Value {
    for leaf in leaves(&arguments).into_iter().filter(|leaf| is_made_up(leaf.key(), &leaf.value)) {
        if let Some(slot) = arguments.pointer_mut(&leaf.pointer) {
            let draw = xxh3_64(format!("{dag_id}\u{1}{}", leaf.text()).as_bytes());
            // What something is called is what it is found by: one word for all places. Its kind and what is said of it are not.
            let own = names::words(leaf.key()).last().is_some_and(|word| matches!(word.as_str(), "type" | "kind" | "observation"));
            let said = own.then(|| made::text(leaf.key(), &mut ChaCha8Rng::seed_from_u64(draw))).flatten();
            *slot = said.unwrap_or_else(|| made::plain(draw).to_owned()).into();
        }
    }
    arguments
}

/// What flowed into each call of a slice from one before it.
fn flows_of(slice: &Slice<'_>, flows: &[FlowRow]) -> Vec<Vec<GivenFlow>> {
    let Some(first) = slice.first() else { return Vec::new() };
    let start = flows.partition_point(|f| f.episode_id < first.episode_id);
    let own: Vec<&FlowRow> = flows[start..].iter().take_while(|f| f.episode_id == first.episode_id).collect();
    let into = |(place, call): (usize, &&Made)| {
        let flow = |f: &&FlowRow| {
            let src = slice[..place].iter().position(|c| c.call_index == f.src_call && c.episode_id == f.episode_id)?;
            (f.dst_call == call.call_index && f.episode_id == call.episode_id).then(|| GivenFlow {
                src,
                src_pointer: f.src_pointer.clone(),
                dst_pointer: f.dst_pointer.clone(),
            })
        };
        own.iter().filter_map(flow).collect()
    };
    slice.iter().enumerate().map(into).collect()
}

/// An error for a lake in which nothing was written.
pub fn nothing_written() -> Error {
    Error::Empty {
        what: "no write of the lake has a reading beside it that was not looked at".into(),
        hint: "explore first: `firefly sample --survey` and `firefly explore`".into(),
    }
}
