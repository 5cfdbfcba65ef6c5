//! `alike_texts`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Builder, ListBuilder, RecordBatch, StringBuilder, StructBuilder};
use arrow::datatypes::{DataType, Field, Fields, Float64Type};

use crate::alike::alike;
use crate::udf::Kernel;
use crate::udf::json::{list_of, text_fields};
use crate::udf::minhash::identified;

/// `alike_texts(texts, others, threshold)`: which of `texts` say much the same as one of `others`, both lists of `{id, text}`,
/// as `[{id, other, similarity, shared}]`: the cosine of their words by rarity, and the words that both have.
pub struct AlikeTexts;

fn alike_fields() -> Fields {
    let similarity = Arc::new(Field::new("similarity", DataType::Float64, true));
    let texts = text_fields(&["id", "other", "shared"]);
    [texts[0].clone(), texts[1].clone(), similarity, texts[2].clone()].into_iter().collect()
}

impl Kernel for AlikeTexts {
    const NAME: &'static str = "alike_texts";

    fn parameters() -> Vec<DataType> {
        let texts = list_of(&text_fields(&["id", "text"]));
        vec![texts.clone(), texts, DataType::Float64]
    }

    fn returns() -> DataType {
        list_of(&alike_fields())
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let [own, others] = [0, 1].map(|column| batch.column(column).as_list::<i32>());
        let thresholds = batch.column(2).as_primitive::<Float64Type>();
        let mut out = ListBuilder::new(StructBuilder::from_fields(alike_fields(), 64));
        for row in 0..batch.num_rows() {
            let given = own.is_valid(row) && others.is_valid(row) && thresholds.is_valid(row);
            if given {
                let (own, others) = (own.value(row), others.value(row));
                let (own, others) = (identified(&own), identified(&others));
                let texts: Vec<&str> = own.iter().map(|(_, text)| *text).collect();
                let against: Vec<&str> = others.iter().map(|(_, text)| *text).collect();
                for found in alike(&texts, &against, thresholds.value(row)) {
                    let item = out.values();
                    let told = [(0, own[found.text].0), (1, others[found.other].0), (3, &found.shared.join(" "))];
                    for (column, text) in told {
                        item.field_builder::<StringBuilder>(column).into_iter().for_each(|b| b.append_value(text));
                    }
                    item.field_builder::<Float64Builder>(2).into_iter().for_each(|b| b.append_value(found.similarity));
                    item.append(true);
                }
            }
            out.append(given);
        }
        Arc::new(out.finish())
    }
}
