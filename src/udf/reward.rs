//! `reward(answer, label)`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use arrow::datatypes::DataType;

use crate::json::parse;
use crate::reward;
use crate::udf::{Kernel, texts};

/// `reward(answer, label)`: 1 where the answer is right in every field, else 0.
pub struct Reward;

impl Kernel for Reward {
    const NAME: &'static str = "reward";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = texts(batch, 0).iter().zip(texts(batch, 1));
        let score = |(answer, label): (Option<&str>, Option<&str>)| Some(reward::grade(answer?, &parse(label?)).reward());
        Arc::new(rows.map(score).collect::<Float64Array>())
    }
}
