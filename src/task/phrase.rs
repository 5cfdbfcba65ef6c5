//! The question: a grammar over what tools and fields are called. Every given value stands in it, no
//! answer does.

use rand::{Rng, RngExt};
use serde_json::{Map, Value, json};

use crate::derive::COUNT;
use crate::json::Leaf;
use crate::task::select::{Asked, given};
use crate::task::source::{Call, Flow};
use crate::task::wording::{clause, field_phrase, join_and, ordinal, phrase, subject, unit_of, written};

const OPENINGS: [&str; 6] =
    ["", "", "Please ", "Could you help me with something? ", "I need some information. ", "Here is what I'd like you to do. "];
const NEXT: [&str; 4] = ["Then", "After that,", "Next,", "With that,"];
const ASKING: [&str; 4] = ["In the end, tell me", "What I want to know is", "Report", "Finally, let me know"];

/// An answer field: its name in the answer, and what the question calls it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Member of the answer.
    pub field: String,
    /// What it is, for a person.
    pub phrase: String,
}

/// Names for the answer fields, each different.
pub fn name_fields(asked: &[Asked<'_>]) -> Vec<Named> {
    let mut out: Vec<Named> = Vec::new();
    for ask in asked {
        let mut text = field_phrase(&ask.call.result, &ask.leaf, &ask.call.tool);
        if ask.expression == Some(COUNT) {
            text = format!("number of {}", counted_things(ask));
        }
        let short: Vec<&str> = text.split(" of ").collect();
        let mut field = slug(if ask.expression.is_some() { &text } else { short[0] });
        if out.iter().any(|n| n.field == field) {
            field = slug(&text.replace("the ", "").split(" of ").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" "));
        }
        if out.iter().any(|n| n.field == field) {
            field = format!("{}_{field}", slug(&subject(&ask.call.tool)));
        }
        let base = field.clone();
        for number in 2.. {
            if !out.iter().any(|n| n.field == field) {
                break;
            }
            field = format!("{base}_{number}");
        }
        out.push(Named { field, phrase: text });
    }
    out
}

fn counted_things(ask: &Asked<'_>) -> String {
    let name = ask.leaf.pointer.rsplit('/').next().filter(|n| !n.is_empty());
    match name.map(phrase) {
        Some(name) if !matches!(name.as_str(), "data" | "results" | "result" | "items" | "value" | "parsed content") => name,
        _ => format!("entries in the {}", subject(&ask.call.tool)),
    }
}

fn slug(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty() && *w != "the").map(str::to_lowercase).collect();
    if words.is_empty() { "result".into() } else { words.join("_") }
}

