//! Which values of a result are worth asking for.

use crate::fields::{behind_data_key, is_aside, is_unknown};
use crate::json::{Leaf, places_in};
use crate::names;
use crate::task::ask::Known;
use crate::task::formula::{is_formula, says_again};
use crate::task::lines;
use crate::task::sentence::{is_report, says_number};
use crate::task::source::Call;
use crate::task::unclear::is_unclear;
use crate::task::untold::is_untold;
use crate::task::wording::is_address;
use serde_json::Value;

/// Values that say nothing.
const DULL: [&str; 18] = [
    "0",
    "1",
    "none",
    "null",
    "-",
    "success",
    "ok",
    "error",
    "failed",
    "not_found",
    "empty",
    "done",
    "healthy",
    "operational",
    "active",
    "notimplemented",
    "nan",
    "fresh",
];
/// Words in names of fields that serve programs.
const INNER: [&str; 25] = [
    "index",
    "idx",
    "hash",
    "checksum",
    "etag",
    "idempotency",
    "cursor",
    "uuid",
    "sha",
    "guid",
    "hostname",
    "uptime",
    "pid",
    "elapsed",
    "latency",
    "took",
    "cache",
    "uri",
    "permissions",
    "version",
    "engine",
    "backend",
    "mode",
    "mime",
    "operation",
];
/// Folder of a server's own files.
const HOME: &str = "/firefly/home";
/// Longest text that is asked for, in characters.
pub const LONGEST: usize = 80;
/// Words of a text that is still a value, and no prose.
const WORDS: usize = 8;
/// And of one that is all of a result.
const BARE_WORDS: usize = 4;

/// The scalars of `call` that can be a label: steady, short, not given in the question, and not to be had from an earlier call.
pub fn worthy(call: &Call, known: &Known<'_>) -> Vec<Leaf> {
    let news = |leaf: &&Leaf| {
        let text = leaf.text();
        // "5 mi = 8 km" says the question again.
        let equated = || text.split_once(" = ").is_some_and(|(left, _)| known.restates(left));
        let restated = || known.has_parts(&text) || known.restates(&text) || equated();
        !known.has(&text) && !(leaf.value.is_string() && (restated() || known.says_all_of(&text, || call.name_words())))
    };
    call.seen.telling.get_or_init(|| telling(call)).iter().filter(news).cloned().collect()
}

/// The scalars of `call` that can be a label, whatever was given: many sets of calls ask one.
fn telling(call: &Call) -> Vec<Leaf> {
    let plain = |leaf: &&Leaf| {
        let text = leaf.text();
        let indices = leaf.pointer.split('/').filter_map(|s| s.parse::<usize>().ok()).collect::<Vec<_>>();
        let short =
            !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.contains(|c: char| c.is_control() || c == '\u{FFFD}');
        // What a program calls a thing of its own, nobody does.
        let inner = text.starts_with("<class '") || text.starts_with("<function ") || text.contains(" object at 0x");
        // A text cut off by the server is no answer anybody would give.
        let cut = text.ends_with("...") || text.ends_with('…');
        // Nodes of a tree have no names of their own.
        let of_tree = leaf.pointer.contains("/children/");
        short
            && !is_dull(&text)
            && !cut
            && !inner
            && !is_little(leaf)
            && !of_tree
            && (!leaf.value.is_string() || is_bare(call, leaf, &text))
            && indices.len() <= 2
            && indices.iter().all(|i| *i < 5)
            && leaf.pointer.matches('/').count() <= 6
            && places_in(call.result(), &leaf.pointer) <= 1
    };
    call.leaves()
        .iter()
        .filter(plain)
        .filter(|leaf| !is_of_protocol(call, leaf))
        .filter(|leaf| !is_inner(leaf.key(), &call.tool) && is_own(call, leaf) && !is_entry(call, leaf) && !is_of_schema(call, leaf))
        // How large a file came out that was just written, nobody asks.
        .filter(|leaf| call.about.reads && !makes(call) || !names::split(leaf.key()).iter().any(|w| w == "size" || w == "bytes"))
        .filter(|leaf| !is_untold(call, leaf))
        .filter(|leaf| !is_aside(&leaf.pattern) && !behind_data_key(call.result(), &leaf.pointer))
        // Of a sentence, the number is asked for.
        .filter(|leaf| !says_number(leaf))
        .cloned()
        .collect()
}

