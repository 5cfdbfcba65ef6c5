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

/// The options that `error` lists, else the names that it quotes.
pub fn options(error: &str) -> Vec<Value> {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:one of|should be|must be|muss in|supported[\w ]*|suportad[ao]s?|valid[\w ]*(?:are)?|available[\w ]*|allowed[\w ]*|options|choose from|known[\w ]*|existing[\w ]*|did you mean|expected|in)\s*:?\s*[\[(]?\s*([^\n\]\[]{3,400})")
            .expect("a fixed pattern")
    });
    static ITEM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"^["'`]?([^\s"'`,;:(){}][^"'`,;:(){}\n]{0,40}?)["'`]?[.?]?$"#).expect("a fixed pattern"));
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"["'`]([\w][\w.+/#°%$^* -]{0,40})["'`]"#).expect("a fixed pattern"));
    for found in LIST.captures_iter(error) {
        let quoted: Vec<Value> = QUOTED.captures_iter(&found[1]).map(|q| Value::from(&q[1])).collect();
        if quoted.len() >= 2 {
            return quoted;
        }
        let parts = found[1].split([',', '|', ';']).flat_map(|p| p.split(" or ")).flat_map(|p| p.split(" and "));
        let items: Vec<Value> = parts.filter_map(|p| ITEM.captures(p.trim()).map(|c| Value::from(&c[1]))).collect();
        // Words of a sentence are no options.
        if items.len() >= 2 && items.iter().filter(|i| i.as_str().is_some_and(|t| t.contains(' '))).count() * 2 <= items.len() {
            return items;
        }
    }
    let lower = error.to_lowercase();
    let offering = ["did you mean", "try ", "example", "e.g.", "use ", "such as", "like "].iter().any(|told| word_in(&lower, told.trim()));
    if !offering {
        return Vec::new();
    }
    QUOTED.captures_iter(error).map(|q| Value::from(&q[1])).collect()
}