/// JSON Schema of the answer.
pub fn answer_schema(asked: &[Asked<'_>], names: &[Named]) -> Value {
    let property =
        |(ask, name): (&Asked<'_>, &Named)| (name.field.clone(), json!({"type": kind(&ask.leaf.value), "description": name.phrase}));
    let properties: Map<String, Value> = asked.iter().zip(names).map(property).collect();
    let required: Vec<_> = names.iter().map(|n| n.field.clone()).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        _ => "string",
    }
}

/// The question for `gold` and the fields asked for.
pub fn question(gold: &[&Call], flows: &[&Flow], asked: &[Asked<'_>], names: &[Named], rng: &mut impl Rng) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for (step, call) in gold.iter().enumerate() {
        let mut with: Vec<String> = given(call, flows).iter().map(given_phrase).collect();
        with.extend(flows.iter().filter(|f| f.dst_call == call.index).filter_map(|f| flow_phrase(f, gold, step)));
        let sentence = format!("{}.", clause_with(&call.description, &call.tool, call.arguments.keys(), &with));
        if step == 0 {
            let opening = OPENINGS[rng.random_range(0..OPENINGS.len())];
            let continues = opening.ends_with(' ') && !opening.trim_end().ends_with(['.', '?']);
            sentences.push(format!("{opening}{}", if continues { sentence } else { capital(&sentence) }));
        } else {
            sentences.push(format!("{} {sentence}", NEXT[rng.random_range(0..NEXT.len())]));
        }
    }
    let asking = ASKING[rng.random_range(0..ASKING.len())];
    sentences.push(format!("{asking} {}.", join_and(&asked_phrases(gold, asked, names))));
    let members: Vec<String> = asked.iter().zip(names).map(|(a, n)| format!("\"{}\" ({})", n.field, kind_word(&a.leaf.value))).collect();
    sentences.push(format!(
        "Answer with a JSON object with the {} {}.",
        if members.len() == 1 { "member" } else { "members" },
        join_and(&members)
    ));
    sentences.join(" ")
}

/// What a tool does, with its details: `look up the order status by order ID` and `order ID ORD-2` make
/// `look up the order status for order ID ORD-2`.
fn clause_with<'a>(description: &str, tool: &str, params: impl Iterator<Item = &'a String>, details: &[String]) -> String {
    let mut task = clause(description, tool);
    let params: Vec<String> = params.map(|p| phrase(p)).collect();
    if details.is_empty() {
        return task;
    }
    // What the tool looks things up by is said by the details.
    if let Some(at) = task.rfind(" by ").filter(|at| params.iter().any(|p| task[at + 4..].eq_ignore_ascii_case(p))) {
        task.truncate(at);
    }
    let by_identity = params.len() == 1 && params[0].ends_with("ID") && !task.contains(" for ");
    let joint = if by_identity { " for" } else { ", with" };
    format!("{task}{joint} {}", join_and(details))
}

fn kind_word(value: &Value) -> &'static str {
    match kind(value) {
        "boolean" => "true or false",
        "number" => "number",
        "integer" => "whole number",
        _ => "text, as given",
    }
}

fn asked_phrases(gold: &[&Call], asked: &[Asked<'_>], names: &[Named]) -> Vec<String> {
    let several = asked.iter().any(|a| a.call.index != asked[0].call.index);
    let phrase_one = |(ask, name): (&Asked<'_>, &Named)| {
        let step = gold.iter().position(|c| c.index == ask.call.index).unwrap_or(0);
        let from = if several { format!(" from the {} step", ordinal(step)) } else { String::new() };
        format!("the {}{from}", name.phrase)
    };
    asked.iter().zip(names).map(phrase_one).collect()
}

fn given_phrase(leaf: &Leaf) -> String {
    let steps: Vec<&str> = leaf.pattern.split('/').filter(|s| !s.is_empty() && *s != "*").collect();
    let name = steps.iter().rev().take(2).rev().map(|s| phrase(s)).collect::<Vec<_>>().join(" ");
    let place = leaf.pointer.rsplit('/').next().and_then(|s| s.parse::<usize>().ok()).filter(|_| leaf.pattern.ends_with("/*"));
    match place {
        Some(index) => format!("{} as the {} of the {name}", written(&leaf.value), ordinal(index)),
        None => match steps.last().and_then(|last| unit_of(last)).filter(|_| leaf.value.is_number()) {
            Some((words, unit)) => format!("a {words} of {} {unit}", written(&leaf.value)),
            None => format!("{name} {}", written(&leaf.value)),
        },
    }
}

fn flow_phrase(flow: &Flow, gold: &[&Call], step: usize) -> Option<String> {
    let source_step = gold.iter().position(|c| c.index == flow.src_call)?;
    let source = gold[source_step];
    let leaf = source.leaves.iter().find(|l| l.pointer == flow.src_pointer)?;
    let value = field_phrase(&source.result, leaf, &source.tool);
    let param = phrase(crate::json::last_key(
        &flow.dst_pointer.split('/').map(|s| if s.parse::<usize>().is_ok() { "*" } else { s }).collect::<Vec<_>>().join("/"),
    ));
    let from = if source_step + 1 == step { "you just found".to_owned() } else { format!("from the {} step", ordinal(source_step)) };
    let own = value.split(" of ").next().unwrap_or_default();
    Some(if own == param { format!("the {value} {from}") } else { format!("the {value} {from} as the {param}") })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
