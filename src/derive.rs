//! Derivations: values that an answer reads from results by more than a pointer. Each is a SQL expression over `value`, the
//! recorded JSON at the pointer, and where it needs them `other` (a second recorded value), `key` and `label` (JSON pointers
//! into each entry of a list; [`ENTRY`] is the entry itself) and `wanted` (a text). The view `derived_field` evaluates them in SQL, which is the proof; the
//! same in Rust serves writing and replay, and a test holds the two together.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

use crate::json::scalar_text;

/// A `key` that stands for the entry itself, where the entries are numbers or texts. An empty pointer is none to DuckDB.
pub const ENTRY: &str = "$";

/// Number of entries of a list.
pub const COUNT: &str = "json_array_length(value)";
/// Last number of a sentence, as in "The sum of 2 and 3 is 5."
pub const LAST_NUMBER: &str = "last_number(value)";
/// What a text says behind a label at the beginning of one of its lines: "Humidity: 40%".
pub const LINE: &str = "line_value(value, key)";
/// Number of entries whose member is a certain text.
pub const COUNT_WHERE: &str = "len(list_filter(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key) = wanted))";
/// Number of different values of a member.
pub const DISTINCT: &str = "len(list_distinct(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key))))";
/// Sum of a member over all entries.
pub const TOTAL: &str = "round(list_sum(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE)), 6)";
/// Mean of a member over all entries, to two decimals.
pub const MEAN: &str = "round(list_avg(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE)), 2)";
/// Largest value of a member.
pub const LARGEST: &str = "list_max(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE))";
/// Smallest value of a member.
pub const SMALLEST: &str = "list_min(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)::DOUBLE))";
/// Another member of the entry in which a member is largest.
pub const AT_LARGEST: &str = "list_max(list_transform(json_extract(value, '$[*]'), lambda e: {'n': json_extract_string(e, key)::DOUBLE, 't': json_extract_string(e, label)})).t";
/// Another member of the entry in which a member is smallest.
pub const AT_SMALLEST: &str = "list_min(list_transform(json_extract(value, '$[*]'), lambda e: {'n': json_extract_string(e, key)::DOUBLE, 't': json_extract_string(e, label)})).t";
/// How much more one number is than another.
pub const DIFFERENCE: &str = "round(value::DOUBLE - other::DOUBLE, 6)";
/// Two numbers together.
pub const SUM: &str = "round(value::DOUBLE + other::DOUBLE, 6)";
/// The greater of two numbers.
pub const GREATER: &str = "greatest(value::DOUBLE, other::DOUBLE)";
/// Number of different values of a member that stand in both of two lists: a join.
pub const SHARED: &str = "len(list_intersect(list_transform(json_extract(value, '$[*]'), lambda e: json_extract_string(e, key)), list_transform(json_extract(other, '$[*]'), lambda e: json_extract_string(e, key))))";

/// All derivations.
pub const ALL: [&str; 15] = [
    COUNT,
    LAST_NUMBER,
    LINE,
    COUNT_WHERE,
    DISTINCT,
    TOTAL,
    MEAN,
    LARGEST,
    SMALLEST,
    AT_LARGEST,
    AT_SMALLEST,
    DIFFERENCE,
    SUM,
    GREATER,
    SHARED,
];

/// What a derivation reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Inputs<'a> {
    /// The recorded value.
    pub value: Option<&'a Value>,
    /// A second one.
    pub other: Option<&'a Value>,
    /// Pointer into each entry, or the label of a line.
    pub key: Option<&'a str>,
    /// Pointer into each entry to what is wanted of it.
    pub label: Option<&'a str>,
    /// Text that a member has to be.
    pub wanted: Option<&'a str>,
}

