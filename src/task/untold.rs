//! Values that programs tell each other, and people don't: numbers of rows, noise of reckoning, tuples as a language prints them.

use serde_json::Value;

use crate::json::{Leaf, holds, scalar_text, unescape};
use crate::names;
use crate::task::absurd::is_worn;
use crate::task::source::Call;
use crate::task::units::unit_of;
use crate::text::first_line;

/// Largest whole number up to which a double holds each.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether nobody would tell a scalar of a call's result to anybody.
pub fn is_untold(call: &Call, leaf: &Leaf) -> bool {
    let bare = match &leaf.value {
        Value::Number(_) => is_untold_number(call, leaf),
        Value::String(text) => is_printed(text) || is_framed(call, text),
        _ => false,
    };
    bare || is_of_given(call, leaf)
        || is_of_folder(call, leaf)
        || leaf.pattern.matches('/').count() == 1 && leaf.pattern.ends_with('*') && is_flattened(call)
}

/// Words in names of how many there are.
const COUNTS: [&str; 5] = ["count", "total", "number", "found", "size"];

/// Whether a number stands for a row or a place in a program, is more than can be told exactly, or is the noise of reckoning.
fn is_untold_number(call: &Call, leaf: &Leaf) -> bool {
    const LARGEST: f64 = 1e40;
    const LEAST: f64 = 1e-12;
    const ERROR: f64 = 1e-9;
    let Some(number) = leaf.value.as_f64() else { return false };
    let words = names::split(leaf.key());
    let measured = unit_of(leaf.key()).is_some() || call.about.unit_of(leaf.key()).is_some();
    let whole = number.fract() == 0.0;
    let row = whole && words.last().is_some_and(|last| matches!(last.as_str(), "id" | "position" | "rowid"));
    let lossy = number.abs() > EXACT && whole && !measured;
    let slip = words.iter().any(|word| matches!(word.as_str(), "error" | "residual" | "deviation" | "difference"));
    let noise = number != 0.0 && !measured && number.abs() < if slip { ERROR } else { LEAST };
    // As many as are listed where nobody says how many.
    let page = whole && call.page().is_some_and(|page| number == page as f64) && words.iter().any(|word| COUNTS.contains(&word.as_str()));
    // What is reached to so and so many percent, nobody can say by its name.
    let reached = words.windows(2).any(|pair| pair[0].parse::<f64>().is_ok() && pair[1] == "percent");
    row || lossy || noise || page || reached || is_worn(&leaf.value) || number.abs() > LARGEST
}

/// Whether a text is a tuple or a set as a language prints it, or a line with its bullet: `(61, 140)`, `{kW, hour}`, `* master`.
fn is_printed(text: &str) -> bool {
    let inner =
        |open: char, close: char| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).filter(|inner| inner.contains(", "));
    let parts = |inner: &str, like: fn(&str) -> bool| inner.split(", ").all(|part| like(part.trim()));
    let tuple = |inner: &str| parts(inner, |part| part.parse::<f64>().is_ok() || part == "True" || part == "False");
    // In what order a set has names, chance decides.
    let set = |inner: &str| parts(inner, |part| part.chars().all(|c| c.is_alphanumeric() || c == '_') && part.parse::<f64>().is_err());
    inner('(', ')').is_some_and(tuple) || inner('{', '}').is_some_and(set) || text.starts_with("* ") || text.starts_with("- ")
}

/// Whether a text is one that was given, with a word before or after it: `hex #16650A`.
fn is_framed(call: &Call, text: &str) -> bool {
    const FRAME: usize = 5;
    let lower = text.to_lowercase();
    let frames = |given: &str| {
        given.chars().count() > FRAME && lower.contains(given) && {
            let rest = lower.replacen(given, "", 1);
            rest.chars().filter(|c| c.is_alphanumeric()).count() <= FRAME && !rest.contains(|c: char| c.is_ascii_digit())
        }
    };
    call.arguments.values().filter_map(Value::as_str).any(|given| frames(&given.to_lowercase()))
}

/// Whether a name on the way to a scalar is rather a value with digits in it that was given: the load of agent `worker_2`.
fn is_of_given(call: &Call, leaf: &Leaf) -> bool {
    let given = |name: &str| call.arguments.values().any(|value| holds(value, &|inside| scalar_text(inside) == name));
    leaf.pointer
        .split('/')
        .skip(1)
        .map(unescape)
        .any(|name| name.chars().any(|c| c.is_ascii_digit()) && name.chars().any(char::is_alphabetic) && given(&name))
}

/// Whether a scalar is how large a folder is where a tree is asked for: that of its own entry, not of what is in it.
fn is_of_folder(call: &Call, leaf: &Leaf) -> bool {
    let sizes = names::split(leaf.key()).iter().any(|word| word == "size" || word == "bytes");
    sizes
        && names::split(&call.tool).iter().any(|word| matches!(word.as_str(), "tree" | "directory" | "folder"))
        && leaf.pattern.matches('/').count() <= 2
        && !leaf.pattern.contains('*')
}

/// Whether a bare list of numbers is rather one of pairs, rows or fractions, of which the server's way to write them left no trace.
pub fn is_flattened(call: &Call) -> bool {
    const OF: [&str; 15] = [
        "farey",
        "pair",
        "pairs",
        "triple",
        "triples",
        "triplets",
        "tuple",
        "tuples",
        "vectors",
        "fractions",
        "partitions",
        "solutions",
        "points",
        "convergents",
        "coordinates",
    ];
    let numbers = call.result().as_array().is_some_and(|items| items.len() > 1 && items.iter().all(Value::is_number));
    let said = |text: &str| names::split(text).iter().any(|word| OF.contains(&word.as_str()));
    numbers && (said(first_line(&call.about.description)) || said(&call.tool))
}

/// Whether what a tool gives are the digits of a number in another base, with which nobody reckons.
pub fn writes_numerals(tool: &str) -> bool {
    const BASES: [&str; 6] = ["binary", "octal", "hexadecimal", "hex", "roman", "base"];
    names::split(tool).iter().any(|word| BASES.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_language_prints_is_not_told() {
        for text in ["(61, 140)", "(5.0, 5.299999999999995)", "{kW, hour}", "* master", "- one"] {
            assert!(is_printed(text), "{text}");
        }
        for text in ["{-sqrt(21), sqrt(21)}", "(Oslo, Norway)", "Point2D(1, 2)", "(x - 3)*(x + 6)", "*", "-4"] {
            assert!(!is_printed(text), "{text}");
        }
    }
}
