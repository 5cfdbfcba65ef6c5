//! Which arguments an error complains about.

use serde_json::Value;

use crate::explore::repair::{Failure, pointer_of};
use crate::json::{leaves, scalar_text, unescape};
use crate::names::split;

/// Pointers of the arguments meant, likeliest first: those the error names, those whose value it repeats, else all
/// that are free to change.
pub fn of(failure: &Failure<'_>) -> Vec<String> {
    let error = failure.error.to_lowercase();
    let free = |pointer: &String| !failure.fixed.iter().any(|f| f.starts_with(pointer.as_str()));
    let leaves: Vec<_> = leaves(&Value::Object(failure.arguments.clone())).into_iter().take(60).collect();
    let mut found: Vec<String> = Vec::new();
    for leaf in &leaves {
        let text = leaf.text().to_lowercase();
        let quoted = ["'", "\"", "`"].iter().any(|q| error.contains(&format!("{q}{text}{q}")));
        if text.len() > 1 && (quoted || error.contains(&format!(": {text}"))) {
            found.push(leaf.pointer.clone());
        }
    }
    // Named: scalars however deep they stand, longest names first, then whole lists and objects.
    let deep = leaves.iter().map(|leaf| leaf.pointer.clone());
    let whole = failure.arguments.iter().filter(|(_, v)| v.is_array() || v.is_object()).map(|(name, _)| pointer_of(name));
    let mut named: Vec<(bool, String)> =
        deep.map(|p| (false, p)).chain(whole.map(|p| (true, p))).filter(|(_, p)| names(&error, called(p))).collect();
    named.sort_by_key(|(whole, pointer)| (*whole, std::cmp::Reverse(called(pointer).len())));
    for (_, pointer) in named {
        if !found.contains(&pointer) {
            found.push(pointer);
        }
    }
    found.retain(free);
    if found.is_empty() {
        found = failure.arguments.keys().map(|name| pointer_of(name)).filter(free).collect();
        found.extend(leaves.into_iter().map(|l| l.pointer).filter(|p| p.matches('/').count() > 1).filter(free));
    }
    found.truncate(8);
    found
}

/// What is called so at `pointer`: its last step that is no index.
fn called(pointer: &str) -> &str {
    pointer.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default()
}

/// Whether `error`, in lower case, names the parameter `name`: as it is, or in words.
pub fn names(error: &str, name: &str) -> bool {
    let spoken = split(name).join(" ");
    [name.to_lowercase(), spoken].iter().any(|called| called.len() > 1 && word_in(error, called))
}

/// Whether `word` stands in `text` by itself.
pub fn word_in(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// The value at `pointer` as text, where it is a scalar.
pub fn text_at(failure: &Failure<'_>, pointer: &str) -> Option<String> {
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').map_or((pointer.strip_prefix('/')?, ""), |(a, b)| (a, b));
    let top = failure.arguments.get(&unescape(first))?;
    let value = if rest.is_empty() { top } else { top.pointer(&format!("/{rest}"))? };
    (!value.is_array() && !value.is_object()).then(|| scalar_text(value))
}
