//! The question: a grammar over what tools and fields are called. Every given value stands in it, no
//! answer does.

use std::iter::{once, once_with};

use rand::{Rng, RngExt};
use serde_json::{Map, Value, json};

use crate::derive::{
    AT_LARGEST, AT_SMALLEST, COUNT, COUNT_WHERE, DIFFERENCE, DISTINCT, ENTRY, GREATER, LARGEST, LAST_NUMBER, LINE, MEAN, SHARED, SMALLEST,
    SUM, TOTAL,
};
use crate::json::{Leaf, leads_into, places_in, unescape};
use crate::task::ask::{Asked, Derived, given};
use crate::task::clause::OF_WHAT;
use crate::task::columns::called;
use crate::task::persona::Persona;
use crate::task::sentence::said_of;
use crate::task::set::Set;
use crate::task::source::{Call, Flow};
use crate::task::units::{unit_of, unit_symbol};
use crate::task::wording::{
    entries_of, entry_of, field_phrase, is_container, itemised, join_and, listed, ordinal, phrase, written,
};
use crate::task::worth::is_yes_or_no;

/// An answer field: its name in the answer, and what the question calls it.
#[derive(Debug, Clone)]
pub struct Named {
    /// Member of the answer.
    pub field: String,
    /// What it is, for a person, without an article.
    pub phrase: String,
}

