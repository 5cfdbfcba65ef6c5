//! OpenAPI 3 documents: each operation is a tool.

use serde_json::{Map, Value, json};

use crate::intake::{Found, FoundServer, FoundTool, Place, Source};

/// A description of an HTTP API, as JSON (spec.openapis.org, 3.0 and 3.1).
pub struct OpenApi;

/// References followed inside one another; deeper ones stay open objects.
const MAX_DEPTH: usize = 12;
/// Most values that one operation's schema may come to: references can multiply.
const MAX_VALUES: usize = 20_000;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

impl Source for OpenApi {
    fn name(&self) -> &'static str {
        "openapi"
    }

    fn about(&self) -> &'static str {
        "OpenAPI 3 documents (JSON): an operation a tool"
    }

    fn recognises(&self, record: &Value, _: &Place) -> bool {
        let version = record.get("openapi").and_then(Value::as_str);
        version.is_some_and(|v| v.starts_with("3.")) && record.get("paths").is_some_and(Value::is_object)
    }

    fn read<'a>(&self, record: &'a str, _: &Place, found: &mut Found<'a>) -> Result<(), String> {
        let document: Value = serde_json::from_str(record).map_err(|e| e.to_string())?;
        let info = |name: &str| document.pointer(&format!("/info/{name}")).and_then(Value::as_str).map(str::to_owned);
        let title = info("title").ok_or("a document without a title")?;
        let mut tools = Vec::new();
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            let item = Resolver::new(&document).target(item);
            for method in METHODS {
                if let Some(operation) = item.get(method) {
                    tools.push(tool(&document, path, method, item, operation));
                }
            }
        }
        let name = title.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join("-");
        let launch = document.pointer("/servers/0/url").map(|url| json!({"url": url}));
        found.servers.push(FoundServer {
            name,
            title: Some(title),
            version: info("version"),
            launch,
            instructions: info("description"),
            tools,
        });
        Ok(())
    }
}

fn tool(document: &Value, path: &str, method: &str, item: &Value, operation: &Value) -> FoundTool {
    let text = |name: &str| operation.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let mut resolver = Resolver::new(document);
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let own = [item, operation].into_iter().flat_map(|of| of.get("parameters").and_then(Value::as_array).into_iter().flatten());
    for parameter in own {
        let parameter = resolver.target(parameter);
        let Some(name) = parameter.get("name").and_then(Value::as_str) else { continue };
        // Credentials are the client's affair.
        if parameter["in"] == "cookie" {
            continue;
        }
        let mut schema = resolver.whole(parameter.get("schema").unwrap_or(&Value::Null), 0);
        if let (Some(members), Some(words)) = (schema.as_object_mut(), parameter.get("description")) {
            members.entry("description").or_insert_with(|| words.clone());
        }
        properties.insert(name.to_owned(), schema);
        if parameter["required"] == true || parameter["in"] == "path" {
            required.push(Value::from(name));
        }
    }
    if let Some(body) = operation.get("requestBody").map(|body| resolver.target(body)) {
        let schema = resolver.whole(body.pointer("/content/application~1json/schema").unwrap_or(&Value::Null), 0);
        match schema.get("properties").and_then(Value::as_object) {
            // The members of an object stand beside the parameters, as tools have them.
            Some(members) => {
                required.extend(
                    schema["required"]
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter(|n| !properties.contains_key(n.as_str().unwrap_or_default()))
                        .cloned(),
                );
                members.iter().for_each(|(name, member)| {
                    properties.entry(name.clone()).or_insert_with(|| member.clone());
                });
            }
            None if body.get("content").is_some() => {
                properties.insert("body".into(), schema);
                required.extend((body["required"] == true).then(|| Value::from("body")));
            }
            None => {}
        }
    }
    let answer = operation.get("responses").and_then(|all| ["200", "201", "2XX", "default"].iter().find_map(|code| all.get(*code)));
    let output =
        answer.map(|a| resolver.target(a)).and_then(|a| a.pointer("/content/application~1json/schema")).map(|s| resolver.whole(s, 0));
    let slug = || format!("{method}{}", path.replace(['{', '}'], "").replace(|c: char| !c.is_alphanumeric(), "_"));
    let description = match (text("summary"), text("description")) {
        (Some(summary), Some(more)) if !more.starts_with(&summary) => Some(format!("{summary}\n{more}")),
        (summary, more) => more.or(summary),
    };
    FoundTool {
        name: text("operationId").unwrap_or_else(slug),
        title: None,
        description,
        input_schema: Some(json!({"type": "object", "properties": properties, "required": required})),
        output_schema: output.filter(|s| s.as_object().is_some_and(|m| !m.is_empty())),
        annotations: Some(json!({"readOnlyHint": matches!(method, "get" | "head" | "options"), "destructiveHint": method == "delete"})),
    }
}

/// Follows references inside the document; others stay as they are.
struct Resolver<'d> {
    document: &'d Value,
    left: usize,
}

impl<'d> Resolver<'d> {
    fn new(document: &'d Value) -> Resolver<'d> {
        Resolver { document, left: MAX_VALUES }
    }

    /// What `value` refers to, if it is a reference.
    fn target(&self, value: &'d Value) -> &'d Value {
        let mut at = value;
        for _ in 0..MAX_DEPTH {
            let Some(to) = at.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) else { return at };
            let Some(next) = self.document.pointer(to) else { return at };
            at = next;
        }
        at
    }

    /// A schema with what it refers to put in its place.
    fn whole(&mut self, schema: &'d Value, depth: usize) -> Value {
        if depth > MAX_DEPTH || self.left == 0 {
            return json!({});
        }
        self.left -= 1;
        match self.target(schema) {
            Value::Object(members) => {
                Value::Object(members.iter().map(|(name, member)| (name.clone(), self.whole(member, depth + 1))).collect())
            }
            Value::Array(items) => Value::Array(items.iter().map(|item| self.whole(item, depth + 1)).collect()),
            Value::Null => json!({}),
            scalar => scalar.clone(),
        }
    }
}
