//! What the fields of an answer are called: in the question, and in the answer.

use std::iter::{once, once_with};

use serde_json::Value;

use crate::derive::{
    AT_LARGEST, AT_SMALLEST, COUNT, COUNT_WHERE, DIFFERENCE, DISTINCT, ENTRY, GREATER, LARGEST, LAST_NUMBER, LINE, MEAN, SHARED, SMALLEST,
    SUM, TOTAL,
};
use crate::json::Leaf;
use crate::task::ask::{Asked, Derived};
use crate::task::columns::called;
use crate::task::sentence::said_of;
use crate::task::source::Call;
use crate::task::units::unit_of;
use crate::task::wording::{entries_of, entry_of, field_phrase, is_container, phrase, said, written};

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
                // The day of the week is no day.
                let own = phrase(ask.leaf.key());
                let short = if own.contains(" of ") && text.starts_with(&own) { own } else { short(&text) };
                // "The halted" is nothing one could ask for.
                let flagged = if checks(ask) { "verdict".to_owned() } else { flag(&short) };
                let text = if ask.leaf.value.is_boolean() { text.replacen(&short, &flagged, 1) } else { text };
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
    let Some(unit) = unit.filter(|unit| !says(unit)) else { return text };
    match (whole, text.split_once(" of ")) {
        (Some(rest), _) => format!("{own} in {unit}{rest}"),
        (None, Some((own, whose))) => format!("{own} in {unit} of {whose}"),
        (None, None) => format!("{text} in {unit}"),
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
            let label = derived.key.as_deref().unwrap_or_default();
            (said(label), label.to_owned())
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
