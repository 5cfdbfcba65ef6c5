//! Words for people: what a parameter or field is called, how a value is written.

use serde_json::Value;

use crate::json::{Leaf, leaves, scalar_text, unescape};
use crate::names;
pub use crate::task::clause::clause;
use crate::task::clause::lower_first;
pub use crate::task::entries::{Own, entries_of, entry_of};
use crate::task::entries::{item_name, singular};
use crate::task::units::unit_of;

/// Members and lists that only hold the result together.
const CONTAINERS: [&str; 23] = [
    "data",
    "result",
    "results",
    "output",
    "response",
    "payload",
    "parsed_content",
    "content",
    "value",
    "body",
    "structured",
    "details",
    "items",
    "entries",
    "records",
    "rows",
    "list",
    "values",
    "matches",
    "objects",
    "hits",
    "item",
    "node",
];

/// A label of a text as a person says it in a sentence.
pub fn said(label: &str) -> String {
    // A word of another language is shown as it stands, and so is what may be somebody's name: Uranus, House 8.
    let name = !label.contains(' ') && label.starts_with(char::is_uppercase) || label.chars().any(|c| c.is_ascii_digit());
    if name || label.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        return format!("“{label}”");
    }
    let words: Vec<String> = label.split(|c: char| c.is_whitespace() || c == '_').filter(|w| !w.is_empty()).map(lower_first).collect();
    words.join(" ")
}

