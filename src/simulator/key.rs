//! Arguments in the form in which they are compared.

use serde_json::{Map, Value};

use crate::json::canonical;
use crate::schema_walk::{MAX_DEPTH, Shape, shape};

/// The canonical text of `arguments`: defaults of the schema filled in, nulls of optional parameters and
/// `_meta` dropped, then canonical JSON.
pub fn canonical_arguments(schema: &Value, arguments: &Map<String, Value>) -> String {
    let mut arguments = arguments.clone();
    arguments.remove("_meta");
    canonical(&Value::Object(complete(&shape(schema, schema), arguments, 0)))
}

fn complete(shape: &Shape<'_>, mut members: Map<String, Value>, depth: usize) -> Map<String, Value> {
    if depth > MAX_DEPTH {
        return members;
    }
    for (name, property) in shape.properties() {
        if members.get(&name).is_some_and(Value::is_null) && !shape.requires(&name) {
            members.remove(&name);
        }
        match members.get_mut(&name) {
            None => {
                if let Some(default) = property.get("default").filter(|d| !d.is_null()) {
                    members.insert(name, default.clone());
                }
            }
            Some(value) => {
                if let Some(inner) = value.as_object() {
                    *value = Value::Object(complete(&property, inner.clone(), depth + 1));
                }
            }
        }
    }
    members
}
