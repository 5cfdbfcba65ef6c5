//! What a tool's description says of its parameters: lines such as `city: the city, e.g. Oslo` below `Args:`, and
//! values in examples such as `{"city": "Oslo"}` or `find(city="Oslo")`.

use serde_json::Value;

/// What `description` says of the parameter `name`, from its line to the next parameter's or blank line.
pub fn about(description: &str, name: &str) -> Option<String> {
    let mut lines = description.lines().map(str::trim);
    let line = lines.find_map(|line| {
        let bare = line.trim_start_matches(['-', '*', '•', ' ', '`', '"', '\'', ':', '@']);
        let bare = bare.strip_prefix("param ").unwrap_or(bare);
        let rest = bare.strip_prefix(name)?.trim_start_matches(['`', '"', '\'', '*']).trim_start();
        // The type may stand between: `city (str): …`.
        let rest = if rest.starts_with('(') { rest.split_once(')')?.1.trim_start() } else { rest };
        let rest = rest.strip_prefix([':', '-', '–', '—', '='])?;
        Some(rest.trim().to_owned())
    })?;
    let more = lines.take_while(|l| !l.is_empty() && !starts_parameter(l)).take(3);
    Some(more.fold(line, |text, next| format!("{text} {next}")))
}

fn starts_parameter(line: &str) -> bool {
    let bare = line.trim_start_matches(['-', '*', '•', ' ', '`']);
    let name = bare.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    !name.is_empty() && bare[name.len()..].trim_start_matches('`').trim_start().starts_with([':', '('])
        || ["returns", "raises", "example", "note"].iter().any(|word| line.to_lowercase().starts_with(word))
}

/// The values that examples in `text` give to `name`.
pub fn examples(text: &str, name: &str) -> Vec<Value> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<Value> = Vec::new();
    for (at, _) in text.match_indices(name) {
        if text[..at].ends_with(part) || found.len() >= 4 {
            continue;
        }
        let rest = text[at + name.len()..].trim_start_matches(['"', '\'', '`', ' ']);
        let Some(rest) = rest.strip_prefix(['=', ':']) else { continue };
        found.extend(literal(rest.trim_start()).filter(|v| !found.contains(v)));
    }
    found
}

/// The JSON or Python literal that `text` starts with.
pub fn literal(text: &str) -> Option<Value> {
    let first = text.chars().next()?;
    match first {
        '"' | '\'' => {
            let end = text[1..].find([first, '\n'])?;
            let inner = &text[1..=end];
            (text[1 + end..].starts_with(first) && !inner.is_empty()).then(|| Value::from(inner))
        }
        '[' | '{' => {
            let end = balanced(text)?;
            let whole = &text[..end];
            let python = || {
                let swapped = whole.replace('\'', "\"").replace("True", "true").replace("False", "false").replace("None", "null");
                serde_json::from_str(&swapped.replace('(', "[").replace(')', "]")).ok()
            };
            serde_json::from_str(whole).ok().or_else(python).filter(|v: &Value| v != &Value::Array(Vec::new()))
        }
        _ => {
            let word = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))).next()?.trim_end_matches('.');
            match word {
                "true" | "True" => Some(Value::Bool(true)),
                "false" | "False" => Some(Value::Bool(false)),
                _ => serde_json::from_str(word).ok().filter(Value::is_number),
            }
        }
    }
}

/// Where the bracket that `text` starts with is closed.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0usize, None);
    for (at, c) in text.char_indices().take(2000) {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{' | '(') => depth += 1,
            (None, ']' | '}' | ')') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
    }
    None
}
