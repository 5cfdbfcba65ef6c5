//! Words as numbers, with how much each of them says.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::names::{self, Kind};

/// Number of tools of many domains in which each word stands: a word that most tools use tells them apart least.
/// Counted over the 6,044 tools with a schema in Toucan's catalogue by `sql/stats/words.sql`; a lake's own counts
/// would change every edge with every new tool.
pub(super) const FREQUENCIES: &str = include_str!("words.tsv");
/// Tools that were counted.
const COUNTED: f32 = 6044.0;
/// What is taken for a word that stands in fewer tools than the file lists.
const RARE: f32 = 2.0;

static FREQUENCY: LazyLock<HashMap<&str, f32>> = LazyLock::new(|| {
    let rows = FREQUENCIES.lines().filter_map(|line| line.split_once('\t'));
    rows.filter_map(|(word, tools)| Some((word, tools.parse().ok()?))).collect()
});

/// A word's number: smaller for a word that comes first in the alphabet, so that sums over words come out the same
/// whatever else a lake holds.
pub type Word = u32;

/// Words with weights, in the order of their numbers. Unit length where it stands for a text.
pub type Bag = Vec<(Word, f32)>;

/// All words of a catalogue.
#[derive(Debug, Default)]
pub struct Lexicon {
    numbers: HashMap<String, Word>,
    weights: Vec<f32>,
    kinds: Vec<Kind>,
}

impl Lexicon {
    /// A lexicon of `words`.
    pub fn of(words: HashSet<&str>) -> Lexicon {
        let mut words: Vec<&str> = words.into_iter().collect();
        words.sort_unstable();
        let mut lexicon = Lexicon::default();
        for word in words {
            let tools = FREQUENCY.get(word).copied().unwrap_or(RARE);
            lexicon.weights.push(((COUNTED + 1.0) / (tools + 1.0)).ln());
            lexicon.kinds.push(names::kind(word));
            lexicon.numbers.insert(word.to_owned(), lexicon.numbers.len() as Word);
        }
        lexicon
    }

    /// Number of words.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// The numbers of `words`; a word it does not have is left out.
    pub fn numbers(&self, words: &[String]) -> Vec<Word> {
        words.iter().filter_map(|w| self.numbers.get(w).copied()).collect()
    }

    /// How much a word says: the logarithm of how rare it is.
    pub fn weight(&self, word: Word) -> f32 {
        self.weights[word as usize]
    }

    /// What kind of word it is.
    pub fn kind(&self, word: Word) -> Kind {
        self.kinds[word as usize]
    }

    /// A text as its words, each weighted by how much it says and by the best of the shares it comes with; unit
    /// length.
    pub fn bag<'a>(&self, words: impl Iterator<Item = (&'a String, f32)>) -> Bag {
        let mut bag: Bag = words.filter_map(|(w, share)| Some((*self.numbers.get(w)?, share))).collect();
        bag.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
        bag.dedup_by_key(|(word, _)| *word);
        bag.iter_mut().for_each(|(word, share)| *share *= self.weights[*word as usize]);
        unit(bag)
    }
}

/// The same at unit length.
pub fn unit(mut bag: Bag) -> Bag {
    let length = bag.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
    if length > 0.0 {
        bag.iter_mut().for_each(|(_, w)| *w /= length);
    }
    bag
}

/// The cosine of two texts.
pub fn cosine(a: &Bag, b: &Bag) -> f32 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while let (Some((x, wx)), Some((y, wy))) = (a.get(i), b.get(j)) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += wx * wy;
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

/// The share of `words`, weighted by how much they say, that stand in `bag`.
pub fn share(words: &Bag, bag: &Bag) -> f32 {
    let all: f32 = words.iter().map(|(_, w)| w).sum();
    let common: f32 = words.iter().filter(|(word, _)| bag.binary_search_by_key(word, |(w, _)| *w).is_ok()).map(|(_, w)| w).sum();
    if all > 0.0 { common / all } else { 0.0 }
}
