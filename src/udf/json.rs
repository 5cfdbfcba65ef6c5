//! `json_canonical`, `json_leaves`, `pointer_pattern`, `schema_params`, `schema_inputs`, `schema_fields`.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanBuilder, ListBuilder, RecordBatch, StringArray, StringBuilder, StructBuilder};
use arrow::datatypes::{DataType, Field, Fields};

use crate::json::{canonical, leaves, parse};
use crate::schema_walk::{inputs, output_fields, shape};
use crate::udf::{Kernel, texts};

/// `json_canonical(json)`: equal values have equal texts; null where the text is not JSON.
pub struct JsonCanonical;

impl Kernel for JsonCanonical {
    const NAME: &'static str = "json_canonical";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let parsed = texts(batch, 0).iter().map(|text| serde_json::from_str(text?).ok());
        Arc::new(parsed.map(|value| Some(canonical(value.as_ref()?))).collect::<StringArray>())
    }
}

pub(super) fn list_of(fields: &Fields) -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Struct(fields.clone()), true)))
}

pub(super) fn text_fields(names: &[&str]) -> Fields {
    names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect()
}

/// Builds a list of structs of text a row.
pub(super) fn lists(fields: &Fields, rows: impl Iterator<Item = Vec<Vec<String>>>) -> ArrayRef {
    let mut list = ListBuilder::new(StructBuilder::from_fields(fields.clone(), 64));
    for row in rows {
        for entry in row {
            let item = list.values();
            for (index, text) in entry.into_iter().enumerate() {
                if let Some(builder) = item.field_builder::<StringBuilder>(index) {
                    builder.append_value(text);
                } else if let Some(builder) = item.field_builder::<BooleanBuilder>(index) {
                    builder.append_value(text == "true");
                }
            }
            item.append(true);
        }
        list.append(true);
    }
    Arc::new(list.finish())
}

fn kind(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::String(_) => "string",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(n) if n.is_f64() => "number",
        serde_json::Value::Number(_) => "integer",
        _ => "any",
    }
}

/// `json_leaves(json)`: the scalars of a value as `[{pointer, pattern, key, kind, value}]`.
pub struct JsonLeaves;

impl Kernel for JsonLeaves {
    const NAME: &'static str = "json_leaves";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        list_of(&text_fields(&["pointer", "pattern", "key", "kind", "value"]))
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = texts(batch, 0).iter().map(|text| {
            let all = leaves(&text.map(parse).unwrap_or_default());
            all.into_iter()
                .map(|l| vec![l.pointer.clone(), l.pattern.clone(), l.key().to_owned(), kind(&l.value).to_owned(), l.text()])
                .collect()
        });
        lists(&text_fields(&["pointer", "pattern", "key", "kind", "value"]), rows)
    }
}

/// `pointer_pattern(pointer)`: the pointer with `*` for array indices and keys that look like data.
pub struct PointerPattern;

impl Kernel for PointerPattern {
    const NAME: &'static str = "pointer_pattern";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        DataType::Utf8
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        Arc::new(texts(batch, 0).iter().map(|p| p.map(crate::json::pattern_of)).collect::<StringArray>())
    }
}

/// `schema_params(input_schema)`: the top-level parameters as `[{name, kind, description, required}]`.
pub struct SchemaParams;

fn param_fields() -> Fields {
    let mut fields: Vec<_> = text_fields(&["name", "kind", "description"]).iter().cloned().collect();
    fields.push(Arc::new(Field::new("required", DataType::Boolean, true)));
    fields.into()
}

impl Kernel for SchemaParams {
    const NAME: &'static str = "schema_params";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        list_of(&param_fields())
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = texts(batch, 0).iter().map(|text| {
            let schema = text.map(parse).unwrap_or_default();
            let top = shape(&schema, &schema);
            let describe = |(name, property): (String, crate::schema_walk::Shape<'_>)| {
                let description = property.text("description").unwrap_or_default().to_owned();
                let required = top.requires(&name).to_string();
                // What an array's items are is what can flow into it.
                let items = property.items().map(|i| i.kind().to_owned());
                vec![name, items.unwrap_or_else(|| property.kind().to_owned()), description, required]
            };
            top.properties().into_iter().map(describe).collect()
        });
        lists(&param_fields(), rows)
    }
}

/// `schema_inputs(input_schema)`: every scalar of the arguments as
/// `[{param, pattern, kind, description, required, choice}]`.
pub struct SchemaInputs;

fn input_fields() -> Fields {
    let mut fields: Vec<_> = text_fields(&["param", "pattern", "kind", "description"]).iter().cloned().collect();
    fields.extend(["required", "choice"].map(|name| Arc::new(Field::new(name, DataType::Boolean, true))));
    fields.into()
}

impl Kernel for SchemaInputs {
    const NAME: &'static str = "schema_inputs";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        list_of(&input_fields())
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = texts(batch, 0).iter().map(|text| {
            let all = inputs(&text.map(parse).unwrap_or_default());
            all.into_iter().map(|i| vec![i.param, i.pattern, i.kind, i.description, i.required.to_string(), i.choice.to_string()]).collect()
        });
        lists(&input_fields(), rows)
    }
}

/// `schema_fields(output_schema)`: the scalar fields of declared results as `[{pattern, kind, constant}]`; `constant` is the only
/// value that the schema allows, and empty where it allows several.
pub struct SchemaFields;

impl Kernel for SchemaFields {
    const NAME: &'static str = "schema_fields";

    fn parameters() -> Vec<DataType> {
        vec![DataType::Utf8]
    }

    fn returns() -> DataType {
        list_of(&text_fields(&["pattern", "kind", "constant"]))
    }

    fn compute(batch: &RecordBatch) -> ArrayRef {
        let rows = texts(batch, 0).iter().map(|text| {
            let fields = output_fields(&text.map(parse).unwrap_or_default());
            fields.into_iter().map(|f| vec![f.pattern, f.kind, f.constant.unwrap_or_default()]).collect()
        });
        lists(&text_fields(&["pattern", "kind", "constant"]), rows)
    }
}
