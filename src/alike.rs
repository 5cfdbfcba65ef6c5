//! Texts that say much the same in other words: the cosine of their words, each weighted by how rare it is (TF-IDF).

use std::collections::{BTreeMap, HashMap};

use crate::names;

/// Texts that a collection is thought to have more than it has: in a collection of one, a word that stands in all texts is
/// not common.
const MORE: f32 = 10.0;
/// Most of the others that are told of one text.
const TOLD: usize = 8;
/// Most shared words that are told.
const SHARED: usize = 12;

/// A text of one collection and one of the other that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    /// Place of the text in its collection.
    pub text: usize,
    /// Place of the other in the other collection.
    pub other: usize,
    /// Cosine of their weighted words, 0 to 1, to four digits.
    pub similarity: f64,
    /// The words that both have, those that count most first.
    pub shared: Vec<String>,
}

/// A text as its words, by number, each with its weight; unit length.
type Bag = Vec<(u32, f32)>;

/// For each of `texts` those of `others` whose cosine is `threshold` or more, the most similar first. A word counts the more,
/// the rarer it is in the collection that has it more often: phrases that one collection always uses count nothing.
pub fn alike(texts: &[&str], others: &[&str], threshold: f64) -> Vec<Alike> {
    let counted = [texts, others].map(|side| side.iter().map(|text| counts(text)).collect::<Vec<_>>());
    let most = counted.iter().map(Vec::len).max().unwrap_or_default() as f32 + MORE;
    let mut weights: BTreeMap<&str, f32> = BTreeMap::new();
    for side in &counted {
        let mut found: HashMap<&str, f32> = HashMap::new();
        side.iter().flat_map(BTreeMap::keys).for_each(|word| *found.entry(word).or_default() += 1.0);
        for (word, count) in found {
            // Once is no sign of being common, however few texts there are.
            let rarity = if count > 1.0 { ((side.len() as f32 + MORE) / count).ln() } else { most.ln() };
            weights.entry(word).and_modify(|w| *w = w.min(rarity)).or_insert(rarity);
        }
    }
    let words: Vec<(&str, f32)> = weights.into_iter().collect();
    let numbers: HashMap<&str, u32> = words.iter().zip(0..).map(|((word, _), number)| (*word, number)).collect();
    let bag = |counts: &BTreeMap<String, f32>| {
        let weighted = |(word, count): (&String, &f32)| {
            let number = *numbers.get(word.as_str())?;
            Some((number, (1.0 + count.ln()) * words[number as usize].1))
        };
        unit(counts.iter().filter_map(weighted).collect())
    };
    let [texts, others] = counted.each_ref().map(|side| side.iter().map(bag).collect::<Vec<Bag>>());

    let mut holders: Vec<Vec<(usize, f32)>> = vec![Vec::new(); words.len()];
    for (other, bag) in others.iter().enumerate() {
        bag.iter().for_each(|(word, weight)| holders[*word as usize].push((other, *weight)));
    }
    let mut found = Vec::new();
    let mut sums = vec![0.0_f32; others.len()];
    for (text, bag) in texts.iter().enumerate() {
        sums.fill(0.0);
        for (word, weight) in bag {
            holders[*word as usize].iter().for_each(|(other, has)| sums[*other] += weight * has);
        }
        let similarity = |sum: f32| (f64::from(sum) * 1e4).round() / 1e4;
        let mut best: Vec<(usize, f64)> = sums.iter().map(|s| similarity(*s)).enumerate().filter(|(_, s)| *s >= threshold).collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        best.truncate(TOLD);
        found.extend(best.into_iter().map(|(other, similarity)| {
            let shared = shared(bag, &others[other]).into_iter().map(|word| words[word as usize].0.to_owned()).collect();
            Alike { text, other, similarity, shared }
        }));
    }
    found
}

fn counts(text: &str) -> BTreeMap<String, f32> {
    let mut counts = BTreeMap::new();
    names::words(text).into_iter().for_each(|word| *counts.entry(word).or_default() += 1.0);
    counts
}

fn unit(mut bag: Bag) -> Bag {
    let length = bag.iter().map(|(_, w)| w * w).sum::<f32>().sqrt();
    if length > 0.0 {
        bag.iter_mut().for_each(|(_, w)| *w /= length);
    }
    bag
}

/// Words of both, those with the greatest part in their cosine first.
fn shared(a: &Bag, b: &Bag) -> Vec<u32> {
    let weight = |word: &u32| b.binary_search_by_key(word, |(w, _)| *w).ok().map(|at| b[at].1);
    let mut both: Vec<(u32, f32)> = a.iter().filter_map(|(word, own)| Some((*word, own * weight(word)?))).collect();
    both.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
    both.into_iter().take(SHARED).map(|(word, _)| word).collect()
}
