//! What is asked of a tool: what it does, and what it is given.

use serde_json::Value;

use crate::json::{Leaf, leads_into, unescape};
use crate::task::ask::given;
use crate::task::clause::{OF_WHAT, base_verb};
use crate::task::phrase::is_date;
use crate::task::source::{Call, Flow};
use crate::task::units::unit_of;
use crate::task::wording::{itemised, join_and, listed, ordinal, phrase, written};

/// What a tool does, with its details: `look up the order status by order ID` and `order ID ORD-2` make
/// `look up the order status for order ID ORD-2`.
pub fn clause_with(call: &Call, details: &[String]) -> String {
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
    let mut details = details.to_vec();
    // Of a tool that does many things and is called by a noun, the one that it is to do is the verb: list providers with the AI tools.
    let deed = call.arguments.get("action").and_then(Value::as_str).filter(|deed| deed.contains('_'));
    if let Some(deed) = deed
        && let Some(thing) = task.strip_prefix("find the ")
        && base_verb(deed.split('_').next().unwrap_or_default()).is_some()
    {
        task = format!("{} with the {thing}", deed.replace('_', " "));
    }
    // What a verb is done to is given.
    let object =
        call.about.required.iter().chain(call.arguments.keys()).find(|name| call.arguments.contains_key(*name)).map(|name| phrase(name));
    if let Some((verb, at)) =
        task.strip_suffix(OF_WHAT).zip(object.and_then(|name| details.iter().position(|d| d.starts_with(&format!("{name} ")))))
    {
        task = format!("{verb}the {}", details.remove(at));
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
    format!("{task}{joint} {}", join_and(&details))
}

/// What of the details says from where and to where, taken out of them: “with from 8 and to 15” is from 8 to 15.
pub fn joined(details: &mut Vec<String>) -> Option<String> {
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
pub fn takes_alike(a: &Call, b: &Call) -> bool {
    let pointers = |call: &Call| given(call, &[]).into_iter().map(|l| l.pointer).collect::<std::collections::BTreeSet<_>>();
    pointers(a) == pointers(b)
}

/// What the question gives a call. A list of which nothing flowed is given in one piece: the rows of a matrix belong together.
pub fn given_phrases(call: &Call, flows: &[&Flow]) -> Vec<String> {
    let mut out = Vec::new();
    let mut several = Vec::new();
    let mut lists: Vec<String> = Vec::new();
    let whole = Value::Object(call.arguments.clone());
    for leaf in given(call, flows) {
        let Some((pointer, all)) = list_around(&whole, &leaf.pointer) else {
            out.push(given_phrase(call, &leaf));
            continue;
        };
        let flowed = flows.iter().any(|f| f.dst_call == call.index && leads_into(&f.dst_pointer, pointer));
        let many = all.as_array().is_some_and(|items| items.len() > 1);
        let things = itemised(all);
        let last = many && things.is_some();
        let list = things.or_else(|| listed(all).filter(|_| many));
        match list.filter(|_| !flowed) {
            Some(_) if lists.iter().any(|known| known == pointer) => {}
            Some(text) => {
                lists.push(pointer.to_owned());
                let key = unescape(pointer.rsplit('/').next().unwrap_or_default());
                let bare = all.as_array().is_some_and(|items| items.iter().all(|item| item.is_number() || item.is_array()));
                let unit = call.about.unit_of(&key).filter(|_| bare && unit_of(&key).is_none()).map(|unit| format!(" in {unit}"));
                let said = format!("{}{} {text}", phrase(&key), unit.unwrap_or_default());
                if last { several.push(said) } else { out.push(said) }
            }
            None => out.push(given_phrase(call, &leaf)),
        }
    }
    let said = |(name, value): &(String, Value)| {
        given_phrase(call, &Leaf { pointer: format!("/{name}"), pattern: format!("/{name}"), value: value.clone() })
    };
    out.extend(call.defaults().map(said));
    // What comes after a list of several things would be taken for the last one's.
    out.extend(several);
    out
}

/// The outermost list that what is at `pointer` is in, and where that list is.
fn list_around<'p, 'v>(whole: &'v Value, pointer: &'p str) -> Option<(&'p str, &'v Value)> {
    let ends = pointer.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
    ends.map(|at| &pointer[..at]).find_map(|list| whole.pointer(list).filter(|value| value.is_array()).map(|value| (list, value)))
}

fn given_phrase(call: &Call, leaf: &Leaf) -> String {
    let steps: Vec<&str> = leaf.pattern.split('/').filter(|s| !s.is_empty() && *s != "*").collect();
    let called = |step: &str| match step {
        // Beside a denominator, `num` is no number.
        "num" if ["den", "denom", "denominator"].iter().any(|other| call.arguments.contains_key(*other)) => "numerator".into(),
        "den" => "denominator".into(),
        "from" | "to" if leaf.value.is_u64() && call.clause().contains(" bases") => format!("{step} base"),
        key if key.chars().all(char::is_uppercase) => format!("“{key}”"),
        "on" | "at" if is_date(&leaf.value) => "date".into(),
        other => phrase(other),
    };
    let name = steps.iter().rev().take(2).rev().map(|step| called(step)).collect::<Vec<_>>().join(" ");
    let place = leaf.pointer.rsplit('/').next().and_then(|s| s.parse::<usize>().ok()).filter(|_| leaf.pattern.ends_with("/*"));
    match place {
        Some(index) => format!("{} as the {} of the {name}", written(&leaf.value), ordinal(index)),
        None => match steps.last().and_then(|last| unit_of(last)).filter(|_| leaf.value.is_number()) {
            Some((words, unit)) => {
                let letter = words.chars().count() == 1 && words.starts_with(['f', 'h', 'l', 'm', 'n', 'r', 's', 'x']);
                let article = if letter || words.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
                format!("{article} {words} of {} {unit}", written(&leaf.value))
            }
            None => {
                let behind = match (call.about.meaning(leaf.key(), &leaf.value), call.about.unit_of(leaf.key())) {
                    (Some(meaning), _) => format!(" ({meaning})"),
                    (None, Some("%")) if leaf.value.is_number() => "%".into(),
                    (None, Some(unit)) if leaf.value.is_number() => format!(" {unit}"),
                    _ => String::new(),
                };
                format!("{name} {}{behind}", written(&leaf.value))
            }
        },
    }
}
