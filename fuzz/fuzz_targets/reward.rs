//! The reward on whatever an agent says, with a label and a schema that are hostile too. A label is right against itself.
#![no_main]

use firefly::reward::{grade, grade_by};
use serde_json::{Value, json};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut parts = text.splitn(3, '\n');
    let mut next = || parts.next().unwrap_or_default();
    let (answer, label, schema) = (next(), next(), next());
    let label: Value = serde_json::from_str(label).unwrap_or_else(|_| json!({"field": label}));
    let property: Value = serde_json::from_str(schema).unwrap_or_default();
    let properties: serde_json::Map<String, Value> =
        label.as_object().into_iter().flat_map(|l| l.keys()).map(|name| (name.clone(), property.clone())).collect();
    grade_by(answer, &label, &json!({"properties": properties}));
    for format in ["date", "time", "date-time"] {
        grade_by(answer, &label, &json!({"properties": {"field": {"format": format, "x-unit": schema}}}));
    }
    let own = json!({"field": answer});
    if own.to_string().len() < firefly::reward::MAX_ANSWER {
        assert_eq!(grade(&own.to_string(), &own).reward(), 1.0);
    }
});
