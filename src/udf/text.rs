//! `text_words`, `mentions`, `gives_away`, `last_number`, `line_value`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use arrow::datatypes::DataType;

use crate::derive;
use crate::mention::Text;
use crate::names;
use crate::udf::{Kernel, texts};

/// `text_words(text)`: the words of a text as names are compared by them, separated by blanks.
pub struct TextWords;

impl Kernel for TextWords {
    const NAME: &'static str = "text_words";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        Arc::new(texts(batch, 0).iter().map(|text| Some(names::words(text?).join(" "))).collect::<StringArray>())
    }
}

/// What `holds` says of each text and value; null where either is. A text is mostly followed by the same with another value.
fn judge(batch: &RecordBatch, holds: fn(&Text, &str) -> bool) -> ArrayRef {
    let mut last: Option<(&str, Text)> = None;
    let mut one = |text, value| {
        if last.as_ref().is_none_or(|(known, _)| *known != text) {
            last = Some((text, Text::of(text)));
        }
        last.as_ref().map(|(_, read)| holds(read, value))
    };
    let (texts, values) = (texts(batch, 0), texts(batch, 1));
    Arc::new(texts.iter().zip(values).map(|(text, value)| one(text?, value?)).collect::<BooleanArray>())
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
        judge(batch, Text::mentions)
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
        judge(batch, Text::gives_away)
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

/// `line_value(text, label)`: what stands behind a label in the only line of a text that begins with it.
pub struct LineValue;

impl Kernel for LineValue {
    const NAME: &'static str = "line_value";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8, DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let pairs = texts(batch, 0).iter().zip(texts(batch, 1));
        Arc::new(pairs.map(|(text, label)| derive::line_value(text?, label?)).collect::<StringArray>())
    }
}
