//! Arguments that break the input schema get the error that the real server gives: the one it was recorded to give to the
//! same kind of complaint, with the names and values at hand in place of those of the record.

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Map, Value};

use crate::json::{members, parse, scalar_text};
use crate::simulator::{RecordedWorld, SimTool};

/// Most complaints that are made about one call.
const MOST: usize = 3;
/// Most recorded failures of a tool that are learnt from.
const LESSONS: usize = 500;

/// One thing that is wrong with arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Complaint {
    /// The schema's keyword, such as `required`, with the types of what it wants and got.
    kind: String,
    /// JSON pointer to the value it is about.
    pointer: String,
    /// The parameter it is about.
    name: String,
    /// The value it is about, as text; empty where there is none.
    value: String,
    /// What to say of it.
    text: String,
}

/// What `validator` has against `arguments`.
pub(super) fn complaints(validator: &Validator, arguments: &Map<String, Value>) -> Vec<Complaint> {
    let arguments = Value::Object(arguments.clone());
    if validator.is_valid(&arguments) {
        return Vec::new();
    }
    let mut found: Vec<Complaint> = validator.iter_errors(&arguments).take(MOST).map(|error| read(&error)).collect();
    found.sort_by(|a, b| (&a.pointer, &a.kind, &a.name).cmp(&(&b.pointer, &b.kind, &b.name)));
    found
}

fn read(error: &jsonschema::ValidationError<'_>) -> Complaint {
    let pointer = error.instance_path().to_string();
    let last = pointer.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default().to_owned();
    let got = error.instance();
    let (name, value) = match error.kind() {
        Kind::Required { property } => (scalar_text(property), String::new()),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => (unexpected.join(", "), String::new()),
        _ => (last, if got.is_object() || got.is_array() { String::new() } else { scalar_text(got) }),
    };
    let kind = match error.kind() {
        Kind::Type { .. } => format!("{} for {}", kind_of(got), error.schema_path()),
        other => other.keyword().to_owned(),
    };
    let at = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
    Complaint { kind, name, value, text: format!("{at}{error}"), pointer }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What a tool's recorded calls teach about arguments that break its schema.
#[derive(Debug, Default)]
pub struct Lessons {
    /// Complaints, and the recorded call that was made in spite of them.
    seen: Vec<(Vec<Complaint>, u32)>,
}

impl Lessons {
    pub(super) fn learn(world: &RecordedWorld, tool: &SimTool) -> Lessons {
        let mut seen: Vec<(Vec<Complaint>, u32)> = Vec::new();
        for &place in tool.calls.iter().take(LESSONS) {
            let found = tool.complaints(&members(&parse(world.at(place).arguments())));
            if !found.is_empty() && !seen.iter().any(|(known, at)| *known == found && world.at(*at).failed == world.at(place).failed) {
                seen.push((found, place));
            }
        }
        Lessons { seen }
    }
}

/// What a server says to complaints.
pub enum Said {
    /// It lets them pass: a call like it succeeded.
    Nothing,
    /// What it said to the call recorded at this place, as a reply in JSON.
    Learnt(u32, String),
    /// Nothing like it was recorded: what the protocol asks for.
    Unknown(String),
}

/// What the server of `tool` says to `found`.
pub fn answer(world: &RecordedWorld, tool: &SimTool, found: &[Complaint]) -> Said {
    let lessons = world.lessons(tool);
    let alike = |known: &[Complaint]| known.len() == found.len() && known.iter().zip(found).all(|(a, b)| same(a, b));
    let own: Vec<&(Vec<Complaint>, u32)> = lessons.seen.iter().filter(|(known, _)| alike(known)).collect();
    if own.iter().any(|(_, place)| !world.at(*place).failed) {
        return Said::Nothing;
    }
    if let Some((known, place)) = own.first() {
        let pairs: Vec<(&str, &str)> = known.iter().zip(found).flat_map(|(a, b)| replacements(a, b)).collect();
        return Said::Learnt(*place, rewritten(world.at(*place).reply(), &pairs));
    }
    // Another tool of the server, whose error names the parameter: the same code says the same of this one.
    if let [one] = found {
        for other in world.tools().filter(|t| t.server == tool.server && t.tool != tool.tool) {
            for (known, place) in &world.lessons(other).seen {
                let recorded = world.at(*place);
                if let [known] = known.as_slice()
                    && recorded.failed
                    && known.kind == one.kind
                    && known.pointer.is_empty() == one.pointer.is_empty()
                    && contains(recorded.reply(), &known.name)
                {
                    let mut pairs = vec![(other.tool.as_str(), tool.tool.as_str())];
                    pairs.extend(replacements(known, one));
                    return Said::Learnt(*place, rewritten(recorded.reply(), &pairs));
                }
            }
        }
    }
    let texts: Vec<&str> = found.iter().map(|c| c.text.as_str()).collect();
    Said::Unknown(format!("Input validation error: {}", texts.join("; ")))
}

/// Whether two complaints are the same, up to the value, and up to the name of a parameter that is not there.
fn same(a: &Complaint, b: &Complaint) -> bool {
    a.kind == b.kind && a.pointer == b.pointer && (a.name == b.name || a.kind == "additionalProperties")
}

fn replacements<'a>(known: &'a Complaint, found: &'a Complaint) -> impl Iterator<Item = (&'a str, &'a str)> {
    [(known.name.as_str(), found.name.as_str()), (known.value.as_str(), found.value.as_str())].into_iter()
}

fn rewritten(reply: &str, pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs.iter().filter(|(old, new)| !old.is_empty() && old != new).collect();
    if pairs.is_empty() {
        return reply.to_owned();
    }
    let mut value = parse(reply);
    each_text(&mut value, &|text| {
        for (old, new) in &pairs {
            *text = replaced(text, old, new);
        }
    });
    value.to_string()
}

fn each_text(value: &mut Value, change: &dyn Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => members.iter_mut().filter(|(k, _)| *k != "type").for_each(|(_, member)| each_text(member, change)),
        _ => {}
    }
}

/// `text` with `new` where `old` stands as a word of its own.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let inside = before.ends_with(part) || after.starts_with(part) || (before.is_empty() && out.ends_with(part));
        out.push_str(before);
        out.push_str(if inside { old } else { new });
        rest = after;
    }
    out + rest
}

fn contains(reply: &str, name: &str) -> bool {
    !name.is_empty() && reply.contains(name)
}
