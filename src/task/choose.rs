//! Which of the tasks that could be written are: those that show most tools not seen before come first, no server is in too many, and
//! no two ask for the same calls.

use std::collections::{BTreeSet, HashSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::task::Options;
use crate::task::gold::{Candidate, Kind, candidates};
use crate::task::pick::{Numbers, Rows, Taken};
use crate::task::source::Source;
use crate::task::write::{Writer, Written};

/// Even shares of the tasks that one server may have in a lake of fewer than so many servers.
const MANY_SERVERS: usize = 50;
const EVEN_SHARES: f64 = 3.0;

/// Options given in one call, beside what it needs, that make a task as much worse as so many more.
const OPTIONS: usize = 2;

/// Entries taken on trust that are too few to choose all anew once they are written.
const FEW: usize = 100;

/// Numbers of what the entries share.
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
    taken: Taken,
    signature: u64,
    burden: usize,
    place: u64,
}

impl<'a> Entry<'a> {
    fn of(source: &'a Source, candidate: Candidate, seed: u64, shared: &mut Shared<'a>) -> Entry<'a> {
        let gold = source.gold(&candidate.calls);
        let tools: BTreeSet<(&'a str, &'a str)> = gold.iter().map(|c| (c.server.as_str(), c.tool.as_str())).collect();
        let path: String = gold.iter().map(|c| format!("{}\u{1}{}\u{2}", c.server, c.tool)).collect();
        let calls: Vec<String> = gold.iter().map(|c| format!("{}\u{1}{}\u{1}{}\u{2}", c.server, c.tool, c.arguments_text)).collect();
        let signature = calls.concat();
        Entry {
            source,
            taken: Taken {
                tools: tools.into_iter().map(|tool| (shared.servers.of(tool.0), shared.tools.of(tool))).collect(),
                path: shared.paths.of(xxh3_64(path.as_bytes())),
                episode: shared.episodes.of(&source.episode_id),
                survey: source.survey.then_some(source.calls.len()),
                calls: calls.iter().map(|call| shared.calls.of(xxh3_64(call.as_bytes()))).collect(),
            },
            burden: gold.iter().map(|call| call.options()).max().unwrap_or(0) / OPTIONS,
            place: xxh3_64(format!("{seed}\u{1}{signature}").as_bytes()),
            signature: xxh3_64(signature.as_bytes()),
            candidate,
        }
    }

    /// Smaller is written earlier: what crosses servers, chains before bundles, calls with few options, and the rest by chance.
    fn rank(&self) -> (bool, Kind, usize, u64) {
        (!self.taken.crosses(), self.candidate.kind, self.burden, self.place)
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
    let servers = shared.servers.len();
    let share = if servers < MANY_SERVERS { options.max_share.max(EVEN_SHARES / servers.max(1) as f64) } else { options.max_share };
    let most = options.tasks.unwrap_or(usize::MAX);
    let mut rows = Rows::default();
    entries.iter().for_each(|entry| rows.push(&entry.taken));
    let mut drafts: Vec<Option<Option<Written>>> = vec![None; entries.len()];
    // The largest number of tasks a server may have that is no more than its share of the tasks there are then. It is sought among all
    // that could be written first: what is only tried is written in vain.
    let limit = (entries.len().min(most) as f64 * share) as usize + 2;
    let room = |chosen: &[usize]| (chosen.len() as f64 * share).max(1.0) - rows.most_of_one(chosen) as f64;
    let open: Vec<usize> = (0..entries.len()).collect();
    let (about, _) = largest(limit, limit, |cap| {
        let chosen = rows.pick(open.clone(), cap, most, |_| true);
        (room(&chosen), chosen)
    });
    // Half of those can be written, more or less.
    let (_, chosen) = largest(limit, about * 3 / 4, |cap| {
        let chosen = settle(writer, &rows, &entries, &mut drafts, cap, most);
        (room(&chosen), chosen)
    });
    chosen.into_iter().filter_map(|at| drafts[at].take().flatten()).collect()
}

/// The largest number below `limit` at which there is room, with what was found there, where room gets less and less: by the secant
/// between one that has and one that has not, or by halves where that gains little. `guess` is tried first. One always has room.
fn largest<T>(limit: usize, guess: usize, mut at: impl FnMut(usize) -> (f64, T)) -> (usize, T) {
    let (room, found) = at(1);
    let (mut fits, mut best) = ((1, room), found);
    let mut above: (usize, Option<f64>) = (limit.max(2), None);
    let (mut next, mut halve) = (guess, false);
    while above.0 - fits.0 > 1 {
        let width = above.0 - fits.0;
        let tried = next.clamp(fits.0 + 1, above.0 - 1);
        let (room, found) = at(tried);
        if room >= 0.0 {
            (fits, best) = ((tried, room), found);
        } else {
            above = (tried, Some(room));
        }
        halve = !halve && 2 * (above.0 - fits.0) > width;
        next = match above.1 {
            Some(short) if !halve => fits.0 + ((above.0 - fits.0) as f64 * fits.1 / (fits.1 - short)) as usize,
            None if !halve => fits.0.saturating_mul(2),
            _ => fits.0.midpoint(above.0),
        };
    }
    (fits.0, best)
}

/// What is chosen with at most `cap` tasks a server and `most` in all, all of it written. Whether an entry can be written is only known
/// when it was tried, and what can't leaves room for others: what is taken on trust is written, on all cores, and chosen anew with what
/// came of it, until little is; that is written when its turn comes.
fn settle(
    writer: &Writer<'_>,
    rows: &Rows,
    entries: &[Entry<'_>],
    drafts: &mut [Option<Option<Written>>],
    cap: usize,
    most: usize,
) -> Vec<usize> {
    let write = |at: usize| writer.write(entries[at].source, &entries[at].candidate);
    loop {
        let open: Vec<usize> = (0..entries.len()).filter(|at| !matches!(drafts[*at], Some(None))).collect();
        let chosen = rows.pick(open.clone(), cap, most, |_| true);
        let untried: Vec<usize> = chosen.iter().copied().filter(|at| drafts[*at].is_none()).collect();
        if untried.is_empty() {
            return chosen;
        }
        if untried.len() < FEW {
            return rows.pick(open, cap, most, |at| drafts[at].get_or_insert_with(|| write(at)).is_some());
        }
        let tried: Vec<Option<Written>> = untried.par_iter().map(|at| write(*at)).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_with_room_is_found_in_few_tries() {
        for (limit, root, guess) in [(2, 1, 1), (600, 545, 580), (5000, 545, 4000), (5000, 4999, 3), (5000, 1, 700), (700, 699, 699)] {
            let mut tries = 0;
            let (found, value) = largest(limit, guess, |cap| {
                tries += 1;
                // Ever less, faster at first.
                let room = (root as f64).sqrt() - (cap as f64).sqrt();
                (if cap == 1 { room.max(0.0) } else { room }, cap)
            });
            assert_eq!((found, value), (root.min(limit - 1), found));
            assert!(tries <= 16, "{tries} for {root}");
        }
    }
}
