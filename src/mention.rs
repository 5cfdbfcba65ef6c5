//! Whether a value stands in a text: for "is it given in the question" and "is the answer leaked by it".

/// Whether `value` stands in `text` as a word of its own, whatever its case; numbers also where they are
/// written with thousands separators or trailing zeros.
pub fn mentions(text: &str, value: &str) -> bool {
    let value = value.trim().to_lowercase();
    if value.is_empty() {
        return true;
    }
    let text = text.to_lowercase();
    if stands_in(&text, &value) {
        return true;
    }
    let Ok(number) = value.parse::<f64>() else { return collapse(&text).contains(&collapse(&value)) && value.len() > 8 };
    let numbers = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e')));
    numbers.filter_map(|n| n.trim_matches([',', '.', 'e', '+']).replace(',', "").parse::<f64>().ok()).any(|n| n == number)
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
