//! Every ordered pair of tools: which could pass a value on, and how likely.
//!
//! A pair is scored where the two tools stand on one server, or where what the first gives and what the second asks
//! for have enough words in common ([`AFFINITY`]). Whether a pair is scored depends on the two tools alone, so that
//! a graph that grows tool by tool is the graph that is built at once. [`Reach::All`] scores the others too.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};
use crate::graph::evidence::{Evidence, Pair, at_most, evidence, explained};
use crate::graph::lexicon::Word;
use crate::graph::side::Catalogue;
use crate::graph::weights::{Model, Weights};

/// Least sum of products of word weights for a pair on two servers to be scored. At twice this no edge of tier high is lost
/// on Toucan's catalogue, but edges between servers are, which few words speak for and sub-DAGs live on.
const AFFINITY: f32 = 0.10;
/// Most edges into one parameter from tools of its own server, and from all others.
const SAME_SERVER: usize = 32;
const ELSEWHERE: usize = 32;

/// Which pairs are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Those that have words or a server in common.
    Related,
    /// All.
    All,
}

/// An edge in the making; tools by their place in the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Tool whose result is read.
    pub src: u32,
    /// Tool that takes the value.
    pub dst: u32,
    /// The scalar of its arguments that takes it.
    pub param: u32,
    /// What speaks for it.
    pub evidence: Evidence,
    /// How likely that makes it, rounded to six digits.
    pub prior: f64,
}

/// Words to the tools that give them.
pub struct Index {
    tools: usize,
    postings: Vec<Vec<(u32, f32)>>,
    by_server: Vec<Vec<u32>>,
}

impl Index {
    /// Of what all tools of `catalogue` give.
    pub fn of(catalogue: &Catalogue) -> Index {
        Index::of_some(catalogue, &(0..catalogue.tools.len() as u32).collect::<Vec<_>>())
    }

    /// Of what some tools of `catalogue` give.
    pub fn of_some(catalogue: &Catalogue, srcs: &[u32]) -> Index {
        let mut postings: Vec<Vec<(u32, f32)>> = vec![Vec::new(); catalogue.lexicon.len()];
        let mut by_server: Vec<Vec<u32>> = Vec::new();
        let servers = catalogue.tools.iter().map(|t| t.server_number as usize + 1).max().unwrap_or_default();
        by_server.resize(servers, Vec::new());
        for number in srcs {
            let tool = &catalogue.tools[*number as usize];
            for (word, weight) in &tool.gives {
                postings[*word as usize].push((*number, *weight));
            }
            by_server[tool.server_number as usize].push(*number);
        }
        Index { tools: catalogue.tools.len(), postings, by_server }
    }

    /// The tools whose results `dst` could take a value from, in order; `sums` is scratch space of zeros.
    pub fn candidates(&self, catalogue: &Catalogue, dst: u32, sums: &mut [f32]) -> Vec<u32> {
        let tool = &catalogue.tools[dst as usize];
        let mut touched: Vec<u32> = Vec::new();
        let add = |word: &Word, asked: f32, touched: &mut Vec<u32>, sums: &mut [f32]| {
            for (src, given) in &self.postings[*word as usize] {
                let sum = &mut sums[*src as usize];
                if *sum == 0.0 {
                    touched.push(*src);
                }
                *sum += asked * given;
            }
        };
        for (word, asked) in &tool.asks {
            add(word, *asked, &mut touched, sums);
        }
        let mut found: Vec<u32> = Vec::new();
        for src in touched {
            if std::mem::take(&mut sums[src as usize]) >= AFFINITY && catalogue.tools[src as usize].server_number != tool.server_number {
                found.push(src);
            }
        }
        found.extend(&self.by_server[tool.server_number as usize]);
        found.sort_unstable();
        found
    }
}

