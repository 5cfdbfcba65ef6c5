//! Results that are texts: what stands behind the label of a line can be asked for.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng;
use rand::seq::SliceRandom;

use crate::derive::{LINE, labelled_lines, line_value};
use crate::fields::is_aside;
use crate::task::ask::{Asked, Derived, Known};
use crate::task::sentence::is_report;
use crate::task::source::{Call, Source};
use crate::task::worth::{is_dull, is_inner};

/// Members that hold a text for people.
const PROSE: [&str; 10] = ["", "result", "text", "content", "output", "report", "summary", "message", "data", "response"];
/// Longest label and value, in characters.
const SIZES: (usize, usize) = (32, 60);

/// Whether the field of a pattern can hold a text for people.
pub fn is_prose(pattern: &str) -> bool {
    PROSE.contains(&crate::json::last_key(pattern))
}

/// What stood behind a label, with the arguments to which it was said.
type Said<'a> = BTreeMap<String, BTreeSet<&'a str>>;
/// Share of a tool's calls to which it says the same behind a label, from which on that is what it always says.
const SAME: f64 = 0.8;

/// Labels behind which a tool says the same to nearly all that it is asked.
#[derive(Debug, Default)]
pub struct Dull(BTreeSet<(String, String, String)>);

impl Dull {
    /// Looks through all texts of the lake's results.
    pub fn of(sources: &[Source]) -> Dull {
        // Values by tool and label, with the number of different arguments they were given to.
        let mut seen: BTreeMap<(&str, &str, String), Said<'_>> = BTreeMap::new();
        for call in sources.iter().flat_map(|s| &s.calls).filter(|c| !c.is_error && c.may_be_text()) {
            for leaf in call.leaves().iter().filter(|l| is_prose(&l.pattern)) {
                for (label, value) in labelled_lines(leaf.value.as_str().unwrap_or_default()) {
                    let entry = seen.entry((&call.server, &call.tool, label.to_owned())).or_default();
                    entry.entry(value.to_owned()).or_default().insert(&call.arguments_text);
                }
            }
        }
        let dull = seen.into_iter().filter(|(_, said)| {
            let (all, most) = said.values().map(BTreeSet::len).fold((0, 0), |(all, most), n| (all + n, most.max(n)));
            all >= 3 && most as f64 >= SAME * all as f64
        });
        Dull(dull.map(|((server, tool, label), _)| (server.to_owned(), tool.to_owned(), label)).collect())
    }

    fn has(&self, call: &Call, label: &str) -> bool {
        self.0.contains(&(call.server.clone(), call.tool.clone(), label.to_owned()))
    }
}

/// Values behind labels in the texts of a result, in the order of a draw.
pub fn derived<'a>(call: &'a Call, known: &Known<'_>, dull: &Dull, rng: &mut impl Rng) -> Vec<Asked<'a>> {
    let mut out = Vec::new();
    for leaf in call.leaves().iter().filter(|l| is_prose(&l.pattern) && !l.pattern.contains('*')) {
        let Some(text) = leaf.value.as_str().filter(|t| t.contains('\n') || t.starts_with("**")) else { continue };
        if call.about.changing.contains(&leaf.pattern) || call.about.worthless.contains(&leaf.pointer) {
            continue;
        }
        for (label, value) in labelled_lines(text) {
            let words = label.split_whitespace().count();
            // "PASS Scatterplot: …" is a verdict, and no name of what follows.
            let verdict = label.split_whitespace().next().is_some_and(|w| ["PASS", "FAIL", "WARN", "INFO", "ERROR", "OK"].contains(&w));
            // "Moderate (100-500ms): …" heads a paragraph of a manual.
            let heading = label.split_once('(').is_some_and(|(_, rest)| rest.contains(|c: char| c.is_ascii_digit()));
            let named = !verdict
                && !heading
                && words <= 4
                && label.chars().count() <= SIZES.0
                && label.chars().all(|c| c.is_alphanumeric() || " _-/()".contains(c));
            // With a remark in brackets there are two ways to say it.
            let plain = !value.contains(['(', '[']) && !value.contains("  ");
            let plain =
                plain && value.chars().count() <= SIZES.1 && !value.ends_with([':', '…', '|', '{', '[', ',']) && !value.contains("...");
            // "2 + 3 * 4 = 14.0" says the question again.
            let equation = value.split_once('=').is_some_and(|(left, _)| known.has(left.trim()) || known.restates(left.trim()));
            let news = !known.has(value)
                && !known.has_parts(value)
                && !known.restates(value)
                && !equation
                && !call.echoes_label(label)
                && !is_inner(label, &call.tool)
                && !is_report(value)
                && !is_dull(value)
                && !known.has(label)
                && !dull.has(call, label);
            let alphabetic = label.chars().any(char::is_alphabetic);
            if named && plain && news && alphabetic && !is_aside(&label.to_lowercase()) && line_value(text, label).is_some() {
                let derived = Derived { expression: LINE, key: Some(label.to_owned()), label: None, wanted: None, other: None };
                out.extend(Asked::derive(call, &leaf.pointer, derived));
            }
        }
    }
    out.shuffle(rng);
    out.truncate(4);
    out
}
