//! Names of tools, fields and parameters as words, and how much two of them mean the same.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words that name no entity of their own: `id` alone does not say whose.
const GENERIC: [&str; 26] = [
    "id",
    "name",
    "code",
    "value",
    "number",
    "key",
    "title",
    "type",
    "status",
    "date",
    "time",
    "text",
    "result",
    "data",
    "item",
    "list",
    "info",
    "detail",
    "path",
    "url",
    "count",
    "index",
    "description",
    "content",
    "entry",
    "total",
];

/// Words for what something has, not what it is: an order's status is no order.
const ATTRIBUTES: [&str; 14] =
    ["type", "status", "date", "time", "count", "value", "description", "content", "total", "detail", "text", "list", "index", "result"];

/// Words for the same thing; the first of each group stands for all.
const SYNONYMS: [&[&str]; 19] = [
    &["id", "uuid", "identifier", "guid", "ref"],
    &["number", "num", "no", "nr"],
    &["latitude", "lat"],
    &["longitude", "lon", "lng", "long"],
    &["quantity", "qty"],
    &["description", "desc"],
    &["address", "addr"],
    &["timezone", "tz"],
    &["message", "msg"],
    &["folder", "dir", "directory"],
    &["path", "filepath", "filename"],
    &["url", "uri", "link", "href"],
    &["symbol", "ticker"],
    &["document", "doc"],
    &["reference", "reference"],
    &["temperature", "temp"],
    &["origin", "departure", "from"],
    &["destination", "arrival", "to"],
    &["customer", "client"],
];

/// Each synonym with the first of its group: every word of every tool is looked up.
static SYNONYM: LazyLock<HashMap<&str, &str>> =
    LazyLock::new(|| SYNONYMS.iter().flat_map(|group| group.iter().map(|word| (*word, group[0]))).collect());

/// Verbs and fillers that tool names begin with; the rest of the name is the entity.
const VERBS: [&str; 40] = [
    "get",
    "list",
    "search",
    "find",
    "read",
    "create",
    "update",
    "delete",
    "add",
    "set",
    "remove",
    "fetch",
    "show",
    "describe",
    "check",
    "calculate",
    "compute",
    "convert",
    "validate",
    "analyze",
    "estimate",
    "lookup",
    "look",
    "query",
    "open",
    "write",
    "make",
    "generate",
    "modify",
    "cancel",
    "all",
    "by",
    "for",
    "the",
    "of",
    "and",
    "with",
    "details",
    "detail",
    "info",
];

/// The words of a name: split at punctuation and at camel case, lower-case, plural `s` dropped, synonyms
/// replaced.
pub fn words(name: &str) -> Vec<String> {
    split(name).iter().map(|word| canonical_word(word)).collect()
}

