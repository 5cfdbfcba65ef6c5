//! `minhash_bands`, `text_jaccard`, `near_texts`, `word_ngrams`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Float64Builder, ListBuilder, RecordBatch, StringBuilder, StructBuilder, UInt64Builder,
};
use arrow::datatypes::{DataType, Field, Fields, Float64Type, Int64Type};

use crate::minhash::{Shingles, bands, jaccard, ngrams, sketch};
use crate::near::near_duplicates;
use crate::udf::json::{list_of, text_fields};
use crate::udf::{Kernel, texts};

fn list_of_scalar(kind: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", kind, true)))
}

/// `minhash_bands(text)`: the bands of a text's MinHash sketch, each a number. Texts that share most of their word pairs have
/// at least one in common, so that candidates are a join on it. Empty for a text without a word.
pub struct MinhashBands;

impl Kernel for MinhashBands {
    const NAME: &'static str = "minhash_bands";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        list_of_scalar(DataType::UInt64)
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let mut shingles = Shingles::default();
        let mut list = ListBuilder::new(UInt64Builder::new());
        for text in texts(batch, 0) {
            let found = text.and_then(|text| sketch(shingles.of(text)));
            found.iter().for_each(|sketch| list.values().append_slice(&bands(sketch)));
            list.append(text.is_some());
        }
        Arc::new(list.finish())
    }
}

/// `text_jaccard(a, b)`: the share of the word pairs of two texts that both have, 0 to 1.
pub struct TextJaccard;

impl Kernel for TextJaccard {
    const NAME: &'static str = "text_jaccard";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let (mut left, mut right) = (Shingles::default(), Shingles::default());
        let pairs = texts(batch, 0).iter().zip(texts(batch, 1));
        Arc::new(pairs.map(|(a, b)| Some(jaccard(left.set(a?), right.set(b?)))).collect::<Float64Array>())
    }
}

/// `near_texts(texts, threshold)`: the near-duplicates among `texts`, a list of `{id, text}`, as `[{id, near, similarity}]`:
/// each text that shares `threshold` or more of its word pairs with one whose id is smaller, with the most similar of these. A list
/// holds up to 2 GiB of text.
pub struct NearTexts;

fn near_fields() -> Fields {
    let mut fields: Vec<_> = text_fields(&["id", "near"]).iter().cloned().collect();
    fields.push(Arc::new(Field::new("similarity", DataType::Float64, true)));
    fields.into()
}

impl Kernel for NearTexts {
    const NAME: &'static str = "near_texts";

    fn parameters() -> Vec<DataType> {
        vec![list_of(&text_fields(&["id", "text"])), DataType::Float64]
    }

    fn returns() -> DataType {
        list_of(&near_fields())
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let (lists, thresholds) = (batch.column(0).as_list::<i32>(), batch.column(1).as_primitive::<Float64Type>());
        let mut out = ListBuilder::new(StructBuilder::from_fields(near_fields(), 64));
        for row in 0..batch.num_rows() {
            let given = lists.is_valid(row) && thresholds.is_valid(row);
            if given {
                let list = lists.value(row);
                let texts = identified(&list);
                for near in near_duplicates(&texts, thresholds.value(row)) {
                    let item = out.values();
                    for (column, id) in [texts[near.text].0, texts[near.near].0].into_iter().enumerate() {
                        item.field_builder::<StringBuilder>(column).into_iter().for_each(|b| b.append_value(id));
                    }
                    item.field_builder::<Float64Builder>(2).into_iter().for_each(|b| b.append_value(near.similarity));
                    item.append(true);
                }
            }
            out.append(given);
        }
        Arc::new(out.finish())
    }
}

/// The entries of a list of `{id, text}` that have both.
pub(super) fn identified(list: &ArrayRef) -> Vec<(&str, &str)> {
    let columns = list.as_struct();
    let (ids, texts) = (columns.column(0).as_string::<i32>(), columns.column(1).as_string::<i32>());
    ids.iter().zip(texts).filter_map(|(id, text)| Some((id?, text?))).collect()
}

/// `word_ngrams(text, n)`: the runs of `n` words of a text, in lower case and without punctuation, each once; the whole of a
/// shorter text.
pub struct WordNgrams;

impl Kernel for WordNgrams {
    const NAME: &'static str = "word_ngrams";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Int64]
    }

    fn returns() -> DataType {
        list_of_scalar(DataType::Utf8)
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let mut list = ListBuilder::new(StringBuilder::new());
        for (text, words) in texts(batch, 0).iter().zip(batch.column(1).as_primitive::<Int64Type>()) {
            if let (Some(text), Some(words)) = (text, words) {
                ngrams(text, words.max(1) as usize).iter().for_each(|run| list.values().append_value(run));
            }
            list.append(text.is_some() && words.is_some());
        }
        Arc::new(list.finish())
    }
}
