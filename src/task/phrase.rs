//! The question: a grammar over what tools and fields are called. Every given value stands in it, no
//! answer does.

use rand::{Rng, RngExt};
use serde_json::{Map, Value, json};

use crate::derive::{DIFFERENCE, MEAN, SUM, TOTAL};
use crate::json::places_in;
use crate::task::ask::Asked;
use crate::task::named::Named;
use crate::task::persona::Persona;
use crate::task::request::{clause_with, given_phrases, joined, takes_alike};
use crate::task::set::Set;
use crate::task::source::{Call, Flow};
use crate::task::units::unit_symbol;
use crate::task::wording::{field_phrase, join_and, ordinal, phrase};

/// JSON Schema of the answer, with what the reward has to know of each field.
pub fn answer_schema(asked: &[Asked<'_>], names: &[Named]) -> Value {
    let property = |(ask, name): (&Asked<'_>, &Named)| {
        let mut schema = json!({"type": kind(&ask.leaf.value), "description": name.phrase});
        // Rounded as it is, or left as it comes.
        match ask.expression() {
            Some(MEAN) => schema["x-tolerance"] = json!({"absolute": 0.0051}),
            Some(DIFFERENCE | SUM) if ask.leaf.value.is_f64() => schema["x-tolerance"] = json!({"absolute": 0.000_000_51}),
            _ => {}
        }
        if is_date(&ask.leaf.value) {
            schema["format"] = json!("date");
        }
        let unit = || unit_symbol(ask.leaf.key()).or_else(|| ask.call.about.unit_of(ask.leaf.key()).map(str::to_owned));
        if let Some(unit) = unit().filter(|_| ask.derived.is_none() && ask.leaf.value.is_number()) {
            schema["x-unit"] = json!(unit);
        }
        (name.field.clone(), schema)
    };
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

/// Whether a value is a day as ISO 8601 writes it.
pub fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|t| t.len() == 10 && chrono::NaiveDate::parse_from_str(t, "%Y-%m-%d").is_ok())
}

/// What is to be put into words.
pub struct Told<'a, 'b> {
    /// The calls.
    pub set: &'b Set<'a>,
    /// What is asked for.
    pub asked: &'b [Asked<'a>],
    /// What it is called.
    pub names: &'b [Named],
}

/// The question, as `persona` would ask it.
pub fn question(told: &Told<'_, '_>, persona: &Persona, rng: &mut impl Rng) -> String {
    let Told { set, asked, names } = told;
    let (gold, flows) = (&set.gold, &set.flows);
    let mut pick = |from: &[String]| from.get(rng.random_range(0..from.len().max(1))).cloned().unwrap_or_default();
    let mut sentences: Vec<String> = Vec::new();
    for (step, call) in gold.iter().enumerate() {
        let mut with: Vec<String> = given_phrases(call, flows);
        with.extend(flows.iter().filter(|f| f.dst_call == call.index).filter_map(|f| flow_phrase(f, gold, step)));
        let before = gold[..step].iter().rposition(|c| c.tool == call.tool && c.server == call.server && takes_alike(c, call));
        let sentence = match before {
            // What was said once need not be said again.
            Some(earlier) if !with.is_empty() => {
                let said: Vec<String> = given_phrases(gold[earlier], flows);
                with.retain(|w| !said.contains(w));
                let like =
                    if earlier + 1 == step { "do the same".to_owned() } else { format!("do the same as in the {} step", ordinal(earlier)) };
                match joined(&mut with) {
                    Some(range) if with.is_empty() => format!("{like}, but {range}."),
                    Some(range) => format!("{like}, but {range} and with {}.", join_and(&with)),
                    None if with.is_empty() => format!("{like} once more."),
                    None => format!("{like}, but with {}.", join_and(&with)),
                }
            }
            _ => format!("{}.", clause_with(call, &with)),
        };
        // What is written and read on a server is done in order.
        let goes_on = |step: usize| !gold[step - 1].about.reads && gold[step - 1].server == call.server;
        let linked = !set.before(call.index).is_empty() || step > 0 && goes_on(step);
        if step == 0 {
            let opening = pick(&persona.opening);
            let continues = !opening.is_empty() && !opening.trim_end().ends_with(['.', '?', '!', ':']);
            let space = if opening.is_empty() { "" } else { " " };
            sentences.push(format!("{opening}{space}{}", if continues { sentence } else { capital(&sentence) }));
        } else {
            let link = pick(if linked { &persona.next } else { &persona.also });
            sentences.push(format!("{link} {sentence}"));
        }
    }
    sentences.push(format!("{} {}.", pick(&persona.asking), asked_phrases(gold, asked, names)));
    let members: Vec<String> = asked.iter().zip(*names).map(|(a, n)| format!("\"{}\" ({})", n.field, kind_word(a))).collect();
    sentences.push(format!(
        "Answer with a JSON object with the {} {}.",
        if members.len() == 1 { "member" } else { "members" },
        join_and(&members)
    ));
    sentences.join(" ")
}

