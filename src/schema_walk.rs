//! Walking JSON Schemas as tools declare them: `$ref`, `anyOf`, `oneOf`, `allOf` and type lists resolved
//! to the first shape that can be filled or read.

use serde_json::{Map, Value};

/// Deepest nesting that is followed; recursive schemas end here.
pub const MAX_DEPTH: usize = 6;

/// `$comment` of a schema that was inferred from calls: it says what was seen, not what is allowed.
pub const INFERRED: &str = "inferred from recorded calls";

/// A schema with references and alternatives resolved at its top, and the root it belongs to.
#[derive(Debug, Clone)]
pub struct Shape<'a> {
    root: &'a Value,
    members: Map<String, Value>,
}

/// The shape of `schema`, a part of `root`.
pub fn shape<'a>(root: &'a Value, schema: &Value) -> Shape<'a> {
    Shape { root, members: resolve(root, schema, 0) }
}

fn resolve(root: &Value, schema: &Value, depth: usize) -> Map<String, Value> {
    let Some(members) = schema.as_object() else { return Map::new() };
    let mut own = members.clone();
    if depth >= MAX_DEPTH {
        return own;
    }
    let target = own.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')).and_then(|p| root.pointer(p));
    if let Some(target) = target {
        merge(&mut own, resolve(root, target, depth + 1));
    }
    for part in own.get("allOf").and_then(Value::as_array).cloned().unwrap_or_default() {
        merge(&mut own, resolve(root, &part, depth + 1));
    }
    for key in ["anyOf", "oneOf"] {
        let options = own.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut shapes = options.iter().map(|option| resolve(root, option, depth + 1));
        if let Some(first) = shapes.find(|s| s.get("type").and_then(Value::as_str) != Some("null")) {
            merge(&mut own, first);
        }
    }
    own
}

/// Adds members that are not there yet.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (name, value) in from {
        into.entry(name).or_insert(value);
    }
}

impl<'a> Shape<'a> {
    /// Its type: `string`, `number`, `integer`, `boolean`, `array`, `object`; `any` where it does not say.
    pub fn kind(&self) -> &str {
        match self.members.get("type") {
            Some(Value::String(kind)) => kind,
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or("any"),
            _ if self.members.contains_key("properties") => "object",
            _ if self.members.contains_key("items") => "array",
            _ => self.kind_of_values(),
        }
    }

    fn kind_of_values(&self) -> &str {
        match self.get("enum").and_then(|e| e.get(0)).or_else(|| self.get("const")).or_else(|| self.get("default")) {
            Some(Value::String(_)) => "string",
            Some(Value::Bool(_)) => "boolean",
            Some(Value::Number(n)) if n.is_f64() => "number",
            Some(Value::Number(_)) => "integer",
            _ => "any",
        }
    }

    /// A keyword's value.
    pub fn get(&self, keyword: &str) -> Option<&Value> {
        self.members.get(keyword)
    }

    /// A keyword's value as text.
    pub fn text(&self, keyword: &str) -> Option<&str> {
        self.get(keyword).and_then(Value::as_str)
    }

    /// Its properties with their shapes, in the schema's order.
    pub fn properties(&self) -> Vec<(String, Shape<'a>)> {
        let Some(properties) = self.get("properties").and_then(Value::as_object) else { return Vec::new() };
        properties.iter().map(|(name, schema)| (name.clone(), shape(self.root, schema))).collect()
    }

    /// Whether the property called `name` must be there.
    pub fn requires(&self, name: &str) -> bool {
        self.get("required").and_then(Value::as_array).is_some_and(|r| r.iter().any(|n| n == name))
    }

    /// The shape of the value at a JSON pointer, where the schema says one.
    pub fn at(&self, pointer: &str) -> Option<Shape<'a>> {
        let mut at = self.clone();
        for step in pointer.split('/').skip(1) {
            let name = crate::json::unescape(step);
            let property = at.properties().into_iter().find(|(called, _)| *called == name).map(|(_, shape)| shape);
            at = property.or_else(|| at.items().filter(|_| name.parse::<usize>().is_ok()))?;
        }
        Some(at)
    }

    /// The shape of its items.
    pub fn items(&self) -> Option<Shape<'a>> {
        self.get("items").map(|items| shape(self.root, items))
    }
}

