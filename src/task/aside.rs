//! What a description says in brackets: asides go, formulas stay whole.

/// `text` without its asides: `Calculate T_n = n(n+1)/2. (Domain: arithmetic)` keeps its formula and loses its domain.
///
/// What follows a name, or stands between the signs of a formula, belongs to it. A bracket that is never closed stays.
pub fn without_asides(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('(') {
        let Some(end) = closing(&rest[open..]) else { break };
        let (before, group, after) = (&rest[..open], &rest[open..open + end], &rest[open + end..]);
        kept.push_str(before);
        if !is_ending(group) && belongs(&kept, after) {
            kept.push_str(group);
        } else {
            kept.truncate(kept.trim_end().len());
        }
        rest = after;
    }
    kept + rest
}

/// Where the group that `text` begins with ends; none where it is never closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, char) in text.char_indices() {
        match char {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a group is an ending that may be left out: `file(s)`.
fn is_ending(group: &str) -> bool {
    matches!(group, "(s)" | "(es)" | "(ies)" | "()")
}

/// Whether what stands before or after a group makes it part of a formula or of a word.
fn belongs(before: &str, after: &str) -> bool {
    const SIGNS: [char; 10] = ['=', '+', '*', '/', '^', '!', '×', '·', '≈', '√'];
    let touches = before.chars().next_back().is_some_and(|char| char.is_alphanumeric() || SIGNS.contains(&char));
    touches || before.trim_end().ends_with(SIGNS) || after.trim_start().starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asides_go_and_formulas_stay() {
        for (text, kept) in [
            ("Find the mean (average) of numbers", "Find the mean of numbers"),
            ("Read file(s) from disk (fast)", "Read file from disk"),
            ("the nth number T_n = n(n+1)/2. (Domain: arithmetic)", "the nth number T_n = n(n+1)/2."),
            ("λ(n) = (-1)^Ω(n). (Domain: a (b))", "λ(n) = (-1)^Ω(n)."),
            ("N(n,k) = (1/n) * C(n,k)", "N(n,k) = (1/n) * C(n,k)"),
            ("C_n = (2n)!/((n+1)!n!)", "C_n = (2n)!/((n+1)!n!)"),
            ("an open (bracket", "an open (bracket"),
        ] {
            assert_eq!(without_asides(text), kept);
        }
    }
}
