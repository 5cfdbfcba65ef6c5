//! What an error text offers: "must be one of 'a', 'b'", "Supported units: m, km", "did you mean …".

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::explore::candidates::fit;
use crate::explore::repair::suspects::{text_at, word_in};
use crate::explore::repair::{Edit, Failure};

/// Edits that take what is offered: for the arguments meant, one option after the other.
pub fn edits(failure: &Failure<'_>, suspects: &[String]) -> Vec<Edit> {
    let offered = options(failure.error);
    let mut all = Vec::new();
    for option in offered.iter().take(10) {
        for pointer in suspects.iter().take(3) {
            let current = text_at(failure, pointer);
            if current.as_deref() == option.as_str() {
                continue;
            }
            match failure.top.at(pointer) {
                Some(shape) => all.extend(fit(&shape, option).map(|value| Edit::value(pointer.clone(), value))),
                None => all.push(Edit::value(pointer.clone(), option.clone())),
            }
        }
    }
    all
}

/// The options that `error` lists, else the names that it quotes by way of advice.
pub fn options(error: &str) -> Vec<Value> {
    static OFFER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)one of|should be|must be|must match|muss in|supported[\w ]{0,30}|suportad[ao]s?|valid [\w ]{0,20}|available[\w ]{0,30}|allowed[\w ]{0,30}|options|choose from|known [\w ]{0,20}|existing[\w ]{0,20}|did you mean|expected|types|fields are|must be in|must be either")
            .expect("a fixed pattern")
    });
    let mut best: Vec<Value> = Vec::new();
    let mut from = 0;
    // Each offer by itself: one may hide another ("Unknown unit. Available: m, km").
    while let Some(found) = OFFER.find_at(error, from) {
        let listed = list(&error[found.end()..]);
        if listed.len() > best.len() {
            best = listed;
        }
        from = found.start() + error[found.start()..].chars().next().map_or(1, char::len_utf8);
    }
    if best.len() >= 2 {
        return best;
    }
    let lower = error.to_lowercase();
    let advises = ["did you mean", "try", "example", "e.g.", "use", "such as", "like"].iter().any(|told| word_in(&lower, told));
    if advises { quoted(error) } else { Vec::new() }
}

fn quoted(text: &str) -> Vec<Value> {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"["'`]([\w][\w.+/#°%$^* -]{0,40})["'`]"#).expect("a fixed pattern"));
    QUOTED.captures_iter(text).map(|q| Value::from(&q[1])).take(24).collect()
}

/// The items of the list that `text` starts with, if it does.
fn list(text: &str) -> Vec<Value> {
    static ITEM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"^(?:are |is )?["'`]?([^\s"'`,;:(){}\[\]][^"'`,;:(){}\[\]\n]{0,40}?)["'`]?[.?…]*$"#).expect("a fixed pattern")
    });
    let text = text.trim_start_matches([':', ' ']);
    let bracket = text.chars().next().filter(|c| matches!(c, '[' | '(' | '{'));
    let text = text.trim_start_matches(['[', '(', '{']);
    let sentence = || text.find(". ").into_iter().chain(text.find('\n')).min();
    let end = bracket.and_then(|_| text.find([']', ')', '}'])).or_else(sentence).unwrap_or(text.len());
    let mut end = end.min(400);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let held = quoted(&text[..end]);
    if held.len() >= 2 {
        return held;
    }
    let parts = text[..end].split([',', '|', ';']).flat_map(|p| p.split(" or ")).flat_map(|p| p.split(" and "));
    let items: Vec<&str> = parts.map(str::trim).filter(|p| !p.is_empty()).collect();
    let read: Vec<Value> = items.iter().filter_map(|p| ITEM.captures(p).map(|c| Value::from(&c[1]))).collect();
    // Words of a sentence are no options.
    let wordy = items.iter().filter(|i| i.matches(' ').count() > 1).count();
    if read.len() >= 2 && wordy * 3 <= items.len() { read } else { Vec::new() }
}
