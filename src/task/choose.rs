//! Which of the tasks that could be written are: those that show most tools not seen before come first, no server is in too many, and
//! no two ask for the same calls.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::Hash;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::task::Options;
use crate::task::gold::{Candidate, Kind, candidates};
use crate::task::source::Source;
use crate::task::write::{Writer, Written};

/// Most tasks from one episode that walked a sub-DAG.
const PER_EPISODE: usize = 8;
/// Most tasks with the same tools in the same order.
const PER_PATH: usize = 6;
/// Most tasks with the very same call: whoever learns from them has seen it.
const PER_CALL: usize = 200;
/// Share of the tasks that cross servers, where there are enough of both: what crosses them uses up the share of several.
const CROSSING: f64 = 0.42;
/// Even shares of the tasks that one server may have in a lake of fewer than so many servers.
const MANY_SERVERS: usize = 50;
const EVEN_SHARES: f64 = 3.0;

/// Options given in one call, beside what it needs, that make a task as much worse as so many more.
const OPTIONS: usize = 2;

/// Tasks that a server could fill its share with alone, in shares, before a task that takes it together with another such server is put
/// off: of two shares that are used up, one was given away.
const RICH: f64 = 1.5;

/// Turns of choosing, in the last of which there may be more tasks that cross servers.
const TURNS: usize = 27;
const LAST_TURNS: usize = 23;
/// Tools not seen before that a task of the first turns shows, and of a server that has more tools than its share of the tasks could
/// show one by one, each of its tasks.
const NEW: [usize; 4] = [4, 3, 2, 1];

/// Numbers of things, in the order in which they were first seen: the choice counts each of them again and again.
struct Numbers<T>(HashMap<T, usize>);

impl<T: Hash + Eq> Numbers<T> {
    fn new() -> Numbers<T> {
        Numbers(HashMap::new())
    }

    fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }

    /// A count of nothing for each.
    fn counts(&self) -> Vec<usize> {
        vec![0; self.0.len()]
    }
}

/// What the entries share.
struct Shared<'a> {
    servers: Numbers<&'a str>,
    tools: Numbers<(&'a str, &'a str)>,
    paths: Numbers<u64>,
    episodes: Numbers<&'a str>,
    calls: Numbers<u64>,
}

/// A candidate with what the choice needs to know of it.
struct Entry<'a> {
    source: &'a Source,
    candidate: Candidate,
    /// Its servers, each with the tools called there.
    servers: Vec<(usize, Vec<usize>)>,
    path: usize,
    episode: usize,
    calls: Vec<usize>,
    signature: u64,
    burden: usize,
    place: u64,
}

impl<'a> Entry<'a> {
    fn of(source: &'a Source, candidate: Candidate, seed: u64, shared: &mut Shared<'a>) -> Entry<'a> {
        let gold = source.gold(&candidate.calls);
        let tools: BTreeSet<(&'a str, &'a str)> = gold.iter().map(|c| (c.server.as_str(), c.tool.as_str())).collect();
        let tools: Vec<(&'a str, &'a str)> = tools.into_iter().collect();
        let path: String = gold.iter().map(|c| format!("{}\u{1}{}\u{2}", c.server, c.tool)).collect();
        let calls: Vec<String> = gold.iter().map(|c| format!("{}\u{1}{}\u{1}{}\u{2}", c.server, c.tool, c.arguments_text)).collect();
        let signature = calls.concat();
        Entry {
            calls: calls.iter().map(|call| shared.calls.of(xxh3_64(call.as_bytes()))).collect(),
            source,
            servers: tools
                .chunk_by(|a, b| a.0 == b.0)
                .map(|tools| (shared.servers.of(tools[0].0), tools.iter().map(|tool| shared.tools.of(*tool)).collect()))
                .collect(),
            path: shared.paths.of(xxh3_64(path.as_bytes())),
            episode: shared.episodes.of(&source.episode_id),
            burden: gold.iter().map(|call| call.options()).max().unwrap_or(0) / OPTIONS,
            place: xxh3_64(format!("{seed}\u{1}{signature}").as_bytes()),
            signature: xxh3_64(signature.as_bytes()),
            candidate,
        }
    }

    /// Smaller is written earlier: what crosses servers, chains before bundles, calls with few options, and the rest by chance.
    fn rank(&self) -> (bool, Kind, usize, u64) {
        (self.servers.len() < 2, self.candidate.kind, self.burden, self.place)
    }
}