/// One field of a declared output.
#[derive(Debug, Clone)]
pub struct Field {
    /// JSON pointer with `*` for array indices, as results are read.
    pub pattern: String,
    /// Type of the scalar.
    pub kind: String,
    /// The only value that the schema allows, as text.
    pub constant: Option<String>,
}

/// The scalar fields a tool declares for its results; a wrapper that holds nothing but `result` is opened.
pub fn output_fields(schema: &Value) -> Vec<Field> {
    let mut top = shape(schema, schema);
    let properties = top.properties();
    if let [(name, inner)] = properties.as_slice()
        && name == "result"
    {
        top = inner.clone();
    }
    let mut out = Vec::new();
    walk(&top, String::new(), 0, &mut out);
    out.retain(|field| !field.pattern.is_empty());
    out
}

fn walk(shape: &Shape<'_>, pattern: String, depth: usize, out: &mut Vec<Field>) {
    if depth > MAX_DEPTH || out.len() >= crate::json::MAX_LEAVES {
        return;
    }
    match shape.kind() {
        "object" => {
            for (name, property) in shape.properties() {
                walk(&property, format!("{pattern}/{}", crate::json::escape(&name)), depth + 1, out);
            }
        }
        "array" => {
            if let Some(items) = shape.items() {
                walk(&items, format!("{pattern}/*"), depth + 1, out);
            }
        }
        kind => out.push(Field { pattern, kind: kind.to_owned(), constant: constant(shape) }),
    }
}

/// What `const` says, or an `enum` of one; none where another alternative may say something else.
fn constant(shape: &Shape<'_>) -> Option<String> {
    if ["anyOf", "oneOf"].iter().any(|key| shape.get(key).is_some()) {
        return None;
    }
    let only = |values: &Value| values.as_array().filter(|v| v.len() == 1).map(|v| v[0].clone());
    let value = shape.get("const").cloned().or_else(|| shape.get("enum").and_then(only))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// One scalar that a tool takes, however deep it stands in its arguments.
#[derive(Debug, Clone)]
pub struct Input {
    /// The parameter it stands in.
    pub param: String,
    /// JSON pointer into the arguments, with `*` for array indices.
    pub pattern: String,
    /// Type of the scalar.
    pub kind: String,
    /// What it says of itself, or else the parameter around it.
    pub description: String,
    /// Whether it and everything around it must be given.
    pub required: bool,
    /// Whether the schema lists its values.
    pub choice: bool,
}

/// Most scalars of one tool's arguments that are looked at.
const MAX_INPUTS: usize = 64;

/// The scalars that a tool takes, in the schema's order.
pub fn inputs(schema: &Value) -> Vec<Input> {
    let top = shape(schema, schema);
    let mut out = Vec::new();
    for (name, property) in top.properties() {
        let pattern = format!("/{}", crate::json::escape(&name));
        let at =
            Input { required: top.requires(&name), param: name, pattern, kind: String::new(), description: String::new(), choice: false };
        take(&property, at, 0, &mut out);
    }
    out
}

fn take(shape: &Shape<'_>, at: Input, depth: usize, out: &mut Vec<Input>) {
    if depth > MAX_DEPTH || out.len() >= MAX_INPUTS {
        return;
    }
    let description = shape.text("description").map_or(at.description.clone(), str::to_owned);
    match shape.kind() {
        "object" => {
            for (name, property) in shape.properties() {
                let inner = Input {
                    pattern: format!("{}/{}", at.pattern, crate::json::escape(&name)),
                    required: at.required && shape.requires(&name),
                    description: description.clone(),
                    ..at.clone()
                };
                take(&property, inner, depth + 1, out);
            }
        }
        "array" => {
            let inner = Input { pattern: format!("{}/*", at.pattern), description, ..at };
            match shape.items() {
                Some(items) => take(&items, inner, depth + 1, out),
                None => out.push(Input { kind: "any".into(), ..inner }),
            }
        }
        kind => {
            let choice = shape.get("enum").is_some() || shape.get("const").is_some();
            out.push(Input { kind: kind.to_owned(), description, choice, ..at });
        }
    }
}
