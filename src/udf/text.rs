//! `text_similarity`, `mentions`, `gives_away`, `last_number`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch};
use arrow::datatypes::DataType;

use crate::derive;
use crate::mention;
use crate::udf::{Kernel, texts};

/// `text_similarity(a, b)`: cosine of the two texts' hashed character trigrams, 0 to 1.
pub struct TextSimilarity;

const DIMENSIONS: usize = 512;

fn trigrams(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2) {
        let padded: Vec<char> = std::iter::once(' ').chain(word.chars()).chain(std::iter::once(' ')).collect();
        for gram in padded.windows(3) {
            let gram: String = gram.iter().collect();
            vector[xxhash_rust::xxh3::xxh3_64(gram.as_bytes()) as usize % DIMENSIONS] += 1.0;
        }
    }
    vector
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot: f32 = a.iter().zip(b).map(|(x, y)| x * y).sum();
    let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
    let both = norm(a) * norm(b);
    if both == 0.0 { 0.0 } else { f64::from(dot / both) }
}

impl Kernel for TextSimilarity {
    const NAME: &'static str = "text_similarity";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let pairs = texts(batch, 0).iter().zip(texts(batch, 1));
        Arc::new(pairs.map(|(a, b)| Some(cosine(&trigrams(a?), &trigrams(b?)))).collect::<Float64Array>())
    }
}

/// What `holds` says of each text and value; null where either is.
fn judge(batch: &RecordBatch, holds: fn(&str, &str) -> bool) -> ArrayRef {
    let pairs = texts(batch, 0).iter().zip(texts(batch, 1));
    Arc::new(pairs.map(|(text, value)| Some(holds(text?, value?))).collect::<BooleanArray>())
}

/// `mentions(text, value)`: whether a value stands in a text as a word of its own, whatever its case and
/// however its number is written.
pub struct Mentions;

impl Kernel for Mentions {
    const NAME: &'static str = "mentions";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Boolean
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        judge(batch, mention::mentions)
    }
}

/// `gives_away(text, value)`: whether a text holds what the reward would accept for a value.
pub struct GivesAway;

impl Kernel for GivesAway {
    const NAME: &'static str = "gives_away";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Boolean
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        judge(batch, mention::gives_away)
    }
}

/// `last_number(text)`: the last number in a text; null where there is none.
pub struct LastNumber;

impl Kernel for LastNumber {
    const NAME: &'static str = "last_number";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        Arc::new(texts(batch, 0).iter().map(|text| derive::last_number(text?)).collect::<Float64Array>())
    }
}