/// The tasks, in the order in which they were chosen.
pub fn choose(writer: &Writer<'_>, options: &Options) -> Vec<Written> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut shared =
        Shared { servers: Numbers::new(), tools: Numbers::new(), paths: Numbers::new(), episodes: Numbers::new(), calls: Numbers::new() };
    for (source, own) in writer.sources.iter().zip(all_candidates(writer, options.seed)) {
        entries.extend(own.into_iter().map(|c| Entry::of(source, c, options.seed, &mut shared)));
    }
    let mut signatures = HashSet::new();
    entries.retain(|e| signatures.insert(e.signature));
    entries.sort_by_key(Entry::rank);
    let servers = shared.servers.0.len();
    let share = if servers < MANY_SERVERS { options.max_share.max(EVEN_SHARES / servers.max(1) as f64) } else { options.max_share };
    let most = options.tasks.unwrap_or(usize::MAX);
    let mut drafts: Vec<Option<Option<Written>>> = vec![None; entries.len()];
    // The largest number of tasks a server may have that is no more than its share of the tasks there are then, sought from below: what
    // is only tried is written in vain.
    let limit = (entries.len().min(most) as f64 * share) as usize + 2;
    let (mut fits, mut above) = (1, limit);
    let mut chosen = settle(writer, &shared, &entries, &mut drafts, fits, most);
    while above - fits > 1 {
        let cap = if above == limit { (2 * fits).min(limit - 1) } else { fits.midpoint(above) };
        let tried = settle(writer, &shared, &entries, &mut drafts, cap, most);
        if most_of_one(&shared, &entries, &tried) as f64 <= (tried.len() as f64 * share).max(1.0) {
            (fits, chosen) = (cap, tried);
        } else {
            above = cap;
        }
    }
    chosen.into_iter().filter_map(|at| drafts[at].take().flatten()).collect()
}

/// What is chosen with at most `cap` tasks a server and `most` in all, all of it written. Whether an entry can be written is only known
/// when it was tried, and what can't leaves room for others: what is taken on trust is written, on all cores, and chosen anew with what
/// came of it, until nothing is. So it is as if each had been written when its turn came.
fn settle(
    writer: &Writer<'_>,
    shared: &Shared<'_>,
    entries: &[Entry<'_>],
    drafts: &mut [Option<Option<Written>>],
    cap: usize,
    most: usize,
) -> Vec<usize> {
    loop {
        let chosen = pass(shared, entries, drafts, cap, most);
        let untried: Vec<usize> = chosen.iter().copied().filter(|at| drafts[*at].is_none()).collect();
        if untried.is_empty() {
            return chosen;
        }
        let write = |at: &usize| writer.write(entries[*at].source, &entries[*at].candidate);
        let tried: Vec<Option<Written>> = untried.par_iter().map(write).collect();
        untried.into_iter().zip(tried).for_each(|(at, written)| drafts[at] = Some(written));
    }
}

/// What each episode could give, in their order, each drawn by its own chance.
fn all_candidates(writer: &Writer<'_>, seed: u64) -> Vec<Vec<Candidate>> {
    let of = |source: &Source| {
        let mut rng = ChaCha8Rng::seed_from_u64(xxh3_64(format!("{seed}\u{1}{}", source.episode_id).as_bytes()));
        candidates(source, &writer.dull, &mut rng)
    };
    writer.sources.par_iter().map(of).collect()
}

/// Tasks of the server that is in most of them.
fn most_of_one(shared: &Shared<'_>, entries: &[Entry<'_>], chosen: &[usize]) -> usize {
    let mut counts = shared.servers.counts();
    chosen.iter().flat_map(|at| &entries[*at].servers).for_each(|(server, _)| counts[*server] += 1);
    counts.into_iter().max().unwrap_or(0)
}

