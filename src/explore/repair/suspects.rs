//! Which arguments an error complains about.

use crate::explore::repair::{Failure, pointer_of};
use crate::json::{leaves, scalar_text};
use crate::names::split;

/// Pointers of the arguments meant, likeliest first: those the error names, those whose value it repeats, else all
/// that are free to change.
pub fn of(failure: &Failure<'_>) -> Vec<String> {
    let error = failure.error.to_lowercase();
    let free = |pointer: &String| !failure.fixed.iter().any(|f| f.starts_with(pointer.as_str()));
    let mut found: Vec<String> = Vec::new();
    for leaf in leaves(&serde_json::Value::Object(failure.arguments.clone())) {
        let text = leaf.text();
        let quoted = ["'", "\"", "`"].iter().any(|q| error.contains(&format!("{q}{}{q}", text.to_lowercase())));
        if text.len() > 1 && (quoted || error.contains(&format!(": {}", text.to_lowercase()))) {
            found.push(leaf.pointer);
        }
    }
    let mut names: Vec<&String> = failure.arguments.keys().filter(|name| names(&error, name)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    for pointer in names.into_iter().map(|name| pointer_of(name)) {
        if !found.iter().any(|f| f.starts_with(&pointer)) {
            found.push(pointer);
        }
    }
    found.retain(free);
    if found.is_empty() {
        found = failure.arguments.keys().map(|name| pointer_of(name)).filter(free).collect();
    }
    found.truncate(8);
    found
}

/// Whether `error`, in lower case, names the parameter `name`: as it is, or in words.
pub fn names(error: &str, name: &str) -> bool {
    let spoken = split(name).join(" ");
    [name.to_lowercase(), spoken].iter().any(|called| called.len() > 1 && word_in(error, called))
}

/// Whether `word` stands in `text` by itself.
pub fn word_in(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}

/// The value at `pointer` as text, where it is a scalar.
pub fn text_at(failure: &Failure<'_>, pointer: &str) -> Option<String> {
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').map_or((pointer.strip_prefix('/')?, ""), |(a, b)| (a, b));
    let top = failure.arguments.get(&first.replace("~1", "/").replace("~0", "~"))?;
    let value = if rest.is_empty() { top } else { top.pointer(&format!("/{rest}"))? };
    (!value.is_array() && !value.is_object()).then(|| scalar_text(value))
}