/// The words of a name as they stand, lower-case.
pub fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    let letters: Vec<char> = name.chars().collect();
    // `isAITool`: a word begins behind an abbreviation too; `userIDs` is no such.
    let behind = |at: usize| {
        let upper = |at: usize| letters.get(at).is_some_and(|c| c.is_uppercase());
        let lower = |at: usize| letters.get(at).is_some_and(|c| c.is_lowercase());
        at >= 2 && upper(at - 2) && upper(at - 1) && lower(at + 1) && lower(at + 2)
    };
    for (at, c) in letters.iter().copied().enumerate() {
        let boundary = c.is_uppercase() && (previous.is_lowercase() || previous.is_numeric() || behind(at));
        if !c.is_alphanumeric() {
            words.push(String::new());
        } else {
            if boundary || words.is_empty() {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        previous = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

fn canonical_word(word: &str) -> String {
    let singular = match word {
        w if w.ends_with("ies") && w.len() > 4 => format!("{}y", &w[..w.len() - 3]),
        w if w.ends_with("sses") || w.ends_with("xes") || w.ends_with("ches") => w[..w.len() - 2].to_owned(),
        w if w.ends_with('s') && w.len() > 3 && !w.ends_with("ss") && !w.ends_with("us") && !w.ends_with("is") => {
            w[..w.len() - 1].to_owned()
        }
        w => w.to_owned(),
    };
    SYNONYM.get(singular.as_str()).map_or(singular, |first| (*first).to_owned())
}

/// Whether a word names no entity of its own.
pub fn is_generic(word: &str) -> bool {
    GENERIC.contains(&word) || word.len() <= 1
}

/// The entity a tool is about: the words of its name without verbs.
pub fn entity(tool: &str) -> Vec<String> {
    words(tool).into_iter().filter(|w| !VERBS.contains(&w.as_str())).collect()
}

/// What a result field is called, with the entity it belongs to where its own name does not say:
/// `/orders/*/id` is `order id`, `/id` of `get_user_details` is `user id`.
pub fn field_words(pattern: &str, tool: &str) -> Vec<String> {
    let steps: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty() && *s != "*").collect();
    let Some((key, parents)) = steps.split_last() else { return entity(tool) };
    with_owner(words(key), parents.iter().rev().map(|p| words(p)).chain(std::iter::once(entity(tool))))
}

/// What a parameter is called, with the entity of its tool where its own name does not say.
pub fn param_words(param: &str, tool: &str) -> Vec<String> {
    with_owner(words(param), std::iter::once(entity(tool)))
}

fn with_owner(own: Vec<String>, owners: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    if own.iter().any(|w| !is_generic(w)) {
        return own;
    }
    for owner in owners {
        let named: Vec<_> = owner.into_iter().filter(|w| !is_generic(w)).collect();
        if !named.is_empty() {
            return named.into_iter().chain(own).collect();
        }
    }
    own
}

/// What kind of word a word is, as far as likeness goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kind {
    /// It names no entity of its own.
    pub generic: bool,
    /// It is what something has, not what it is.
    pub attribute: bool,
    /// It says that the whole is an id.
    pub id: bool,
}

/// The kind of `word`, which is one of [`words`].
pub fn kind(word: &str) -> Kind {
    Kind { generic: is_generic(word), attribute: ATTRIBUTES.contains(&word), id: word == "id" }
}

/// How much two names mean the same, 0 to 1.
pub fn similarity(a: &[String], b: &[String]) -> f64 {
    let kinds = |words: &[String]| words.iter().map(|w| kind(w)).collect::<Vec<_>>();
    alike((a, &kinds(a)), (b, &kinds(b)))
}

/// How much two names mean the same, 0 to 1: the share of their words in common, where generic words
/// count little, and nothing where one ends in an id and the other does not. Each name comes as its words and
/// their kinds.
pub fn alike<W: PartialEq>((a, a_kinds): (&[W], &[Kind]), (b, b_kinds): (&[W], &[Kind])) -> f64 {
    let (Some(a_last), Some(b_last)) = (a_kinds.last(), b_kinds.last()) else { return 0.0 };
    if a_last.id != b_last.id && !(a.len() == 1 || b.len() == 1) {
        return 0.0;
    }
    let weight = |kind: &Kind| if kind.generic { 0.4 } else { 1.0 };
    let (mut common, mut named_in_common) = (0.0, false);
    for (word, kind) in a.iter().zip(a_kinds) {
        if b.contains(word) {
            common += weight(kind);
            named_in_common |= !kind.generic;
        }
    }
    let all = a_kinds.iter().map(weight).sum::<f64>() + b_kinds.iter().map(weight).sum::<f64>();
    let other = |own: &[W], last: &Kind, than: &[W]| last.attribute && own.last().is_some_and(|w| !than.contains(w));
    let kinship = if other(a, a_last, b) || other(b, b_last, a) { 0.5 } else { 1.0 };
    let dice = kinship * 2.0 * common / all;
    if named_in_common || a == b { dice } else { dice * 0.4 }
}