fn kind_word(ask: &Asked<'_>) -> &'static str {
    match (kind(&ask.leaf.value), ask.expression()) {
        (_, Some(MEAN)) => "number with two decimals",
        ("integer", Some(DIFFERENCE)) => "whole number, the former minus the latter",
        (_, Some(DIFFERENCE)) => "number with up to six decimals, the former minus the latter",
        ("number", Some(SUM)) => "number with up to six decimals",
        ("boolean", _) => "true or false",
        ("number", Some(TOTAL)) => "number, not rounded",
        ("number", _) => "number, as given",
        ("integer", _) => "whole number",
        _ if is_date(&ask.leaf.value) => "date as YYYY-MM-DD",
        _ => "text, as given",
    }
}

/// What is wanted, by the step it is read from.
fn asked_phrases(gold: &[&Call], asked: &[Asked<'_>], names: &[Named]) -> String {
    let step_of = |call: &Call| gold.iter().position(|c| c.index == call.index).unwrap_or(0);
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (ask, name) in asked.iter().zip(names) {
        let from = match ask.derived.as_ref().and_then(|d| d.other.as_ref()) {
            Some((other, _)) => format!("from the {} and the {} step", ordinal(step_of(ask.call)), ordinal(step_of(other))),
            None => format!("from the {} step", ordinal(step_of(ask.call))),
        };
        let phrase = format!("the {}", name.phrase);
        match groups.last_mut().filter(|(last, _)| *last == from) {
            Some((_, phrases)) => phrases.push(phrase),
            None => groups.push((from, vec![phrase])),
        }
    }
    match groups.as_slice() {
        // One step, or all that there are.
        [(_, phrases)] if gold.len() == 1 || gold.len() == 2 && asked.iter().all(Asked::compares) => join_and(phrases),
        several => several.iter().map(|(from, phrases)| format!("{from} {}", join_and(phrases))).collect::<Vec<_>>().join("; "),
    }
}

fn flow_phrase(flow: &Flow, gold: &[&Call], step: usize) -> Option<String> {
    let source_step = gold.iter().position(|c| c.index == flow.src_call)?;
    let source = gold[source_step];
    let leaf = source.leaves().iter().find(|l| l.pointer == flow.src_pointer)?;
    let value = field_phrase(source.result(), leaf, &source.own());
    let param = phrase(crate::json::last_key(
        &flow.dst_pointer.split('/').map(|s| if s.parse::<usize>().is_ok() { "*" } else { s }).collect::<Vec<_>>().join("/"),
    ));
    let from = if source_step + 1 == step { "you just found".to_owned() } else { format!("from the {} step", ordinal(source_step)) };
    let own = value.split(" of ").next().unwrap_or_default();
    Some(if own == param { format!("the {value} {from}") } else { format!("the {value} {from} as the {param}") })
}

/// Whether a value has to be looked for so deep in a result before it can be given on that nobody would say where.
pub fn leads_far(set: &Set<'_>) -> bool {
    const MOST_OWNERS: usize = 2;
    const MOST_PLACES: usize = 1;
    set.flows.iter().any(|flow| {
        let source = set.gold.iter().find(|call| call.index == flow.src_call);
        let leaf = source.and_then(|call| Some((call, call.leaves().iter().find(|leaf| leaf.pointer == flow.src_pointer)?)));
        leaf.is_some_and(|(call, leaf)| {
            field_phrase(call.result(), leaf, &call.own()).matches(" of ").count() > MOST_OWNERS
                || places_in(call.result(), &flow.src_pointer) > MOST_PLACES
        })
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
