//! Values that are right, and of which nobody could tell from the question which one is meant, or which the tool's own description has.

use serde_json::Value;

use crate::json::Leaf;
use crate::names;
use crate::task::source::Call;
use crate::task::wording::is_container;

/// Whether the answer could as well be another: a count beside another total, one of many that a check could have found, or what a
/// description says a constant is.
pub fn is_unclear(call: &Call, leaf: &Leaf) -> bool {
    is_one_of_counts(call.result(), leaf)
        || has_twin(call, leaf)
        || is_nameless(leaf)
        || leaf.pointer.is_empty() && is_found(&call.tool, &leaf.value)
        || call.arguments.is_empty() && leaf.value.is_number() && names_decimal(&call.about.description)
}

/// Whether a scalar stands in a list without a name of its own within another such list; the cells of a row have names elsewhere.
fn is_nameless(leaf: &Leaf) -> bool {
    let steps: Vec<&str> = leaf.pattern.split('/').skip(1).collect();
    let lists = steps.iter().enumerate().filter(|(at, step)| **step == "*" && (*at == 0 || is_container(steps[at - 1])));
    lists.count() > 1
}

/// Whether another scalar is called the same, and only what holds the result together tells them apart: the time a payload was issued, and
/// the same as a date.
fn has_twin(call: &Call, leaf: &Leaf) -> bool {
    let owner = |leaf: &Leaf| leaf.pattern.rsplit('/').nth(1).unwrap_or_default().to_owned();
    let inner = |leaf: &Leaf| leaf.pattern.matches('/').count() == 2 && !leaf.pattern.contains('*');
    inner(leaf)
        && is_container(&owner(leaf))
        && call
            .leaves()
            .iter()
            .any(|other| inner(other) && other.key() == leaf.key() && other.pattern != leaf.pattern && other.value != leaf.value)
}

/// Whether a description has a decimal number in it: the plastic number ρ ≈ 1.32472. What else a tool without arguments gives is it, or
/// wrong.
fn names_decimal(description: &str) -> bool {
    const DECIMALS: usize = 3;
    description.split(|c: char| !c.is_ascii_digit() && c != '.').any(|word| {
        word.trim_end_matches('.').split_once('.').is_some_and(|(whole, decimals)| {
            !whole.is_empty() && decimals.len() >= DECIMALS && decimals.chars().all(|c| c.is_ascii_digit())
        })
    })
}

/// Whether a scalar is a bare `count` of nothing that stands beside it, and there is another total that it could be.
fn is_one_of_counts(result: &Value, leaf: &Leaf) -> bool {
    let Some((parent, "count")) = leaf.pointer.rsplit_once('/') else { return false };
    let Some(members) = result.pointer(parent).and_then(Value::as_object) else { return false };
    let counted = |value: &Value| value.as_array().is_some_and(|items| leaf.value.as_u64() == Some(items.len() as u64));
    let total = |name: &str| names::split(name).iter().any(|word| matches!(word.as_str(), "total" | "count"));
    let other = members.iter().any(|(name, value)| name != "count" && value.is_number() && total(name));
    other && !members.values().any(counted)
}

/// Whether what a check gave is an example that proves it: one of several pairs of primes that a number is the sum of.
fn is_found(tool: &str, value: &Value) -> bool {
    let checks = names::split(tool).iter().any(|word| matches!(word.as_str(), "check" | "verify"));
    let tuple = |text: &str| {
        let inner = text.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        inner.is_some_and(|inner| inner.contains(',') && inner.split(',').all(|part| part.trim().parse::<f64>().is_ok()))
    };
    checks && value.as_str().is_some_and(tuple)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_count_beside_another_total_could_be_either() {
        let leaf = |value: u64| Leaf { pointer: "/count".into(), pattern: "/count".into(), value: value.into() };
        assert!(is_one_of_counts(&json!({"count": 10, "feriados": [], "total_dias": 14}), &leaf(10)));
        assert!(!is_one_of_counts(&json!({"count": 2, "found": [1, 2], "total_pages": 1}), &leaf(2)));
        assert!(!is_one_of_counts(&json!({"count": 10, "page": 1}), &leaf(10)));
    }

    #[test]
    fn a_constant_stands_in_its_description() {
        assert!(names_decimal("Get the plastic number ρ ≈ 1.32472. Real root of x³ = x + 1"));
        assert!(!names_decimal("Reads version 1.25 of RFC 3339, or 10.0.0.1.") && !names_decimal("Counts all rows."));
    }

    #[test]
    fn what_a_check_found_is_one_of_many() {
        assert!(is_found("goldbach_conjecture_check", &json!("(23, 197)")) && !is_found("bezout_coefficients", &json!("(23, 197)")));
        assert!(!is_found("isbn_check", &json!("valid")));
    }
}
