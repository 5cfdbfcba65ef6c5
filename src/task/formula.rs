//! Expressions as answers: `x**2 + 30*x - 2079`.

use crate::json::scalar_text;
use crate::task::source::Call;

/// Whether a text is an expression, though it has spaces: `x**2 + 30*x - 2079`, `{-sqrt(21), sqrt(21)}`.
pub fn is_formula(text: &str) -> bool {
    // Longest name of a function or a symbol.
    const NAME: usize = 10;
    let joined = text.contains(['+', '*', '/', '^', '(', '=', '{', '[', '<', '>']);
    let names = || text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| name.chars().any(char::is_alphabetic));
    let apart =
        text.split(' ').zip(text.split(' ').skip(1)).any(|(a, b)| a.ends_with(char::is_alphabetic) && b.starts_with(char::is_alphabetic));
    let numbered = text.chars().any(|c| c.is_ascii_digit()) || names().any(|name| name.chars().count() == 1);
    joined && !apart && numbered && text.is_ascii() && !text.contains([':', '\"', '$', '\\']) && names().all(|name| name.len() <= NAME)
}

/// Whether an expression has nothing in it that was not given, whatever the order: `sin((x - 39)*(x + 129))`.
pub fn says_again(call: &Call, text: &str) -> bool {
    let tokens = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').filter(|part| !part.is_empty());
        // 33.0 is 33.
        parts.map(|part| part.parse::<f64>().map_or_else(|_| part.to_lowercase(), |number| number.to_string())).collect()
    };
    let given: Vec<String> = call.arguments.values().flat_map(|value| tokens(&scalar_text(value))).collect();
    // `Line3D` of points is a line.
    let bare = |word: &str| word.trim_end_matches("2d").trim_end_matches("3d").trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
    let mut names: Vec<String> = call.name_words().iter().map(|word| bare(word)).collect();
    // “Create a diagonal matrix”: `Matrix([[9]])`.
    names.extend(tokens(&call.about.description));
    // What has fewer places than the other is filled up.
    tokens(text).iter().all(|token| {
        token == "0" || given.contains(token) || names.contains(&bare(token)) && !token.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_sentences() {
        for text in
            ["x**2 + 30*x - 2079", "(x - 33.0)*(x + 63.0)", "{-sqrt(21), sqrt(21)}", "Matrix([[1, 2], [3, 4]])", "2*re(x)*im(x) + 3"]
        {
            assert!(is_formula(text), "{text}");
        }
        for text in ["Meet at noon (Oslo)", "Line 3 of 7", "Paragraph 2: added", "The sum is 4 + 5", "Oslo", "see https://example.org/a/1"]
        {
            assert!(!is_formula(text), "{text}");
        }
    }
}
