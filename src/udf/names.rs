//! `field_words`, `param_words`, `is_paging`, `tool_purity`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use crate::fields::is_paging;
use crate::json::parse;
use crate::names;
use crate::purity;
use crate::udf::{Kernel, texts};

fn words_of(batch: &RecordBatch, make: fn(&str, &str) -> Vec<String>) -> ArrayRef {
    let pairs = texts(batch, 0).iter().zip(texts(batch, 1));
    Arc::new(pairs.map(|(name, tool)| Some(make(name?, tool?).join(" "))).collect::<StringArray>())
}

/// `field_words(pattern, tool)`: what a result field is called, as words separated by blanks.
pub struct FieldWords;

impl Kernel for FieldWords {
    const NAME: &'static str = "field_words";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        words_of(batch, names::field_words)
    }
}

/// `param_words(param, tool)`: what a parameter is called, as words separated by blanks.
pub struct ParamWords;

impl Kernel for ParamWords {
    const NAME: &'static str = "param_words";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        words_of(batch, names::param_words)
    }
}

/// `is_paging(param)`: whether a parameter says how much of a list to show.
pub struct IsPaging;

impl Kernel for IsPaging {
    const NAME: &'static str = "is_paging";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Boolean
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        Arc::new(texts(batch, 0).iter().map(|name| Some(is_paging(name?))).collect::<BooleanArray>())
    }
}

/// `tool_purity(tool, annotations)`: `reads: ` or `writes: ` and why, as far as name and claims tell.
pub struct ToolPurity;

impl Kernel for ToolPurity {
    const NAME: &'static str = "tool_purity";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let judged = |(tool, annotations): (Option<&str>, Option<&str>)| {
            let (reads, reason) = purity::judge(tool?, &annotations.map(parse).unwrap_or_default());
            Some(format!("{}: {reason}", if reads { "reads" } else { "writes" }))
        };
        Arc::new(texts(batch, 0).iter().zip(texts(batch, 1)).map(judged).collect::<StringArray>())
    }
}
