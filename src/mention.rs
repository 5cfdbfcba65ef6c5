//! Whether a value stands in a text: for "is it given in the question" and "is the answer leaked by it".

use std::cell::OnceCell;

/// A text that is asked about several values: what has to be read of it is read once.
pub struct Text {
    lower: String,
    numbers: OnceCell<Vec<f64>>,
    collapsed: OnceCell<String>,
}

impl Text {
    /// The text, ready to be asked.
    pub fn of(text: &str) -> Text {
        Text { lower: text.to_lowercase(), numbers: OnceCell::new(), collapsed: OnceCell::new() }
    }

    fn numbers(&self) -> &[f64] {
        self.numbers.get_or_init(|| numbers(&self.lower).collect())
    }

    /// Whether `value` stands in it as a word of its own, whatever its case; numbers also where they are written with
    /// thousands separators or trailing zeros.
    pub fn mentions(&self, value: &str) -> bool {
        let value = value.trim().to_lowercase();
        if value.is_empty() || stands_in(&self.lower, &value) {
            return true;
        }
        match value.parse::<f64>() {
            Ok(number) => self.numbers().contains(&number),
            Err(_) => value.len() > 8 && self.collapsed.get_or_init(|| collapse(&self.lower)).contains(&collapse(&value)),
        }
    }

    /// Whether it holds what the reward would accept for `value`: the value itself, or a number close enough.
    pub fn gives_away(&self, value: &str) -> bool {
        if self.mentions(value) {
            return true;
        }
        let Ok(number) = value.parse::<f64>() else { return false };
        let value = serde_json::from_str(value).unwrap_or_default();
        // The reward is asked only of what is anywhere near: it takes its time.
        let near = |n: &&f64| (**n - number).abs() <= 0.05 * number.abs().max(1.0);
        self.numbers().iter().filter(near).any(|n| crate::reward::same(&(*n).into(), &value))
    }
}

/// The numbers that stand in a text.
pub fn numbers(text: &str) -> impl Iterator<Item = f64> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e')));
    parts.filter_map(|n| n.trim_matches([',', '.', 'e', '+']).replace(',', "").parse().ok())
}

fn stands_in(text: &str, value: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(value).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let inner = (value.chars().next(), value.chars().next_back());
        let decimal = value.bytes().all(|b| b.is_ascii_digit())
            && after == Some('.')
            && text[at + found.len() + 1..].starts_with(|c: char| c.is_ascii_digit());
        let inside_a_word = (is_word(before) && is_word(inner.0)) || (is_word(after) && is_word(inner.1));
        !inside_a_word && !decimal
    })
}

fn collapse(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
