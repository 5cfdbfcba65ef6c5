//! Which of the tasks that could be written are: those that show tools not seen before come first, no server is in too many, and no
//! two ask for the same calls.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use xxhash_rust::xxh3::xxh3_64;

use crate::task::Options;
use crate::task::gold::{Candidate, Kind, candidates};
use crate::task::source::Source;
use crate::task::write::{Writer, Written};

/// Most tasks from one episode that walked a sub-DAG.
const PER_EPISODE: usize = 8;
/// Most tasks with the same tools in the same order.
const PER_PATH: usize = 4;
/// Share of the tasks that cross servers, where there are enough of both: what crosses them uses up the share of several.
const CROSSING: f64 = 0.5;
/// Even shares of the tasks that one server may have in a lake of fewer than so many servers.
const MANY_SERVERS: usize = 50;
const EVEN_SHARES: f64 = 3.0;

/// Turns of choosing, in the last of which there may be more tasks that cross servers.
const TURNS: usize = 24;
const LAST_TURNS: usize = 20;

/// A candidate with what the choice needs to know of it.
struct Entry<'a> {
    source: &'a Source,
    candidate: Candidate,
    servers: Vec<&'a str>,
    tools: Vec<(&'a str, &'a str)>,
    path: u64,
    signature: u64,
    place: u64,
}

impl<'a> Entry<'a> {
    fn of(source: &'a Source, candidate: Candidate, seed: u64) -> Entry<'a> {
        let gold = source.gold(&candidate.calls);
        let tools: BTreeSet<(&str, &str)> = gold.iter().map(|c| (c.server.as_str(), c.tool.as_str())).collect();
        let servers: BTreeSet<&str> = tools.iter().map(|(server, _)| *server).collect();
        let path: String = gold.iter().map(|c| format!("{}\u{1}{}\u{2}", c.server, c.tool)).collect();
        let signature: String = gold.iter().map(|c| format!("{}\u{1}{}\u{1}{}\u{2}", c.server, c.tool, c.arguments_text)).collect();
        Entry {
            source,
            servers: servers.into_iter().collect(),
            tools: tools.into_iter().collect(),
            path: xxh3_64(path.as_bytes()),
            place: xxh3_64(format!("{seed}\u{1}{signature}").as_bytes()),
            signature: xxh3_64(signature.as_bytes()),
            candidate,
        }
    }

    /// Smaller is written earlier: what crosses servers, chains before bundles, and the rest by chance.
    fn rank(&self) -> (bool, Kind, u64) {
        (self.servers.len() < 2, self.candidate.kind, self.place)
    }
}

/// The tasks, in the order in which they were chosen.
pub fn choose(writer: &Writer<'_>, options: &Options) -> Vec<Written> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for source in writer.sources {
        let mut rng = ChaCha8Rng::seed_from_u64(xxh3_64(format!("{}\u{1}{}", options.seed, source.episode_id).as_bytes()));
        entries.extend(candidates(source, &writer.dull, &mut rng).into_iter().map(|c| Entry::of(source, c, options.seed)));
    }
    let mut signatures = HashSet::new();
    entries.retain(|e| signatures.insert(e.signature));
    entries.sort_by_key(Entry::rank);
    let servers: BTreeSet<&str> = entries.iter().flat_map(|e| e.servers.iter().copied()).collect();
    let few = servers.len() < MANY_SERVERS;
    let share = if few { options.max_share.max(EVEN_SHARES / servers.len().max(1) as f64) } else { options.max_share };
    let most = options.tasks.unwrap_or(usize::MAX);
    let mut written: Vec<Option<Option<Written>>> = vec![None; entries.len()];
    // The largest number of tasks a server may have that is no more than its share of the tasks there are then.
    let (mut fits, mut above) = (1, (entries.len().min(most) as f64 * share) as usize + 2);
    let mut chosen = pass(writer, &entries, &mut written, fits, most);
    while above - fits > 1 {
        let cap = fits.midpoint(above);
        let tried = pass(writer, &entries, &mut written, cap, most);
        if most_of_one(&entries, &tried) as f64 <= (tried.len() as f64 * share).max(1.0) {
            (fits, chosen) = (cap, tried);
        } else {
            above = cap;
        }
    }
    chosen.into_iter().filter_map(|at| written[at].take().flatten()).collect()
}

/// Tasks of the server that is in most of them.
fn most_of_one(entries: &[Entry<'_>], chosen: &[usize]) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for at in chosen {
        entries[*at].servers.iter().for_each(|s| *counts.entry(s).or_default() += 1);
    }
    counts.values().copied().max().unwrap_or(0)
}

/// Chooses with at most `cap` tasks a server and `most` in all. A task is taken where one of its tools is in fewer tasks than the
/// turn allows, and turns allow more and more: what is rare comes first.
fn pass(writer: &Writer<'_>, entries: &[Entry<'_>], written: &mut [Option<Option<Written>>], cap: usize, most: usize) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut crossing = 0;
    let mut taken: HashSet<usize> = HashSet::new();
    let mut by_tool: HashMap<(&str, &str), usize> = HashMap::new();
    let mut by_server: HashMap<&str, usize> = HashMap::new();
    let mut by_path: HashMap<u64, usize> = HashMap::new();
    let mut by_episode: BTreeMap<&str, usize> = BTreeMap::new();
    for turn in 0..TURNS {
        let allowed = 1_usize << turn.min(20);
        let before = chosen.len();
        let mut open = false;
        for (at, entry) in entries.iter().enumerate() {
            if chosen.len() >= most {
                return chosen;
            }
            if taken.contains(&at) || matches!(written[at], Some(None)) {
                continue;
            }
            let episode = if entry.source.survey { entry.source.calls.len() / 2 } else { PER_EPISODE };
            if entry.servers.iter().any(|s| by_server.get(s).is_some_and(|n| *n >= cap))
                || by_path.get(&entry.path).is_some_and(|n| *n >= PER_PATH)
                || by_episode.get(entry.source.episode_id.as_str()).is_some_and(|n| *n >= episode.max(PER_EPISODE))
            {
                continue;
            }
            open = true;
            let crosses = entry.servers.len() > 1;
            if crosses && crossing as f64 > CROSSING * chosen.len() as f64 + 1.0 && turn < LAST_TURNS {
                continue;
            }
            if !entry.tools.iter().any(|t| by_tool.get(t).copied().unwrap_or(0) < allowed) {
                continue;
            }
            if written[at].get_or_insert_with(|| writer.write(entry.source, &entry.candidate)).is_none() {
                continue;
            }
            taken.insert(at);
            chosen.push(at);
            crossing += usize::from(crosses);
            entry.tools.iter().for_each(|t| *by_tool.entry(*t).or_default() += 1);
            entry.servers.iter().for_each(|s| *by_server.entry(s).or_default() += 1);
            *by_path.entry(entry.path).or_default() += 1;
            *by_episode.entry(entry.source.episode_id.as_str()).or_default() += 1;
        }
        if !open && chosen.len() == before {
            break;
        }
    }
    chosen
}
