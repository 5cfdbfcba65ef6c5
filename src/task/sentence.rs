//! Results in sentences: numbers that they come to, and reports that nobody asks for.

use crate::derive::{self, LAST_NUMBER};
use crate::json::{Leaf, scalar_text};
use crate::task::ask::{Asked, Derived, Known};
use crate::task::clause::base_verb;
use crate::task::lines;
use crate::task::source::Call;

/// Most bytes of a text that says a number.
const LONGEST: usize = 200;

/// Most bytes of the word of a unit.
const UNIT: usize = 12;

/// Most words that say what a number is.
const SUBJECT: usize = 7;

/// The number that a result of one short sentence comes to: "The sum of 2 and 3 is 5."
pub fn said<'a>(call: &'a Call, known: &Known<'_>) -> Option<Asked<'a>> {
    let leaf = call.leaves().iter().find(|l| says_number(l))?;
    let derived = Derived { expression: LAST_NUMBER, key: None, label: None, wanted: None, other: None };
    let asked = Asked::derive(call, &leaf.pointer, derived)?;
    let shown = asked.leaf.text();
    let given = known.has(&shown) || call.arguments.values().any(|v| scalar_text(v) == shown);
    let steady = !call.about.worthless.contains(&leaf.pattern);
    (!given && steady).then_some(asked)
}

/// Whether a text is a short sentence that a number closes as what it comes to.
pub fn says_number(leaf: &Leaf) -> bool {
    let Some(text) = leaf.value.as_str().filter(|t| t.len() <= LONGEST && !t.contains(['\n', '{', '[']) && t.contains(' ')) else {
        return false;
    };
    let Some(number) = derive::last_number(text).filter(|_| !leaf.pattern.contains('*') && lines::is_prose(&leaf.pattern)) else {
        return false;
    };
    let body = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let lead = body.trim_end_matches(|c: char| c.is_ascii_digit() || "+-.eE".contains(c));
    // "N:51.7" is the last of several.
    let apart = lead.ends_with(|c: char| c.is_whitespace() || c == '=');
    let rest = &text[body.len()..];
    let closes = apart && body[lead.len()..].parse::<f64>().is_ok_and(|n| n == number) && (rest.len() <= 4 || unit_behind(rest).is_some());
    let lead = lead.trim_end().trim_end_matches('*');
    closes && ["is", "=", "equals", ":"].iter().any(|word| lead.ends_with(word))
}

/// The word of a unit between the number that closes a sentence and its full stop: " hours.".
fn unit_behind(rest: &str) -> Option<&str> {
    let unit = rest.strip_prefix(' ')?.trim_end_matches('.');
    (2..=UNIT).contains(&unit.len()).then_some(unit).filter(|unit| unit.chars().all(char::is_alphabetic))
}

/// What the number is that closes a sentence, in its own words: "time difference in hours" of "The time difference is 5 hours."
/// Where those hold values or are no short name, it is `otherwise`, in the same unit.
pub fn said_of(text: &str, otherwise: impl FnOnce() -> String) -> String {
    let body = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let last = [". ", ", and ", "; "].iter().filter_map(|end| body.rfind(end).map(|at| at + end.len())).max().unwrap_or(0);
    let unit = unit_behind(&text[body.len()..]).map(|unit| format!(" in {unit}")).unwrap_or_default();
    let subject = body[last..].split_once(" is ").or_else(|| body[last..].split_once(" = ")).map(|(subject, _)| {
        let subject = subject.trim_start();
        subject.strip_prefix("The ").or_else(|| subject.strip_prefix("the ")).unwrap_or(subject)
    });
    let plain = |s: &&str| (2..=SUBJECT).contains(&s.split_whitespace().count()) && s.chars().all(|c| c.is_alphabetic() || c == ' ');
    format!("{}{unit}", subject.filter(plain).map_or_else(otherwise, str::to_owned))
}

/// Whether a text reports what was done or that nothing was found, or leads to what follows it: "Created new diagram: a.svg",
/// "No patterns detected.", "Here are 3 links:".
pub fn is_report(text: &str) -> bool {
    let words = text.split_whitespace().count();
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches(':');
    // "Created", but not "United".
    let verb = |stem: &str| base_verb(stem).is_some() || base_verb(&format!("{stem}e")).is_some();
    let done = first.starts_with(char::is_uppercase) && first.strip_suffix("ed").is_some_and(|stem| stem.len() > 1 && verb(stem));
    let none = first == "No"
        && ["found", "detected", "available", "recorded", "matching", "provided", "given", "defined"].iter().any(|w| text.contains(w));
    let lacks = words >= 3 && matches!(first, "needs" | "requires");
    let empty = lacks || text.ends_with(" empty.") || text.ends_with(" empty");
    text.ends_with(':')
        || empty
        || text.contains(" not found")
        || words >= 3 && (done || none || first == "Returning" || first.starts_with("Here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_no_answers() {
        let reports = [
            "Created new diagram: /data/a.svg",
            "Queued: search for x",
            "Generated resume PDF: resume.pdf",
            "No patterns detected.",
            "No HTML content provided.",
            "Both lists are empty.",
            "needs at least 2 rows",
            "Service 'x' not found.",
            "Here are 3 resource links:",
            "Returning resource reference for Resource 1:",
        ];
        assert!(reports.iter().all(|text| is_report(text)), "{reports:?}");
        let answers = [
            "Red",
            "United States of America",
            "Ned",
            "Seed oil",
            "No. 5",
            "Norway",
            "Bootstrapped Growth",
            "GNU units",
            "underdamped",
            "Here",
        ];
        assert!(answers.iter().all(|text| !is_report(text)), "{answers:?}");
    }

    #[test]
    fn a_sentence_says_a_number_that_closes_it() {
        let says = |text: &str| says_number(&Leaf { pointer: String::new(), pattern: String::new(), value: text.into() });
        assert!(says("The sum of 2 and 3 is 5.") && says("Sum: 19") && says("**Determinant:** -25") && says("a + b = -1.5e3"));
        assert!(says("The timestamp of 2024-02-05 (parsed as UTC) is 1707091200000 ms."));
        for text in ["globe at: W:-0.5, S:51.3, E:0.3, N:51.7000", "5", "Line 3", "2024-05-06", "number 6", "größer als: ü7", "{13: 1}"]
        {
            assert!(!says(text), "{text}");
        }
    }

    #[test]
    fn a_sentence_says_what_its_number_is() {
        let said = |text: &str| said_of(text, || "other".into());
        assert_eq!(said("It is 5:00 in Rome. The time difference is -4.5 hours."), "time difference in hours");
        assert_eq!(said("The week of the year is 42, and the isoWeek of the year is 42."), "isoWeek of the year");
        assert_eq!(said("The timestamp of 2024-02-05 is 1707091200000 ms."), "other in ms");
        assert_eq!(said("The sum of 2 and 3 is 5."), "other");
    }
}