/// Chooses with at most `cap` tasks a server and `most` in all, of those that were written or not tried yet. A task is taken where of each of its servers, whose shares it uses up, a
/// tool is in fewer tasks than the turn allows, and turns allow more and more: what is rare comes first.
fn pass(shared: &Shared<'_>, entries: &[Entry<'_>], drafts: &[Option<Option<Written>>], cap: usize, most: usize) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut crossing = 0;
    let (mut by_server, mut by_tool) = (shared.servers.counts(), shared.tools.counts());
    let (mut by_path, mut by_episode, mut by_call) = (shared.paths.counts(), shared.episodes.counts(), shared.calls.counts());
    // What can still be taken: what is taken or has no more room never comes back.
    let mut open: Vec<usize> = (0..entries.len()).filter(|at| !matches!(drafts[*at], Some(None))).collect();
    let mut tools_of = shared.servers.counts();
    shared.tools.0.keys().for_each(|(server, _)| tools_of[shared.servers.0[server]] += 1);
    let (mut alone, mut seen) = (shared.servers.counts(), shared.paths.counts());
    for entry in open.iter().map(|at| &entries[*at]).filter(|entry| entry.servers.len() == 1) {
        seen[entry.path] += 1;
        alone[entry.servers[0].0] += usize::from(seen[entry.path] <= PER_PATH);
    }
    let rich = |server: usize| alone[server] as f64 >= RICH * cap as f64;
    for turn in 0..TURNS {
        let new = NEW[turn.min(NEW.len() - 1)];
        let allowed = 1_usize << turn.saturating_sub(NEW.len() - 1).min(20);
        let mut left = Vec::with_capacity(open.len());
        for at in open {
            let entry = &entries[at];
            if chosen.len() >= most {
                return chosen;
            }
            let episode = if entry.source.survey { entry.source.calls.len() / 2 } else { PER_EPISODE };
            if entry.servers.iter().any(|(server, _)| by_server[*server] >= cap)
                || by_path[entry.path] >= PER_PATH
                || by_episode[entry.episode] >= episode.max(PER_EPISODE)
                || entry.calls.iter().any(|call| by_call[*call] >= PER_CALL)
            {
                continue;
            }
            let crosses = entry.servers.len() > 1;
            let wasteful = || entry.servers.iter().filter(|(server, _)| rich(*server)).count() > 1;
            if crosses && turn < LAST_TURNS && (crossing as f64 > CROSSING * chosen.len() as f64 + 1.0 || wasteful()) {
                left.push(at);
                continue;
            }
            let rare = |tools: &[usize]| tools.iter().filter(|tool| by_tool[**tool] < allowed).count();
            let least = |server: usize| if 2 * tools_of[server] > cap { new } else { 1 };
            if entry.servers.iter().any(|(server, tools)| rare(tools) < least(*server))
                || entry.servers.iter().map(|(_, tools)| rare(tools)).sum::<usize>() < new
            {
                left.push(at);
                continue;
            }
            chosen.push(at);
            crossing += usize::from(crosses);
            for (server, tools) in &entry.servers {
                by_server[*server] += 1;
                tools.iter().for_each(|tool| by_tool[*tool] += 1);
            }
            by_path[entry.path] += 1;
            by_episode[entry.episode] += 1;
            entry.calls.iter().for_each(|call| by_call[*call] += 1);
        }
        open = left;
        if open.is_empty() {
            break;
        }
    }
    chosen
}