/// The edges into the tools `dsts`, in no particular order. `done` is told how many tools are done.
pub fn edges(catalogue: &Catalogue, weights: &Weights, dsts: &[u32], reach: Reach, done: &(dyn Fn(u64) + Sync)) -> Result<Vec<Found>> {
    let index = Index::of(catalogue);
    let next = AtomicUsize::new(0);
    let model = Model::of(weights);
    let work = || {
        let mut sums = vec![0.0; index.tools];
        let mut out = Vec::new();
        loop {
            // Small shares: servers with many tools take longer.
            let at = next.fetch_add(16, Ordering::Relaxed);
            let Some(share) = dsts.get(at..dsts.len().min(at + 16)).filter(|s| !s.is_empty()) else { return out };
            for dst in share {
                let srcs = match reach {
                    Reach::Related => index.candidates(catalogue, *dst, &mut sums),
                    Reach::All => (0..index.tools as u32).collect(),
                };
                into(catalogue, &model, weights.low, *dst, &srcs, &mut out);
            }
            done(share.len() as u64);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|w| w.join().map_err(|_| Error::Query("the tool graph could not be computed".into())))
            .collect::<Result<Vec<_>>>()
    })?;
    Ok(parts.concat())
}

/// Whether any of `srcs` gets an edge into `dst`.
pub fn reached(catalogue: &Catalogue, weights: &Weights, dst: u32, srcs: &[u32]) -> bool {
    let model = Model::of(weights);
    let mut out = Vec::new();
    into(catalogue, &model, weights.low, dst, srcs, &mut out);
    !out.is_empty()
}

/// The evidence for one pair and each scalar that `dst` takes: the place of the scalar, the evidence, and the prior.
pub fn scored(catalogue: &Catalogue, model: &Model, src: u32, dst: u32) -> impl Iterator<Item = (u32, Evidence, f64)> {
    let (a, b) = (&catalogue.tools[src as usize], &catalogue.tools[dst as usize]);
    let pair = Pair::of(a, b);
    b.params.iter().enumerate().map(move |(number, param)| {
        let evidence = evidence(a, b, pair, param);
        (number as u32, evidence, rounded(model.prior(&evidence)))
    })
}

fn rounded(prior: f64) -> f64 {
    (prior * 1e6).round() / 1e6
}

/// The edges of `srcs` into `dst`: for each parameter the likeliest, and only those of at least `low` or with names that
/// agree.
fn into(catalogue: &Catalogue, model: &Model, low: f64, dst: u32, srcs: &[u32], out: &mut Vec<Found>) {
    let own = catalogue.tools[dst as usize].server_number;
    let mut found: Vec<Found> = Vec::new();
    for src in srcs.iter().copied().filter(|src| *src != dst) {
        let (a, b) = (&catalogue.tools[src as usize], &catalogue.tools[dst as usize]);
        let pair = Pair::of(a, b);
        for (number, param) in b.params.iter().enumerate() {
            // Most pairs are out of reach whatever the parameter's description says.
            let most = at_most(a, b, pair, param);
            if !most.agrees() && model.most(&most) < low {
                continue;
            }
            let evidence = explained(a, param, most);
            let prior = rounded(model.prior(&evidence));
            if prior >= low || evidence.agrees() {
                found.push(Found { src, dst, param: number as u32, evidence, prior });
            }
        }
    }
    let params = &catalogue.tools[dst as usize].params;
    let name = |edge: &Found| params[edge.param as usize].first;
    let elsewhere = |edge: &Found| catalogue.tools[edge.src as usize].server_number != own;
    // One edge a source and parameter: its likeliest member.
    found.sort_by(|a, b| (name(a), a.src).cmp(&(name(b), b.src)).then(b.prior.total_cmp(&a.prior)).then(a.param.cmp(&b.param)));
    found.dedup_by(|a, b| (name(a), a.src) == (name(b), b.src));
    for group in found.chunk_by_mut(|a, b| name(a) == name(b)) {
        group.sort_by(|a, b| elsewhere(a).cmp(&elsewhere(b)).then(b.prior.total_cmp(&a.prior)).then(a.src.cmp(&b.src)));
        let near = group.iter().take_while(|edge| !elsewhere(edge)).count();
        out.extend(&group[..near.min(SAME_SERVER)]);
        out.extend(&group[near..group.len().min(near + ELSEWHERE)]);
    }
}
