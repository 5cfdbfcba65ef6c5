//! `reward` and `reward_fields`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanBuilder, Float64Array, ListBuilder, RecordBatch, StringBuilder, StructBuilder};
use arrow::datatypes::{DataType, Field, Fields};
use serde_json::Value;

use crate::json::parse;
use crate::reward::{self, Grade};
use crate::udf::json::list_of;
use crate::udf::{Kernel, texts};

/// `reward(answer, label)` and `reward(answer, label, schema)`: 1 where the answer is right in every field, else 0; null where an
/// argument is.
pub struct Reward;

impl Kernel for Reward {
    const NAME: &'static str = "reward";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8; 3]
    }

    fn forms() -> Vec<Vec<DataType>> {
        vec![vec![DataType::Utf8; 2], Self::parameters()]
    }

    fn returns() -> DataType {
        DataType::Float64
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        Arc::new(grades(batch).map(|grade| grade.map(|g| g.reward())).collect::<Float64Array>())
    }
}

/// `reward_fields(answer, label)` and `reward_fields(answer, label, schema)`: each field of the label as
/// `[{field, passed, reason, judged}]`.
pub struct RewardFields;

fn columns() -> Fields {
    let column = |(name, kind)| Field::new(name, kind, true);
    let text = DataType::Utf8;
    [("field", text.clone()), ("passed", DataType::Boolean), ("reason", text.clone()), ("judged", text)].map(column).into_iter().collect()
}

impl Kernel for RewardFields {
    const NAME: &'static str = "reward_fields";

    fn parameters() -> Vec<DataType> {
        Reward::parameters()
    }

    fn forms() -> Vec<Vec<DataType>> {
        Reward::forms()
    }

    fn returns() -> DataType {
        list_of(&columns())
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let mut list = ListBuilder::new(StructBuilder::from_fields(columns(), batch.num_rows()));
        for grade in grades(batch) {
            for field in grade.iter().flat_map(|g| &g.fields) {
                let item = list.values();
                let texts = [(0, Some(field.name.as_str())), (2, field.wrong.as_deref()), (3, Some(field.judged.name()))];
                for (place, text) in texts {
                    if let Some(column) = item.field_builder::<StringBuilder>(place) {
                        column.append_option(text);
                    }
                }
                if let Some(column) = item.field_builder::<BooleanBuilder>(1) {
                    column.append_value(field.wrong.is_none());
                }
                item.append(true);
            }
            list.append(grade.is_some());
        }
        Arc::new(list.finish())
    }
}

/// The grade of each row; none where an argument is null.
fn grades(batch: &RecordBatch) -> impl Iterator<Item = Option<Grade>> {
    let row = |index: usize| {
        let text = |column: usize| {
            let texts = texts(batch, column);
            texts.is_valid(index).then(|| texts.value(index))
        };
        let schema = if batch.num_columns() > 2 { parse(text(2)?) } else { Value::Null };
        Some(reward::grade_by(text(0)?, &parse(text(1)?), &schema))
    };
    (0..batch.num_rows()).map(row)
}