/// Whether a scalar is the result's own, steady and clear: no parameter again or in another unit, none that changes, none that could as
/// well be another.
pub fn is_own(call: &Call, leaf: &Leaf) -> bool {
    let worthless = &call.about.worthless;
    !call.echoes(leaf)
        && !call.rescales(leaf)
        && !counts_given(call, leaf)
        && !is_unclear(call, leaf)
        && !worthless.contains(&leaf.pattern)
        && !worthless.contains(&leaf.pointer)
}

/// Whether a scalar is how many things were given: the changed file count of two changed files.
fn counts_given(call: &Call, leaf: &Leaf) -> bool {
    let own = names::words(leaf.key());
    let counts = || own.iter().any(|word| matches!(word.as_str(), "count" | "number" | "total" | "num"));
    let many = |value: &Value| value.as_array().is_some_and(|items| leaf.value.as_u64() == Some(items.len() as u64));
    let called = |name: &str| names::words(name).iter().all(|word| own.contains(word));
    leaf.value.is_number() && counts() && call.arguments.iter().any(|(name, value)| many(value) && called(name))
}

/// Whether a text is a value, and no prose, no sum and no formula that says again what was given.
fn is_bare(call: &Call, leaf: &Leaf, text: &str) -> bool {
    let formula = is_formula(text);
    // What stands behind a label is asked for, not both. A bare text is prose unless it is as short as a value.
    let outermost = leaf.pointer.is_empty();
    let prose = text.split_whitespace().count() > if outermost { BARE_WORDS } else { WORDS };
    let labelled = lines::is_prose(&leaf.pattern) && (text.contains("**") || text.starts_with('[') || outermost && text.contains(": "));
    // A sum that says how it was done gives away what it comes to, and is no answer itself.
    let sum = || text.split_once(" = ").is_some_and(|(left, right)| [left, right].iter().all(|t| t.contains(|c: char| c.is_ascii_digit())));
    text.trim() == text
        && (formula || !prose && !sum())
        && !((formula || text.contains(['(', '*', '/', '^'])) && says_again(call, text))
        && !labelled
        && !is_report(text)
        // What lies in a server's own home is nobody else's.
        && !text.contains(HOME)
}

/// Whether a tool says that it makes a file or the like.
fn makes(call: &Call) -> bool {
    const MAKING: [&str; 6] = ["generate", "create", "render", "export", "write", "convert"];
    let first = call.about.description.split_whitespace().next().map(str::to_lowercase);
    first.is_some_and(|first| MAKING.contains(&first.trim_end_matches('s')))
}

/// Whether a value says nothing, or only that all went well.
pub fn is_dull(text: &str) -> bool {
    let lower = text.to_lowercase();
    DULL.contains(&lower.as_str()) || is_unknown(&lower) || lower.contains("success") || lower.starts_with("(no ")
}

/// Whether a scalar is part of a JSON Schema, which says something of other values.
fn is_of_schema(call: &Call, leaf: &Leaf) -> bool {
    let mut at = call.result();
    leaf.pointer.split('/').skip(1).any(|step| {
        let schema = at.get("$schema").is_some() || at.get("type").is_some_and(|kind| kind == "object");
        let within = schema && matches!(step, "properties" | "definitions" | "$defs" | "required" | "title" | "$id");
        at = step.parse::<usize>().ok().and_then(|i| at.get(i)).or_else(|| at.get(step)).unwrap_or(&Value::Null);
        within
    })
}

/// Members of one kind in an object that is rather a list.
const MANY: usize = 12;

