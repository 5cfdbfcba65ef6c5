//! MinHash: how much two texts share, estimated from a few numbers of each, and bands of these numbers in which texts meet
//! that share much.
//!
//! A text is the set of its word pairs ([`Shingles`]). Its sketch is a fast similarity sketch (Dahlgaard, Knudsen, Thorup:
//! *Fast Similarity Sketching*, FOCS 2017): like 128 independent minimal hashes, without hashing each pair 128 times.

use xxhash_rust::xxh3::xxh3_64;

/// Numbers of a sketch.
pub const SLOTS: usize = 128;
/// Bands that a sketch is cut into, of eight numbers each. Two texts that share the part `s` of their word pairs meet in one
/// of them with probability `1 - (1 - s^8)^16`: 0.9999 at 0.9, 0.95 at 0.8, and 0.06 at 0.5.
pub const BANDS: usize = 16;
const ROWS: usize = SLOTS / BANDS;
/// Words of a shingle. One word forgets their order; with three, one changed word of a short question changes a fifth of it.
pub const WORDS: usize = 2;

/// What stands for one shingle in each slot.
pub type Sketch = [u64; SLOTS];

/// Two multipliers a round; a round for each slot by chance, then one for each slot in turn.
static KEYS: [[u64; 2]; 2 * SLOTS] = keys();

const fn keys() -> [[u64; 2]; 2 * SLOTS] {
    let mut keys = [[0; 2]; 2 * SLOTS];
    let (mut state, mut at) = (0x6669_7265_666c_7921_u64, 0);
    while at < 4 * SLOTS {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        keys[at / 2][at % 2] = (z ^ (z >> 31)) | 1;
        at += 1;
    }
    keys
}

/// Both halves of the product folded: a hash of `a` for each `key`.
fn mix(a: u64, key: u64) -> u64 {
    let product = u128::from(a) * u128::from(key);
    (product as u64) ^ (product >> 64) as u64
}

/// A text as words, with room that is used again for the next text.
#[derive(Debug, Default)]
pub struct Shingles {
    plain: Vec<u8>,
    /// Where each word begins and ends.
    words: Vec<(usize, usize)>,
    hashes: Vec<u64>,
}

impl Shingles {
    /// Reads `text` as its runs of letters and digits, in lower case, with one blank between.
    fn read(&mut self, text: &str) {
        self.plain.clear();
        self.words.clear();
        let mut start = 0;
        for c in text.chars() {
            if c.is_ascii_alphanumeric() {
                self.plain.push(c.to_ascii_lowercase() as u8);
            } else if !c.is_ascii() && c.is_alphanumeric() {
                c.to_lowercase().for_each(|lower| self.plain.extend_from_slice(lower.encode_utf8(&mut [0; 4]).as_bytes()));
            } else {
                start = self.end(start);
            }
        }
        self.end(start);
    }

    /// Ends the word that begins at `start`, if one does; where the next begins.
    fn end(&mut self, start: usize) -> usize {
        if self.plain.len() == start {
            return start;
        }
        self.words.push((start, self.plain.len()));
        self.plain.push(b' ');
        self.plain.len()
    }

    /// Runs of `words` words of what was read; all of it where it has fewer.
    fn runs(&self, words: usize) -> impl Iterator<Item = &[u8]> {
        let words = words.clamp(1, self.words.len().max(1));
        self.words.windows(words).map(move |run| &self.plain[run[0].0..run[words - 1].1])
    }

    /// The word pairs of `text`, each hashed, in the order of the text; the word of a text of one word.
    pub fn of(&mut self, text: &str) -> &[u64] {
        self.read(text);
        let mut hashes = std::mem::take(&mut self.hashes);
        hashes.clear();
        hashes.extend(self.runs(WORDS).map(xxh3_64));
        self.hashes = hashes;
        &self.hashes
    }

    /// The same as a set: in ascending order, each once.
    pub fn set(&mut self, text: &str) -> &[u64] {
        self.of(text);
        self.hashes.sort_unstable();
        self.hashes.dedup();
        &self.hashes
    }
}

/// The runs of `words` words of a text, in lower case and without punctuation, each once, in the order of the text.
/// A text of fewer words is one run.
pub fn ngrams(text: &str, words: usize) -> Vec<String> {
    let mut shingles = Shingles::default();
    shingles.read(text);
    let mut seen = std::collections::HashSet::new();
    shingles.runs(words).filter(|run| seen.insert(*run)).map(|run| String::from_utf8_lossy(run).into_owned()).collect()
}

/// The share of two sets ([`Shingles::set`]) that both have: 0 to 1, and 0 where both are empty.
pub fn jaccard(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0_usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        common += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    if common == 0 { 0.0 } else { common as f64 / (a.len() + b.len() - common) as f64 }
}

/// The sketch of a set of shingles; none of an empty one. Shingles that come twice and their order make no difference.
pub fn sketch(shingles: &[u64]) -> Option<Sketch> {
    if shingles.is_empty() {
        return None;
    }
    let mut slots = [u64::MAX; SLOTS];
    let mut empty = SLOTS;
    for (round, [first, second]) in KEYS.iter().enumerate() {
        let rank = (round as u64) << 56;
        for shingle in shingles {
            let hash = mix(shingle ^ first, *second);
            let at = &mut slots[if round < SLOTS { hash as usize % SLOTS } else { round - SLOTS }];
            empty -= usize::from(*at == u64::MAX);
            *at = (*at).min(rank | hash >> 8);
        }
        // What later rounds give ranks behind all that is there.
        if empty == 0 {
            break;
        }
    }
    Some(slots)
}

/// The estimate of [`jaccard`] that two sketches give: the share of slots in which they agree.
pub fn estimate(a: &Sketch, b: &Sketch) -> f64 {
    a.iter().zip(b).filter(|(x, y)| x == y).count() as f64 / SLOTS as f64
}

/// The bands of a sketch, each as one number that no other band has.
pub fn bands(sketch: &Sketch) -> [u64; BANDS] {
    let mut out = [0; BANDS];
    for (band, (hash, rows)) in out.iter_mut().zip(sketch.chunks_exact(ROWS)).enumerate() {
        *hash = rows.iter().zip(&KEYS).fold(KEYS[SLOTS + band][0], |hash, (slot, [first, second])| mix(hash ^ slot ^ first, *second));
    }
    out
}
