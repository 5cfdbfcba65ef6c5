//! Near-duplicates among many texts: those that meet in a band of their sketches are compared word by word.

use std::num::NonZero;
use std::thread;

use crate::minhash::{BANDS, Shingles, bands, jaccard, sketch};

/// Texts before it in a bucket, besides the first, that a text is compared with: texts that all meet in one bucket cost
/// no more than as many that do not.
const BEFORE: usize = 8;
/// Texts for which threads are worth their start.
const MANY: usize = 4096;

/// A text that has a near-duplicate before it, in the order of ids.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Place of the text.
    pub text: usize,
    /// Place of the most similar text before it, the first of equals.
    pub near: usize,
    /// Share of their word pairs that both have.
    pub similarity: f64,
}

/// The texts that share `threshold` or more of their word pairs with a text whose id is smaller. Each text comes with its id;
/// which are found does not depend on the order they come in.
pub fn near_duplicates(texts: &[(&str, &str)], threshold: f64) -> Vec<Near> {
    let workers = if texts.len() < MANY { 1 } else { thread::available_parallelism().map_or(1, NonZero::get) };
    let banded = banded(texts, workers);
    let pairs = met(texts, &banded, workers);
    drop(banded);
    let mut found = compared(texts, &pairs, threshold, workers);
    let better = |n: &Near| (n.text, std::cmp::Reverse((n.similarity * 1e9) as u64), texts[n.near].0);
    found.sort_unstable_by(|a, b| better(a).cmp(&better(b)));
    found.dedup_by_key(|n| n.text);
    found
}

/// Upper halves of the bands of a text.
type Banded = Option<[u32; BANDS]>;

/// Upper halves of the bands of each text; none for a text without a word. Texts that only meet by chance are told apart when
/// they are compared.
fn banded(texts: &[(&str, &str)], workers: usize) -> Vec<Banded> {
    let mut out = vec![None; texts.len()];
    let size = texts.len().div_ceil(workers).max(1);
    let work = |(out, texts): (&mut [Banded], &[(&str, &str)])| {
        let mut shingles = Shingles::default();
        for (out, (_, text)) in out.iter_mut().zip(texts) {
            *out = sketch(shingles.of(text)).map(|sketch| bands(&sketch).map(|band| (band >> 32) as u32));
        }
    };
    in_threads(out.chunks_mut(size).zip(texts.chunks(size)), work);
    out
}

/// Pairs of texts that meet in a band, the later first.
fn met(texts: &[(&str, &str)], banded: &[Option<[u32; BANDS]>], workers: usize) -> Vec<(u32, u32)> {
    let work = |worker: usize| {
        let (mut pairs, mut entries) = (Vec::new(), Vec::with_capacity(banded.len()));
        for band in (worker..BANDS).step_by(workers) {
            entries.clear();
            entries.extend(banded.iter().zip(0_u32..).filter_map(|(bands, text)| Some((bands.as_ref()?[band], text))));
            entries.sort_unstable();
            for bucket in entries.chunk_by_mut(|a, b| a.0 == b.0).filter(|bucket| bucket.len() > 1) {
                bucket.sort_unstable_by_key(|(_, text)| (texts[*text as usize].0, *text));
                for place in 1..bucket.len() {
                    let before = place.saturating_sub(BEFORE).max(1)..place;
                    pairs.extend(std::iter::once(0).chain(before).map(|earlier| (bucket[place].1, bucket[earlier].1)));
                }
            }
            // The same two meet in many bands.
            pairs.sort_unstable();
            pairs.dedup();
        }
        pairs
    };
    let mut pairs = in_threads(0..workers.min(BANDS), work).concat();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The pairs that are as similar as `threshold` says.
fn compared(texts: &[(&str, &str)], pairs: &[(u32, u32)], threshold: f64, workers: usize) -> Vec<Near> {
    let work = |pairs: &[(u32, u32)]| {
        let (mut own, mut other, mut read) = (Shingles::default(), Shingles::default(), Vec::new());
        let mut found = Vec::new();
        for same in pairs.chunk_by(|a, b| a.0 == b.0) {
            let text = same[0].0 as usize;
            read.clear();
            read.extend_from_slice(own.set(texts[text].1));
            for (_, near) in same {
                let near = *near as usize;
                let similarity = jaccard(&read, other.set(texts[near].1));
                if similarity >= threshold {
                    found.push(Near { text, near, similarity });
                }
            }
        }
        found
    };
    in_threads(pairs.chunks(pairs.len().div_ceil(workers).max(1)), work).concat()
}

/// What `work` makes of each part, each in a thread of its own where there are several.
fn in_threads<P: Send, R: Send>(parts: impl ExactSizeIterator<Item = P>, work: impl Fn(P) -> R + Sync) -> Vec<R> {
    if parts.len() <= 1 {
        return parts.map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}