/// What `expression` makes of its inputs; none where it makes nothing of them, or is none of this module's.
pub fn apply(expression: &str, inputs: &Inputs<'_>) -> Option<Value> {
    let value = inputs.value?;
    match expression {
        COUNT => value.as_array().map(|items| json!(items.len())),
        LAST_NUMBER => value.as_str().and_then(last_number).map(number),
        LINE => line_value(value.as_str()?, inputs.key?).map(|text| json!(text)),
        COUNT_WHERE => {
            let wanted = inputs.wanted?;
            Some(json!(texts(value, inputs.key?)?.iter().filter(|t| t.as_deref() == Some(wanted)).count()))
        }
        DISTINCT => Some(json!(texts(value, inputs.key?)?.into_iter().flatten().collect::<BTreeSet<_>>().len())),
        TOTAL => numbers(value, inputs.key?).map(|all| number(round(all.iter().sum(), 6))),
        MEAN => numbers(value, inputs.key?).map(|all| number(round(all.iter().sum::<f64>() / all.len() as f64, 2))),
        LARGEST => numbers(value, inputs.key?)?.into_iter().reduce(f64::max).map(number),
        SMALLEST => numbers(value, inputs.key?)?.into_iter().reduce(f64::min).map(number),
        AT_LARGEST => outermost(inputs, false),
        AT_SMALLEST => outermost(inputs, true),
        DIFFERENCE => Some(number(round(value.as_f64()? - inputs.other?.as_f64()?, 6))),
        SUM => Some(number(round(value.as_f64()? + inputs.other?.as_f64()?, 6))),
        GREATER => Some(number(value.as_f64()?.max(inputs.other?.as_f64()?))),
        SHARED => {
            let set = |list| -> Option<BTreeSet<String>> { Some(texts(list, inputs.key?)?.into_iter().flatten().collect()) };
            Some(json!(set(value)?.intersection(&set(inputs.other?)?).count()))
        }
        _ => None,
    }
}

/// The last number in a text.
pub fn last_number(text: &str) -> Option<f64> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?").expect("a fixed pattern"));
    NUMBER.find_iter(text).last().and_then(|found| found.as_str().parse().ok())
}

/// The labelled lines of a text, as in "- **Humidity**: 40%", in order: label and what follows it. A line may have several, divided by
/// bars: "Nodes: 9 | Pipes: 13".
pub fn labelled_lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mark = |c: char| c.is_whitespace() || "-*•#>|`_·✓✅".contains(c);
    let parts = |line: &'_ str| line.contains(" | ") && line.split(" | ").all(|part| part.contains(": "));
    // What no text has divides nothing.
    text.lines().flat_map(move |line| line.split(if parts(line) { " | " } else { "\0" })).filter_map(move |line| {
        let (label, value) = line.split_once(": ").or_else(|| line.split_once(":\t")).or_else(|| line.split_once(":** "))?;
        let (label, value) = (label.trim_matches(mark), value.trim_matches(|c: char| c.is_whitespace() || c == '*' || c == '`'));
        (!label.is_empty() && !value.is_empty()).then_some((label, value))
    })
}

/// What stands behind `label` in the only line of `text` that begins with it.
pub fn line_value<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    let mut found = labelled_lines(text).filter(|(l, _)| *l == label).map(|(_, value)| value);
    let value = found.next()?;
    found.next().is_none().then_some(value)
}

/// What `key` points to in an entry.
fn member<'a>(item: &'a Value, key: &str) -> Option<&'a Value> {
    if key == ENTRY { Some(item) } else { item.pointer(key) }
}

/// The member at `key` of each entry, as text.
fn texts(list: &Value, key: &str) -> Option<Vec<Option<String>>> {
    let text = |item: &Value| member(item, key).filter(|v| !v.is_null()).map(scalar_text);
    list.as_array().map(|items| items.iter().map(text).collect())
}

/// The member at `key` of each entry; none where one is no number.
fn numbers(list: &Value, key: &str) -> Option<Vec<f64>> {
    let items = list.as_array().filter(|items| !items.is_empty())?;
    items.iter().map(|item| member(item, key)?.as_f64()).collect()
}

fn outermost(inputs: &Inputs<'_>, smallest: bool) -> Option<Value> {
    let (list, label) = (inputs.value?, inputs.label?);
    let all = numbers(list, inputs.key?)?;
    let best = all.iter().copied().reduce(if smallest { f64::min } else { f64::max })?;
    let mut at = list.as_array()?.iter().zip(&all).filter(|(_, n)| **n == best).map(|(item, _)| item);
    let entry = at.next()?;
    // Where two share the place, nobody can say which is meant.
    at.next().is_none().then(|| entry.pointer(label).filter(|v| v.is_string()).cloned()).flatten()
}

/// As DuckDB rounds.
fn round(value: f64, digits: i32) -> f64 {
    let by = 10f64.powi(digits);
    let rounded = (value * by).round() / by;
    if rounded.is_finite() { rounded } else { value }
}

/// A float as a JSON number, whole where it is.
fn number(value: f64) -> Value {
    serde_json::from_str(&crate::json::canonical(&json!(value))).unwrap_or(Value::Null)
}
