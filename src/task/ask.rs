//! What a task asks for: fields of results, and values derived from them.

use std::collections::BTreeSet;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use serde_json::Value;

use crate::derive::{self, Inputs};
use crate::json::{Leaf, leaves, scalar_text};
use crate::task::absurd::is_worn;
use crate::task::sentence::said;
use crate::task::set::Set;
use crate::task::source::{Call, Flow, Need};
use crate::task::worth::{LONGEST, is_yes_or_no, worthy};
use crate::task::{lines, pairs, tables};

/// Most answer fields of a task.
const MAX_FIELDS: usize = 9;

/// How an answer field is derived.
#[derive(Debug, Clone)]
pub struct Derived<'a> {
    /// One of [`crate::derive`].
    pub expression: &'static str,
    /// Pointer into entries, or the label of a line.
    pub key: Option<String>,
    /// Pointer to what is wanted of an entry.
    pub label: Option<String>,
    /// Text looked for.
    pub wanted: Option<String>,
    /// Second call and the pointer into its result.
    pub other: Option<(&'a Call, String)>,
}

/// One thing the answer has to say.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Call it is read from.
    pub call: &'a Call,
    /// Where it is read, and what the answer says: what was read, or what was derived from that.
    pub leaf: Leaf,
    /// How it is derived; none where it is copied.
    pub derived: Option<Derived<'a>>,
}

impl<'a> Asked<'a> {
    /// A derivation over the value at `pointer`; none where it gives nothing worth asking for.
    pub fn derive(call: &'a Call, pointer: &str, derived: Derived<'a>) -> Option<Asked<'a>> {
        let inputs = Inputs {
            value: call.result().pointer(pointer),
            other: derived.other.as_ref().and_then(|(c, p)| c.result().pointer(p)),
            key: derived.key.as_deref(),
            label: derived.label.as_deref(),
            wanted: derived.wanted.as_deref(),
        };
        let value = derive::apply(derived.expression, &inputs)?;
        let text = scalar_text(&value);
        let good = !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.contains(char::is_control);
        // 174.29999999999998 is what is left of 174.3.
        let good = good && !is_worn(&value);
        let leaf = Leaf { pointer: pointer.to_owned(), pattern: crate::json::pattern_of(pointer), value };
        good.then_some(Asked { call, leaf, derived: Some(derived) })
    }

    /// Expression of the derivation.
    pub fn expression(&self) -> Option<&'static str> {
        self.derived.as_ref().map(|d| d.expression)
    }

    /// Whether it is read from two results.
    pub fn compares(&self) -> bool {
        self.derived.as_ref().is_some_and(|d| d.other.is_some())
    }

    /// Whether it comes to something else, or to nothing, where a write is not made.
    pub fn changes_without(&self, need: &Need) -> bool {
        let value = need.result().pointer(&self.leaf.pointer);
        let now = match &self.derived {
            None => value.cloned(),
            // What is read from two calls would have to be had from both.
            Some(derived) if derived.other.is_some() => return false,
            Some(derived) => {
                let (key, label, wanted) = (derived.key.as_deref(), derived.label.as_deref(), derived.wanted.as_deref());
                derive::apply(derived.expression, &Inputs { value, other: None, key, label, wanted })
            }
        };
        now.as_ref() != Some(&self.leaf.value)
    }

    /// Whether it is read from `call`.
    pub fn reads(&self, call: &Call) -> bool {
        let other = self.derived.as_ref().and_then(|d| d.other.as_ref());
        self.call.index == call.index || other.is_some_and(|(c, _)| c.index == call.index)
    }
}

/// Pointers into the arguments of `call` that the question has to give, with their values.
pub fn given(call: &Call, flows: &[&Flow]) -> Vec<Leaf> {
    let flowed = |pointer: &str| flows.iter().any(|f| f.dst_call == call.index && f.dst_pointer == pointer);
    leaves(&Value::Object(call.arguments.clone())).into_iter().filter(|leaf| !flowed(&leaf.pointer)).collect()
}

/// What the answer must not repeat: values that the question gives, and those of calls that feed others.
pub struct Known<'a> {
    given: BTreeSet<String>,
    /// Calls that feed others: what they say is known.
    earlier: Vec<&'a Call>,
    /// What was given that tells when it stands in a text, the longest first.
    parts: Vec<String>,
    /// The numbers that were given.
    numbers: Vec<f64>,
}

/// In lower case and without spaces.
fn without_spaces(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect()
}