/// Whether a scalar stands among so many texts that their names are rather data: the id of a product by its name.
fn is_entry(call: &Call, leaf: &Leaf) -> bool {
    let parent = leaf.pointer.rsplit_once('/').and_then(|(parent, _)| call.result().pointer(parent)).and_then(Value::as_object);
    let named = |name: &String| name.contains(' ') || name.starts_with(char::is_uppercase);
    parent.is_some_and(|members| {
        members.len() >= MANY
            && members.values().all(Value::is_string)
            && 2 * members.keys().filter(|name| named(name)).count() > members.len()
    })
}

/// Whether a scalar belongs to how results are passed on and not to what they say: behind a name that begins with an underscore, or the
/// type, the text or the media type of a content block.
fn is_of_protocol(call: &Call, leaf: &Leaf) -> bool {
    const BLOCKS: [&str; 5] = ["text", "image", "audio", "resource", "resource_link"];
    let is_block = |block: &Value| {
        block["type"].as_str().is_some_and(|kind| BLOCKS.contains(&kind))
            && ["text", "data", "resource", "uri"].iter().any(|name| block.get(name).is_some())
    };
    let parent = leaf.pointer.rsplit_once('/').and_then(|(parent, _)| call.result().pointer(parent));
    // A message of a conversation says what the result says anyway.
    let message = parent.is_some_and(|parent| parent.get("role").is_some_and(|role| role == "tool"));
    let block = parent.filter(|block| is_block(block));
    // What names the tool tells of the call.
    let inner = parent.filter(|_| leaf.pointer.matches('/').count() > 1);
    let of_call = inner.and_then(Value::as_object).is_some_and(|members| members.values().any(|v| v.as_str() == Some(call.tool.as_str())));
    // Of several blocks, those of text are their texts.
    let between = leaf.pattern == "/*" && call.result().as_array().is_some_and(|blocks| blocks.iter().any(is_block));
    // Where a server has it from.
    let behind = leaf.pattern.rsplit_once('/').is_some_and(|(parents, _)| parents.split('/').any(|step| step == "source"));
    behind
        || message
        || leaf.pattern.split('/').any(|step| step.starts_with('_'))
        || between
        || of_call
        || block.is_some() && matches!(leaf.key(), "type" | "text" | "mimeType" | "data")
}

/// Whether a field is called by a little word, of which nobody can be asked: the to of an edge. Of a message, it is whom it is to.
fn is_little(leaf: &Leaf) -> bool {
    // Nor can they by a name that stops short: the tool variant of.
    let short = names::split(leaf.key()).last().is_some_and(|word| word == "of");
    short || is_little_word(leaf.key()) && !is_address(&leaf.value)
}

/// Whether a name is a word that stands between others.
pub fn is_little_word(name: &str) -> bool {
    matches!(name, "to" | "from" | "of" | "by" | "in" | "on" | "at" | "for" | "with" | "when" | "where")
}

/// Whether a field has no name that a person would ask by: a single letter, or a word for programs where the tool is about something
/// else. Who has a hash made wants the hash.
pub fn is_inner(name: &str, tool: &str) -> bool {
    let about = names::split(tool);
    let own = names::split(name);
    // Where a library has what it says from.
    let origin = own.contains(&"source".to_owned()) && own.contains(&"file".to_owned());
    origin || name.chars().count() == 1 || own.iter().any(|w| INNER.contains(&w.as_str()) && !about.contains(w))
}

/// Whether a value says no more than true or false, as JSON or in a word.
pub fn is_yes_or_no(value: &Value) -> bool {
    let word = |text: &str| matches!(text.trim().to_lowercase().as_str(), "true" | "false" | "yes" | "no");
    value.is_boolean() || value.as_str().is_some_and(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_told_from_other_words() {
        assert!(["True", "no", " yes "].iter().all(|text| is_yes_or_no(&Value::from(*text))) && is_yes_or_no(&Value::Bool(true)));
        assert!(!is_yes_or_no(&Value::from("none")) && !is_yes_or_no(&Value::from(1)));
    }
}