/// Names for the answer fields, each different; what two steps call alike has the number of its step.
pub fn name_fields(asked: &[Asked<'_>], gold: &[&Call]) -> Vec<Named> {
    let mut out: Vec<Named> = Vec::new();
    let mut shorts: Vec<(i64, String)> = Vec::new();
    for ask in asked {
        let (text, short) = match &ask.derived {
            None => {
                let text = field(ask.call, &ask.leaf);
                let short = short(&text);
                // "The halted" is nothing one could ask for.
                let flagged = if checks(ask) { "verdict".to_owned() } else { flag(&short) };
                let text = if is_yes_or_no(&ask.leaf.value) { text.replacen(&short, &flagged, 1) } else { text };
                (text, short)
            }
            Some(derived) => derived_phrase(ask, derived),
        };
        let step = gold.iter().position(|c| c.index == ask.call.index).unwrap_or(0);
        let of_step = |name: &str| format!("step_{}_{name}", step + 1);
        let own = slug(&short);
        // What it is of tells it from what is called the same in its own step, and the step from what is in others.
        let whole = || match ask.derived {
            None => slug(&text.replace("the ", "").split(" of ").collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ")),
            Some(_) => own.clone(),
        };
        let twin = shorts.iter().any(|(call, other)| *call == ask.call.index && *other == own);
        let second = once_with(|| if twin { whole() } else { of_step(&own) });
        let third = once_with(|| of_step(&whole()));
        let numbered = (2..).map(|number| format!("{}_{number}", of_step(&own)));
        let free = |name: &String| out.iter().all(|n| n.field != *name);
        let field = once(own.clone()).chain(second).chain(third).chain(numbered).find(free).unwrap_or_else(|| of_step(&own));
        shorts.push((ask.call.index, own));
        out.push(Named { field, phrase: text });
    }
    out
}

/// Whether a check has nothing more to say than how it came out.
fn checks(ask: &Asked<'_>) -> bool {
    let bare = matches!(ask.leaf.pointer.as_str(), "" | "/result" | "/value");
    bare && ["validate", "verify", "check"].iter().any(|verb| ask.call.own_name().starts_with(verb))
}

/// What the scalar at `leaf` of a call's result is called, with the unit that the tool says it is in.
fn field(call: &Call, leaf: &Leaf) -> String {
    let text = called(call, leaf).unwrap_or_else(|| field_phrase(call.result(), leaf, &call.own()));
    let unit = call.about.unit_of(leaf.key()).filter(|_| leaf.value.is_number() && unit_of(leaf.key()).is_none());
    // "Period in days" is enough of days.
    let stem = |unit: &str| unit.trim_end_matches('s').to_lowercase();
    let says = |unit: &str| unit.len() > 2 && text.to_lowercase().contains(&stem(unit));
    // A moment of inertia is in its unit, and no moment.
    let own = phrase(leaf.key());
    let whole = text.strip_prefix(&own).filter(|rest| own.contains(" of ") && (rest.is_empty() || rest.starts_with(" of ")));
    match (unit, text.split_once(" of ")) {
        (Some(unit), _) if says(unit) => text,
        (Some(unit), _) if let Some(rest) = whole => format!("{own} in {unit}{rest}"),
        (Some(unit), Some((own, whose))) => format!("{own} in {unit} of {whose}"),
        (Some(unit), None) => format!("{text} in {unit}"),
        (None, _) => text,
    }
}

/// What a field of true or false is called: `is static` as `static flag`.
fn flag(name: &str) -> String {
    // "True or false" is said behind it.
    if name == "result" {
        return name.to_owned();
    }
    format!("{} flag", name.strip_prefix("is ").or_else(|| name.strip_prefix("has ")).unwrap_or(name))
}

/// What a derived field is, in full and in short.
fn derived_phrase(ask: &Asked<'_>, derived: &Derived<'_>) -> (String, String) {
    let entries = entries_of(&ask.leaf.pointer, &ask.call.own_name());
    let entry = entry_of(&ask.leaf.pointer, &ask.call.own_name());
    let name = |pointer: &Option<String>| phrase(pointer.as_deref().unwrap_or_default().trim_start_matches('/'));
    if derived.key.as_deref() == Some(ENTRY)
        || derived.expression == COUNT && ask.call.result().pointer(&ask.leaf.pointer).is_some_and(are_numbers)
    {
        return of_numbers(derived.expression, &ask.leaf.pointer);
    }
    let (key, label) = (name(&derived.key), name(&derived.label));
    let bare = || field(ask.call, &ask.leaf);
    match derived.expression {
        COUNT => (format!("number of {entries}"), format!("{entry} count")),
        COUNT_WHERE => {
            let wanted = written(&Value::from(derived.wanted.clone().unwrap_or_default()));
            (format!("number of {entries} whose {key} is {wanted}"), format!("matching {entry} count"))
        }
        DISTINCT => (format!("number of different values of {key} among the {entries}"), format!("different {key} count")),
        TOTAL => (format!("total {key} over all {entries}"), format!("total {key}")),
        MEAN => (format!("average {key} of all {entries}, rounded to two decimals"), format!("average {key}")),
        LARGEST => (format!("largest {key} among the {entries}"), format!("largest {key}")),
        SMALLEST => (format!("smallest {key} among the {entries}"), format!("smallest {key}")),
        AT_LARGEST => (format!("{label} of the {entry} with the largest {key}"), format!("{label} with largest {key}")),
        AT_SMALLEST => (format!("{label} of the {entry} with the smallest {key}"), format!("{label} with smallest {key}")),
        SHARED => (format!("number of {entries} that both results have in common, by {key}"), format!("shared {entry} count")),
        DIFFERENCE => (format!("difference between the two values of the {}", bare()), format!("{} difference", short(&bare()))),
        SUM => (format!("sum of the two values of the {}", bare()), format!("{} sum", short(&bare()))),
        GREATER => (format!("greater of the two values of the {}", bare()), format!("greater {}", short(&bare()))),
        LINE => {
            let said = derived.key.as_deref().unwrap_or_default();
            (crate::task::wording::said(said), said.to_owned())
        }
        LAST_NUMBER => {
            let read = ask.call.result().pointer(&ask.leaf.pointer).and_then(Value::as_str);
            let said = read.map_or_else(bare, |text| said_of(text, bare));
            (said.clone(), said)
        }
        _ => (bare(), short(&bare())),
    }
}

/// What a derivation over a list of numbers is, in full and in short.
fn of_numbers(expression: &str, pointer: &str) -> (String, String) {
    let name = pointer.rsplit('/').next().filter(|n| !n.is_empty() && !is_container(n)).map(phrase);
    // What has no plural of its own has values: the largest value of the sequence.
    let plural = |name: &str| name.ends_with('s') && !name.ends_with("ss") && !name.ends_with("is") && !name.ends_with("us");
    let (many, one) = match &name {
        None => ("numbers in the result".to_owned(), "number in the result".to_owned()),
        Some(name) if plural(name) => (name.clone(), format!("of the {name}")),
        Some(name) => (format!("values of the {name}"), format!("value of the {name}")),
    };
    let text = match expression {
        COUNT => format!("number of {many}"),
        TOTAL => format!("sum of all {many}"),
        MEAN => format!("average of all {many}, rounded to two decimals"),
        LARGEST => format!("largest {one}"),
        _ => format!("smallest {one}"),
    };
    let head = match expression {
        COUNT => "count",
        TOTAL => "sum",
        MEAN => "average",
        LARGEST => "largest",
        _ => "smallest",
    };
    (text, name.map_or_else(|| format!("number {head}"), |name| format!("{name} {head}")))
}

fn are_numbers(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_number))
}

fn short(text: &str) -> String {
    text.split(" of ").next().unwrap_or_default().to_owned()
}

fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .replace('%', " percent")
        .replace('²', "2")
        .replace('µ', "u")
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty() && *w != "the")
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() { "result".into() } else { words.join("_") }
}

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
fn is_date(value: &Value) -> bool {
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

/// What a tool does, with its details: `look up the order status by order ID` and `order ID ORD-2` make
/// `look up the order status for order ID ORD-2`.
fn clause_with(call: &Call, details: &[String]) -> String {
    let mut task = without_unsaid(call.clause(), call).to_owned();
    let params: Vec<String> = call.arguments.keys().map(|p| phrase(p)).collect();
    if details.is_empty() {
        // Nothing is given to look things up by, or to filter them by.
        if let Some(at) = task.rfind(" by ").filter(|at| task[at + 4..].split(' ').count() <= 3 || task[at + 4..].contains(" or ")) {
            task.truncate(at);
        }
        return task.strip_prefix("filter ").map_or_else(|| task.clone(), |what| format!("list {what}"));
    }
    // What the tool looks things up by is said by the details, and so is that it is by something else.
    let by = |said: &str| {
        let own = |p: &String| said.eq_ignore_ascii_case(p) || p.to_lowercase().ends_with(&format!(" {}", said.to_lowercase()));
        params.iter().any(own) || said.ends_with(" ID") && params.iter().any(|p| p.ends_with("ID"))
    };
    if let Some(at) = task.rfind(" by ").filter(|at| by(&task[at + 4..])) {
        task.truncate(at);
    }
    // What a verb is done to is given.
    let object = call.about.required.iter().chain(call.arguments.keys()).find(|name| call.arguments.contains_key(*name)).map(|name| phrase(name));
    let mut details = details.to_vec();
    if let Some((verb, at)) = task.strip_suffix(OF_WHAT).zip(object.and_then(|name| details.iter().position(|d| d.starts_with(&format!("{name} "))))) {
        task = format!("{verb}the {}", details.remove(at));
        if details.is_empty() {
            return task;
        }
    }
    if let Some(range) = joined(&mut details) {
        // "Between formats to one": that it goes from one to another is said by which.
        if let Some(at) = [" from one ", " between "].iter().find_map(|joint| task.find(joint)) {
            task.truncate(at);
        }
        task = format!("{task} {range}");
    }
    if details.is_empty() {
        return task;
    }
    let details = details.as_slice();
    // What is searched for is what it is all about.
    let sought = |detail: &String| {
        ["search query ", "search term ", "query ", "keyword "].iter().find_map(|n| detail.strip_prefix(n)).map(str::to_owned)
    };
    let found = details.iter().enumerate().find_map(|(at, detail)| Some((at, sought(detail)?)));
    let searches = task.starts_with("search") || task.starts_with("run the") && task.contains(" search");
    if let Some((at, value)) = found.filter(|_| searches && !task.contains(" with ")) {
        let joint = match task.contains(" for ") {
            true if task.ends_with("matching") => ", for",
            true => " matching",
            false => " for",
        };
        let rest: Vec<String> = details.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, d)| d.clone()).collect();
        let rest = if rest.is_empty() { String::new() } else { format!(", with {}", join_and(&rest)) };
        return format!("{task}{joint} {value}{rest}");
    }
    let by_identity = params.len() == 1 && params[0].ends_with("ID") && !task.contains(" for ");
    let joint = if by_identity { " for" } else { ", with" };
    format!("{task}{joint} {}", join_and(details))
}

/// What of the details says from where and to where, taken out of them: “with from 8 and to 15” is from 8 to 15.
fn joined(details: &mut Vec<String>) -> Option<String> {
    let mut take = |little: &str| details.iter().position(|detail| detail.starts_with(little)).map(|at| details.remove(at));
    match (take("from "), take("to ")) {
        (Some(from), Some(to)) => Some(format!("{from} {to}")),
        (from, to) => from.or(to),
    }
}

/// A clause without what an option would say that is not given: `list objects whose key starts with prefix`, and there is no prefix; `look
/// up the queue for a product`, and no product's id is given.
fn without_unsaid<'a>(clause: &'a str, call: &Call) -> &'a str {
    const RELATIVE: [&str; 3] = [" whose ", " that ", " which "];
    const JOINTS: [&str; 7] = [" by ", " for ", " with ", " matching ", " in ", " of ", " from "];
    let last = clause.rsplit(' ').next().unwrap_or_default();
    if !call.leaves_out(last) && !call.leaves_out(&format!("{last}_id")) {
        return clause;
    }
    let relative = RELATIVE.iter().find_map(|joint| clause.find(joint));
    let at = relative.or_else(|| JOINTS.iter().filter_map(|joint| clause.rfind(joint)).max());
    at.map(|at| &clause[..at]).filter(|rest| rest.contains(' ')).unwrap_or(clause)
}