impl Known<'_> {
    /// Whether a value is known before the last calls were made.
    pub fn has(&self, text: &str) -> bool {
        self.given.contains(&text.to_lowercase()) || self.earlier.iter().any(|call| call.says(text))
    }

    /// Whether a text is a number that was given, written with a unit or rounded: `34.1 kg/hr`, `45,219 kg`.
    pub fn restates(&self, text: &str) -> bool {
        const LONGEST_UNIT: usize = 12;
        let number = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let number: String = number.trim().trim_start_matches('+').chars().filter(|c| *c != ',').collect();
        let decimals = number.split_once('.').map_or(0, |(_, rest)| rest.len()) as i32;
        let near = |value: f64| self.numbers.iter().any(|given| (given - value).abs() <= 0.5001 * 10f64.powi(-decimals));
        self.restates_all(text) || text.chars().count() <= number.chars().count() + LONGEST_UNIT && number.parse().is_ok_and(near)
    }

    /// Whether a text has several numbers, each of which was given: `39,986 kg, 47.0 m² wing area`.
    fn restates_all(&self, text: &str) -> bool {
        let text: String = text.replace(", ", "; ").chars().filter(|c| *c != ',').collect();
        let runs = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|run| run.trim_matches('.'));
        let numbers: Vec<&str> = runs.filter(|run| !run.is_empty()).collect();
        let given = |run: &&str| {
            let decimals = run.split_once('.').map_or(0, |(_, rest)| rest.len()) as i32;
            let near = |value: f64| self.numbers.iter().any(|given| (given.abs() - value).abs() <= 0.5001 * 10f64.powi(-decimals));
            run.parse().is_ok_and(near)
        };
        numbers.len() >= 2 && numbers.iter().all(given)
    }

    /// Whether a text is made of what was given and of names: `tanh(x)` where the hyperbolic tangent of x was asked for.
    pub fn says_all_of(&self, text: &str, names: impl FnOnce() -> BTreeSet<String>) -> bool {
        let whole = without_spaces(text);
        let rest = self.parts.iter().fold(None, |rest: Option<String>, part| {
            let so_far = rest.as_deref().unwrap_or(&whole);
            if so_far.contains(part.as_str()) { Some(so_far.replace(part.as_str(), " ")) } else { rest }
        });
        let said = rest.as_deref().unwrap_or(&whole);
        let mut words = said.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
        // A short value is what was given where it stands alone: the 13 of `zeta(13)`.
        let short = |word: &str| self.given.contains(word);
        if rest.is_none() && !said.split(|c: char| !c.is_alphanumeric()).any(short) || words.peek().is_none() && rest.is_none() {
            return false;
        }
        let names = names();
        let news =
            |word: &str| !short(word) && (word.chars().any(|c| c.is_ascii_digit()) || word.chars().count() > 2 && !names.contains(word));
        !words.any(news)
    }

    /// Whether a text holds little beside what was given: a period by the days it begins and ends with, a path by its last part.
    pub fn has_parts(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        if !lower.trim().contains(char::is_whitespace) && !lower.contains('/') {
            return false;
        }
        let mut parts: Vec<&String> = self.given.iter().filter(|g| g.chars().count() >= 3 && lower.contains(g.as_str())).collect();
        parts.sort_by_key(|g| std::cmp::Reverse(g.len()));
        let rest = parts.iter().fold(lower.clone(), |rest, part| rest.replace(part.as_str(), ""));
        // A number beside what was given is news.
        let little = rest.chars().filter(|c| c.is_alphanumeric()).count() <= 2 && !rest.contains(|c: char| c.is_ascii_digit());
        !parts.is_empty() && (little || parts.iter().any(|p| lower.ends_with(&format!("/{p}"))))
    }
}