/// A name as words: `order_id` as `order ID`, `mass_kg` as `mass in kg`.
pub fn phrase(name: &str) -> String {
    // A word of another language is shown as it stands.
    if name.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        return format!("“{name}”");
    }
    if let Some((words, unit)) = unit_of(name) {
        return format!("{words} in {unit}");
    }
    let words = names::split(name);
    // "weekday_ja" is in Japanese.
    const LANGUAGES: [(&str, &str); 6] =
        [("ja", "Japanese"), ("en", "English"), ("de", "German"), ("fr", "French"), ("ko", "Korean"), ("zh", "Chinese")];
    if let [what @ .., last] = words.as_slice()
        && let Some((_, language)) = LANGUAGES.iter().find(|(short, _)| short == last).filter(|_| !what.is_empty())
    {
        return format!("{} in {language}", phrase(&what.join("_")));
    }
    // "rate_gtt_min_exact" is not rounded.
    if let [measure @ .., how] = words.as_slice()
        && matches!(how.as_str(), "exact" | "rounded" | "approx" | "estimated")
        && let Some((words, unit)) = unit_of(&measure.join("_"))
    {
        return format!("{words} in {unit} ({how})");
    }
    if let [before @ .., at] = words.as_slice()
        && at == "at"
    {
        return match before {
            [] => "time".into(),
            [verb] if verb.ends_with("ed") => format!("time it was {verb}"),
            [.., when, verb] if verb.ends_with("ed") && matches!(when.as_str(), "last" | "first" | "soft" | "auto") => {
                format!("time it was {when} {verb}")
            }
            // "ai_summary_generated_at" is of the summary.
            [what @ .., verb] if verb.ends_with("ed") => format!("time the {} was {verb}", phrase(&what.join("_"))),
            [.., verb] if verb.ends_with('s') => format!("time it {}", before.join(" ")),
            _ => format!("{} time", before.join(" ")),
        };
    }
    // "num_colors" is how many there are.
    if let [number, rest @ ..] = words.as_slice()
        && matches!(number.as_str(), "num" | "number")
        && rest.last().is_some_and(|last| last.len() > 3 && last.ends_with('s') && !last.ends_with("ss"))
    {
        return format!("number of {}", phrase(&rest.join("_")));
    }
    let shown = words.iter().enumerate().map(|(at, word)| match word.as_str() {
        "min" if words.len() > 1 && at == 0 => "minimum".into(),
        "max" if words.len() > 1 && (at == 0 || at + 1 == words.len()) => "maximum".into(),
        "id" | "url" | "uri" | "sql" | "iata" | "icao" | "eta" | "sla" | "sku" | "vat" | "utc" | "ip" | "json" | "csv" | "pdf" | "uuid"
        | "ai" | "rgb" | "hsl" | "bmi" | "bsa" | "css" | "html" | "xml" | "http" => word.to_uppercase(),
        "ids" => "IDs".into(),
        "lat" => "latitude".into(),
        "lon" | "lng" => "longitude".into(),
        "qty" => "quantity".into(),
        "num" => "number".into(),
        "denom" => "denominator".into(),
        "numer" => "numerator".into(),
        "diff" => "difference".into(),
        "coeff" => "coefficient".into(),
        "freq" => "frequency".into(),
        "temp"
            if words.len() > 1
                && !words.iter().any(|w| matches!(w.as_str(), "file" | "dir" | "directory" | "path" | "folder" | "name" | "id")) =>
        {
            "temperature".into()
        }
        "expr" => "expression".into(),
        "avg" => "average".into(),
        "tz" => "timezone".into(),
        _ => word.clone(),
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// A list of values, and of such lists, as a person writes it; none where it holds anything else.
pub fn listed(value: &Value) -> Option<String> {
    let item = |item: &Value| match item {
        Value::Array(_) => listed(item),
        Value::Object(_) | Value::Null => None,
        _ => Some(written(item)),
    };
    let items: Option<Vec<String>> = value.as_array()?.iter().map(item).collect();
    items.filter(|items| !items.is_empty()).map(|items| format!("[{}]", items.join(", ")))
}

/// A list of things of which several values are known, as a person writes it: `(1) cost 5 and ID “a”, (2) cost 7 and ID “b”`. None
/// where it holds anything else.
pub fn itemised(value: &Value) -> Option<String> {
    let items = value.as_array()?;
    let item = |item: &Value| {
        let known = |leaf: &Leaf| {
            let steps: Vec<&str> = leaf.pattern.split('/').filter(|s| !s.is_empty() && *s != "*").collect();
            (steps.iter().map(|s| phrase(s)).collect::<Vec<_>>().join(" "), written(&leaf.value))
        };
        // Of a list within, the name is said once.
        let mut members: Vec<(String, Vec<String>)> = Vec::new();
        for (name, value) in item.as_object().map(|_| leaves(item))?.iter().map(known) {
            match members.last_mut().filter(|(last, _)| *last == name) {
                Some((_, values)) => values.push(value),
                None => members.push((name, vec![value])),
            }
        }
        let members: Vec<String> = members.into_iter().map(|(name, values)| format!("{name} {}", join_and(&values))).collect();
        (!members.is_empty()).then(|| join_and(&members))
    };
    let items: Vec<String> = items.iter().map(item).collect::<Option<_>>()?;
    match items.as_slice() {
        [] => None,
        [one] => Some(format!("of {one}")),
        several => Some(several.iter().enumerate().map(|(at, one)| format!("({}) {one}", at + 1)).collect::<Vec<_>>().join(", ")),
    }
}

/// A value as a person writes it into a question: text in quotes, ids, numbers and dates bare.
pub fn written(value: &Value) -> String {
    let text = scalar_text(value);
    match value {
        Value::String(_) if text.is_empty() => "nothing".into(),
        Value::String(_) => {
            let bare = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.:#@+".contains(c))
                && text.chars().any(|c| c.is_ascii_digit() || c == '@');
            if bare { text } else { format!("“{text}”") }
        }
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        _ => text,
    }
}

/// What the scalar at `leaf` of `result` is called: `carrier of the first entry`. None where only a
/// machine could say which one is meant.
pub fn field_phrase(result: &Value, leaf: &Leaf, own: &Own) -> String {
    let Own { tool, subject, foreign } = own;
    let mut parts: Vec<String> = Vec::new();
    let mut at = result;
    let mut name: Option<&str> = None;
    let mut pending: Option<&str> = None;
    let mut alone = false;
    for step in leaf.pointer.split('/').skip(1) {
        if let Some(items) = at.as_array() {
            let index: usize = step.parse().unwrap_or(0);
            at = items.get(index).unwrap_or(&Value::Null);
            if items.len() > 1 {
                let list = pending.take();
                match list.filter(|l| at.is_number() && !is_container(l)) {
                    // The numbers of a list have no name of their own.
                    Some(list) => parts.extend([format!("the {}", phrase(list)), format!("the {} number", ordinal(index))]),
                    None if at.is_number() => parts.push(format!("the {} number", ordinal(index))),
                    // "angle": ["rad", "deg"] has a first entry, and no first angle.
                    None if !at.is_object() && list.is_some_and(|list| !is_container(list) && is_one(list)) => {
                        parts.extend([format!("the {}", phrase(list.unwrap_or_default())), format!("the {} entry", ordinal(index))]);
                    }
                    // What is first is so in the list, and maybe in nothing else.
                    None => parts.push(format!("the {} listed {}", ordinal(index), item_name(list, tool))),
                }
            } else if let Some(list) = pending.filter(|list| at.is_object() && (!is_container(list) || searches(tool))) {
                parts.push(format!("the only {}", item_name(Some(list), tool)));
            } else if pending.is_none() && at.is_object() && items.len() == 1 && searches(tool) {
                parts.push(format!("the only {}", item_name(None, tool)));
            }
            // The one text of a list is what the list is called, one of it.
            let only = items.len() == 1 && !at.is_object() && !at.is_array();
            name = pending.take().filter(|list| only && !is_container(list));
            alone = name.is_some();
        } else {
            let key = unescape(step);
            let members = at.as_object();
            let place = members.and_then(|m| m.keys().position(|k| *k == key)).unwrap_or(0);
            let data = |m: &&serde_json::Map<String, Value>| 2 * m.keys().filter(|k| crate::json::is_data_key(k)).count() > m.len();
            if members.filter(|m| m.len() > 1).is_some_and(|m| data(&m)) && crate::json::is_data_key(&key) {
                parts.push(format!("the {} {}", ordinal(place), item_name(pending.take(), tool)));
                name = None;
            } else {
                if let Some(owner) = pending.filter(|p| !is_container(p) && !p.starts_with("by_")) {
                    parts.push(owner_phrase(owner));
                }
                pending = Some(step);
                name = Some(step);
            }
            at = members.and_then(|m| m.get(&key)).unwrap_or(&Value::Null);
        }
    }
    let owner = leaf.pointer.rsplit('/').nth(1).unwrap_or_default();
    let counted = name.zip(counted_by(owner)).filter(|_| leaf.value.is_u64());
    let noun = name.filter(|name| is_adjective(name)).and_then(|name| noun_after(name, tool));
    let own = match (counted, name) {
        // What stands under "by priority" is how many there are of one.
        (Some((kind, ("", by))), _) => format!("number of “{kind}” by {}", phrase(by)),
        (Some((kind, (what, by))), _) => {
            parts.pop();
            format!("{} for “{kind}” by {}", phrase(what), phrase(by))
        }
        (_, Some("value")) if result.get("result").is_some() && leaf.value.is_number() => "numeric value".to_owned(),
        (_, Some("value" | "result")) if parts.is_empty() => "result".to_owned(),
        (_, Some("from")) if is_address(&leaf.value) => "sender".to_owned(),
        (_, Some("to")) if is_address(&leaf.value) => "recipient".to_owned(),
        (_, Some(event @ ("created" | "updated" | "modified" | "deleted" | "published"))) if is_time(&leaf.value) => {
            format!("time it was {event}")
        }
        (_, Some(name)) if parts.is_empty() && is_container(name) => subject.clone(),
        // The line at which something was exceeded is no time.
        (_, Some(name)) if name.ends_with("ed_at") && !is_time(&leaf.value) => {
            format!("point at which it was {}", phrase(name.trim_end_matches("_at")))
        }
        // The complementary is the complementary color.
        (_, Some(name)) if noun.is_some() => format!("{} {}", phrase(name), noun.unwrap_or_default()),
        (_, Some(name)) if is_done(name) && leaf.value.is_string() && !is_time(&leaf.value) => format!("{} value", phrase(name)),
        (_, Some(name)) if *foreign => format!("“{}”", name.replace('_', " ")),
        (_, Some(name)) if alone => singular(&phrase(name)),
        (_, Some(name)) => phrase(name),
        (_, None) => parts.pop().map_or_else(|| subject.clone(), |p| p.trim_start_matches("the ").to_owned()),
    };
    parts.reverse();
    // A code point of the only code point is its value.
    let same = |owner: &String| {
        ["the only ", "the first listed ", "the second listed "].iter().any(|which| owner.strip_prefix(which) == Some(&own))
    };
    let own = if parts.first().is_some_and(same) { "value".to_owned() } else { own };
    // A branch of the branch is one, and so is the total cost of the cost.
    let within = |owner: &str| !owner.contains(' ') && own.split(' ').count() > 1 && own.split(' ').any(|word| word == owner);
    if parts.first().and_then(|owner| owner.strip_prefix("the ")).is_some_and(|owner| owner == own || within(owner)) {
        parts.remove(0);
    }
    // `time it was created of the first order` is the time the first order was created.
    if let (Some(event), [thing, rest @ ..]) = (own.strip_prefix("time it "), parts.as_slice()) {
        let whose: String = rest.iter().map(|part| format!(" of {part}")).collect();
        let many = thing.ends_with('s') && !thing.ends_with("ss") && !thing.ends_with("us");
        let event = if many { event.replacen("was ", "were ", 1) } else { event.to_owned() };
        return format!("time {thing}{whose} {event}");
    }
    std::iter::once(own).chain(parts).collect::<Vec<_>>().join(" of ")
}

/// What something belongs to: a name that is a code as it stands, and of what is only like something, its value.
fn owner_phrase(owner: &str) -> String {
    const CODE: usize = 5;
    let capitals = owner.chars().any(char::is_uppercase) && !owner.chars().any(|c| c.is_alphabetic() && !c.is_uppercase());
    let code = owner.len() >= CODE && capitals || owner.contains('_') && owner.starts_with(char::is_uppercase);
    match owner {
        _ if code => format!("“{owner}”"),
        _ if is_done(owner) || owner == "original" => format!("the {} value", phrase(owner)),
        _ => format!("the {}", phrase(owner)),
    }
}

/// Whether a tool looks for several things, so that one is the only one that was found.
fn searches(tool: &str) -> bool {
    names::split(tool).iter().any(|word| matches!(word.as_str(), "search" | "list" | "find" | "query"))
}

/// What is counted, and by what, under a name like `by_priority` or `nodes_by_kind`.
fn counted_by(owner: &str) -> Option<(&str, &str)> {
    owner.strip_prefix("by_").map(|by| ("", by)).or_else(|| owner.split_once("_by_"))
}

/// Whether a name says what a thing is like, and not what it is.
fn is_adjective(name: &str) -> bool {
    name.len() > 5 && !name.contains('_') && ["ary", "ive", "ical"].iter().any(|end| name.ends_with(end))
}

/// Whether a name of one word says what was done to a thing.
fn is_done(name: &str) -> bool {
    name == "overall" || name.len() > 5 && name.ends_with("ed") && name.chars().all(|c| c.is_ascii_lowercase())
}

/// The word that comes after another in the name of a tool.
fn noun_after(name: &str, tool: &str) -> Option<String> {
    let words = names::split(tool);
    let at = words.iter().position(|word| word == name)?;
    let joint = |word: &String| matches!(word.as_str(), "to" | "by" | "from" | "of" | "in" | "for" | "with" | "calculator" | "tool");
    words.get(at + 1).filter(|word| !joint(word)).cloned()
}

/// Whether what a list is called is no plural, as far as it is English.
fn is_one(list: &str) -> bool {
    !list.is_ascii() || !names::split(list).iter().any(|word| word.ends_with('s') && !word.ends_with("ss"))
}

/// Whether a value is a time: a text with an hour or a year in it, or seconds or more since 1970.
fn is_time(value: &Value) -> bool {
    let year = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|part| part.len() == 4);
    let date = |text: &str| year(text) || text.contains(':');
    value.as_str().is_some_and(date) || value.as_f64().is_some_and(|n| n >= 1e9)
}

/// Whether a value is an address of electronic mail.
pub fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains('@'))
}

/// Whether a member only holds the result together.
pub fn is_container(name: &str) -> bool {
    CONTAINERS.contains(&name)
}

/// `first`, `second`, … `11th`.
pub fn ordinal(index: usize) -> String {
    const NAMES: [&str; 10] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    NAMES.get(index).map_or_else(|| format!("{}th", index + 1), |n| (*n).to_owned())
}

/// `a`, `a and b`, `a, b and c`.
pub fn join_and(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