/// Whether two calls of a tool are given the same parameters.
fn takes_alike(a: &Call, b: &Call) -> bool {
    let pointers = |call: &Call| given(call, &[]).into_iter().map(|l| l.pointer).collect::<std::collections::BTreeSet<_>>();
    pointers(a) == pointers(b)
}

fn kind_word(ask: &Asked<'_>) -> &'static str {
    match (kind(&ask.leaf.value), ask.expression()) {
        (_, Some(MEAN)) => "number with two decimals",
        ("integer", Some(DIFFERENCE)) => "whole number, the former minus the latter",
        (_, Some(DIFFERENCE)) => "number with up to six decimals, the former minus the latter",
        ("number", Some(SUM)) => "number with up to six decimals",
        ("boolean", _) => "true or false",
        ("number", None) => "number, as given",
        ("number", _) => "number, not rounded",
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

/// What the question gives a call. A list of which nothing flowed is given in one piece: the rows of a matrix belong together.
fn given_phrases(call: &Call, flows: &[&Flow]) -> Vec<String> {
    let mut out = Vec::new();
    let mut lists: Vec<String> = Vec::new();
    let whole = Value::Object(call.arguments.clone());
    for leaf in given(call, flows) {
        let Some((pointer, all)) = list_around(&whole, &leaf.pointer) else {
            out.push(given_phrase(call, &leaf));
            continue;
        };
        let flowed = flows.iter().any(|f| f.dst_call == call.index && leads_into(&f.dst_pointer, pointer));
        let list = itemised(all).or_else(|| listed(all).filter(|_| all.as_array().is_some_and(|a| a.len() > 1)));
        match list.filter(|_| !flowed) {
            Some(_) if lists.iter().any(|known| known == pointer) => {}
            Some(text) => {
                lists.push(pointer.to_owned());
                let key = unescape(pointer.rsplit('/').next().unwrap_or_default());
                let unit = call.about.unit_of(&key).filter(|_| unit_of(&key).is_none()).map(|unit| format!(" in {unit}"));
                out.push(format!("{}{} {text}", phrase(&key), unit.unwrap_or_default()));
            }
            None => out.push(given_phrase(call, &leaf)),
        }
    }
    let said = |(name, value): &(String, Value)| {
        given_phrase(call, &Leaf { pointer: format!("/{name}"), pattern: format!("/{name}"), value: value.clone() })
    };
    out.extend(call.defaults().map(said));
    out
}

/// The outermost list that what is at `pointer` is in, and where that list is.
fn list_around<'p, 'v>(whole: &'v Value, pointer: &'p str) -> Option<(&'p str, &'v Value)> {
    let ends = pointer.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
    ends.map(|at| &pointer[..at]).find_map(|list| whole.pointer(list).filter(|value| value.is_array()).map(|value| (list, value)))
}

fn given_phrase(call: &Call, leaf: &Leaf) -> String {
    let steps: Vec<&str> = leaf.pattern.split('/').filter(|s| !s.is_empty() && *s != "*").collect();
    let called = |step: &&&str| match **step {
        // Beside a denominator, `num` is no number.
        "num" if ["den", "denom", "denominator"].iter().any(|other| call.arguments.contains_key(*other)) => "numerator".into(),
        "den" => "denominator".into(),
        "on" | "at" if is_date(&leaf.value) => "date".into(),
        other => phrase(other),
    };
    let name = steps.iter().rev().take(2).rev().map(|step| called(&step)).collect::<Vec<_>>().join(" ");
    let place = leaf.pointer.rsplit('/').next().and_then(|s| s.parse::<usize>().ok()).filter(|_| leaf.pattern.ends_with("/*"));
    match place {
        Some(index) => format!("{} as the {} of the {name}", written(&leaf.value), ordinal(index)),
        None => match steps.last().and_then(|last| unit_of(last)).filter(|_| leaf.value.is_number()) {
            Some((words, unit)) => {
                let letter = words.chars().count() == 1 && words.starts_with(['f', 'h', 'l', 'm', 'n', 'r', 's', 'x']);
                let article = if letter || words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                format!("{article} {words} of {} {unit}", written(&leaf.value))
            }
            None if let Some(meaning) = call.about.meaning(leaf.key(), &leaf.value) => format!("{name} {} ({meaning})", written(&leaf.value)),
            None => match call.about.unit_of(leaf.key()).filter(|_| leaf.value.is_number()) {
                Some("%") => format!("{name} {}%", written(&leaf.value)),
                Some(unit) => format!("{name} {} {unit}", written(&leaf.value)),
                None => format!("{name} {}", written(&leaf.value)),
            },
        },
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