/// What to ask for, the same for the same draw. Each call that nothing flows out of gives at least one field. None where the results
/// hold nothing worth asking for.
pub fn choose_fields<'a>(set: &Set<'a>, dull: &lines::Dull, rng: &mut impl Rng) -> Option<Vec<Asked<'a>>> {
    let sinks = set.sinks();
    let defaults = set.gold.iter().flat_map(|c| c.defaults()).map(|(_, value)| scalar_text(value).to_lowercase());
    // What a code stands for is told with it: 男性, and 男.
    let coded = |call: &&'a Call| -> Vec<String> {
        let meaning = |(name, value): (&String, &Value)| call.about.meaning(name, value).map(str::to_lowercase);
        call.arguments.iter().filter_map(meaning).flat_map(|said| [said.trim_end_matches('性').to_owned(), said]).collect()
    };
    let meanings: Vec<String> = set.gold.iter().flat_map(coded).collect();
    let all: BTreeSet<String> =
        set.gold.iter().flat_map(|c| given(c, &set.flows)).map(|l| l.text().to_lowercase()).chain(defaults).chain(meanings).collect();
    // A letter or two stand in many a word.
    let tells = |part: &String| part.chars().count() > 2 || !part.is_empty() && !part.contains(char::is_alphanumeric);
    let mut parts: Vec<String> = all.iter().map(|given| without_spaces(given)).filter(tells).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let known = Known {
        numbers: all.iter().filter_map(|given| given.parse().ok()).collect(),
        given: all,
        parts,
        earlier: set.gold.iter().filter(|c| !sinks.iter().any(|s| s.index == c.index)).copied().collect(),
    };
    let mut fields: Vec<Asked<'a>> = Vec::new();
    let share = (MAX_FIELDS / sinks.len()).max(1);
    for sink in sinks.iter().copied() {
        let mut own = worthy(sink, &known);
        own.shuffle(rng);
        // The beginning of a list is what people ask about.
        own.sort_by_key(|leaf| leaf.pointer.split('/').filter_map(|s| s.parse::<usize>().ok()).sum::<usize>().min(2));
        // What came out the same for the call before does not depend on what is different.
        let twin = sinks.iter().take_while(|s| s.index != sink.index).find(|s| s.tool == sink.tool && s.server == sink.server);
        own.retain(|leaf| twin.is_none_or(|twin| twin.result().pointer(&leaf.pointer) != Some(&leaf.value)));
        // Of a reading of a written state, what was written is asked for.
        let needs = set.needs_of(sink);
        let written = |asked: &Asked<'_>| needs.is_empty() || needs.iter().any(|n| asked.changes_without(n));
        let mut own: Vec<Asked<'_>> = own.into_iter().map(|leaf| Asked { call: sink, leaf, derived: None }).filter(written).collect();
        let mut keys = BTreeSet::new();
        own.retain(|a| keys.insert(a.leaf.key().to_owned()));
        let mut derived = tables::derived(sink, &known, rng);
        derived.extend(lines::derived(sink, &known, dull, rng));
        derived.retain(written);
        derived.truncate(if own.is_empty() { 4 } else { 2 }.min(share));
        let wanted = rng.random_range(3..=6).min(share.saturating_sub(derived.len())).max(usize::from(derived.is_empty()));
        own.truncate(wanted);
        let copied = own;
        if derived.is_empty() && copied.iter().all(|a| is_yes_or_no(&a.leaf.value)) {
            derived.extend(said(sink, &known));
        }
        if copied.is_empty() && derived.is_empty() {
            return None;
        }
        fields.extend(copied);
        fields.extend(derived);
    }
    pairs::compare(&sinks, &known, &mut fields, rng);
    // The same value of the same result is asked for once.
    let mut said = BTreeSet::new();
    fields.retain(|f| f.leaf.value.is_boolean() || said.insert((f.call.index, f.leaf.text())));
    fields.sort_by(|a, b| {
        // What belongs to something comes first: “the size of the file and the total” is no total of the file.
        let place = |x: &Asked<'_>| (x.call.index, x.compares(), std::cmp::Reverse(x.leaf.pointer.matches('/').count()));
        place(a).cmp(&place(b)).then(a.leaf.pointer.cmp(&b.leaf.pointer))
    });
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(given: &[&str]) -> Known<'static> {
        let given: BTreeSet<String> = given.iter().map(|text| (*text).to_owned()).collect();
        let parts = given.iter().map(|text| without_spaces(text)).filter(|part| part.chars().count() > 2).collect();
        Known { numbers: given.iter().filter_map(|text| text.parse().ok()).collect(), given, earlier: Vec::new(), parts }
    }

    #[test]
    fn what_was_given_is_no_news_in_other_clothes() {
        let numbers = known(&["34.1", "45219", "13"]);
        assert!(["34.1 kg/hr", "45,219 kg", "34 kg", "+13.0 °C"].iter().all(|text| numbers.restates(text)));
        assert!(["34.2 kg/hr", "4521 kg", "13 of 27", "kg", "13 apples and two pears"].iter().all(|text| !numbers.restates(text)));
        assert!(numbers.restates("45,219 kg, 34.1 m² of 13") && !numbers.restates("45,219 kg, 35 m²"));
        let names = || ["zeta", "riemann"].map(str::to_owned).into();
        assert!(numbers.says_all_of("zeta(13)", names) && !numbers.says_all_of("zeta(14)", names) && !numbers.says_all_of("zeta", names));
        let text = known(&["tanh(x) + 1"]);
        assert!(text.says_all_of("tanh(x)+1", BTreeSet::new) && !text.says_all_of("1 - tanh(x)", BTreeSet::new));
    }
}
