//! What results, lists and their entries are called.

use crate::names;
use crate::task::clause::{NOUNS, base_verb, is_english, speaks_foreign};
use crate::task::wording::{is_container, phrase};
use crate::text::first_line;

/// What a whole result is, and none of its entries.
const FORMS: [&str; 10] = ["tree", "structure", "hierarchy", "history", "overview", "search", "graph", "chart", "usage", "summary"];

/// What the entries of the list at `pointer` are called, in the plural.
pub fn entries_of(pointer: &str, tool: &str) -> String {
    let list = list_name(name_at(pointer), tool);
    if inner_plural(&list).is_some() {
        return list;
    }
    if is_mass(&list) {
        return format!("{list} entries");
    }
    match singular(&list).as_str() {
        w if w.ends_with("sis") => format!("{}es", &w[..w.len() - 2]),
        w if w.ends_with('y') && !w.ends_with("ay") && !w.ends_with("ey") && !w.ends_with("oy") => format!("{}ies", &w[..w.len() - 1]),
        w if w.ends_with(['s', 'x']) || w.ends_with("ch") || w.ends_with("sh") => format!("{w}es"),
        w => format!("{w}s"),
    }
}

/// What one entry of the list at `pointer` is called.
pub fn entry_of(pointer: &str, tool: &str) -> String {
    item_name(name_at(pointer), tool)
}

/// Whether there is no plural of what a list is called.
fn is_mass(list: &str) -> bool {
    let last = list.rsplit(' ').next().unwrap_or(list);
    const MASS: [&str; 14] = [
        "documentation",
        "information",
        "guidance",
        "data",
        "metadata",
        "history",
        "content",
        "text",
        // What is one of several: a second schedule is not its second entry.
        "schedule",
        "gradient",
        "tree",
        "timeline",
        "palette",
        "agenda",
    ];
    MASS.contains(&last)
}

fn name_at(pointer: &str) -> Option<&str> {
    pointer.rsplit('/').next().filter(|name| !name.is_empty())
}

/// What a tool calls its own: the entries of its lists after its name, its bare result after its subject.
#[derive(Debug, Clone)]
pub struct Own {
    /// The tool's name without its server's.
    pub tool: String,
    /// What its bare result is called.
    pub subject: String,
    /// Whether it speaks another language in the same letters: its names are shown as they stand.
    pub foreign: bool,
}

impl Own {
    /// The names of a tool that is called `tool` and says `description` of itself.
    pub fn of(tool: &str, description: &str) -> Own {
        Own { tool: tool.to_owned(), subject: subject(tool, description), foreign: speaks_foreign(first_line(description)) }
    }
}

/// Words that are rather what comes out than what is done, where they do not come first: the sum of `divisor_sum`.
const OUTCOMES: [&str; 8] = ["sum", "test", "estimate", "factor", "product", "transform", "range", "sign"];

/// Verbs that are nouns also where they come first: the order of `order_modulo`.
const FIRST: [&str; 7] = ["sum", "product", "order", "log", "rank", "index", "rate"];

/// What a tool's bare result is called: what is left of its name without the verb, as far as its description speaks of that.
fn subject(tool: &str, description: &str) -> String {
    let mut words = names::split(tool);
    let counts = words.len() > 1 && words[0] == "count";
    let outcome = |verb: &str| NOUNS.contains(&verb) || OUTCOMES.contains(&verb);
    // What is added, or interpolated, its verb says, and what is left before it only what it is like.
    let done = |word: &String| base_verb(word).is_some_and(|verb| verb == word && !outcome(verb));
    if words.len() > 1 && words.last().is_some_and(done) {
        return "result".into();
    }
    if words.first().is_some_and(|word| base_verb(word).is_some() && !FIRST.contains(&word.as_str())) {
        words.remove(0);
    }
    let said: Vec<String> =
        words.into_iter().filter(|w| base_verb(w).is_none_or(outcome) && !matches!(w.as_str(), "by" | "for" | "all" | "the")).collect();
    // `decimal_to_octal` gives the octal.
    let said: &[String] = match said.as_slice() {
        [_, to, target] if to == "to" => std::slice::from_ref(target),
        all => all,
    };
    // `geom_circle_area` is the area of a circle.
    let skipped = said.iter().take_while(|word| !speaks_of(description, word)).count();
    let said = if skipped < said.len() { &said[skipped..] } else { said };
    // The subject of `math_eval` is no math, nor that of `add_in_base` in a base.
    let vague = said.first().is_none_or(|first| VAGUE.contains(&first.as_str()));
    // A method has no value.
    let way = said.last().is_some_and(|last| matches!(last.as_str(), "method" | "algorithm" | "tool" | "sieve"));
    if vague || way || said.last().is_some_and(|last| !speaks_of(description, last)) {
        return "result".into();
    }
    let name = phrase(&said.join("_"));
    if counts { format!("number of {name}") } else { name }
}

/// What no subject begins with.
const VAGUE: [&str; 12] = ["math", "calc", "in", "of", "to", "from", "with", "as", "at", "on", "and", "is"];

/// Whether a description has a word of a name, or one that it is short for; what says nothing in English is not asked.
fn speaks_of(description: &str, word: &str) -> bool {
    let line = first_line(description);
    if line.is_empty() || !is_english(line) {
        return true;
    }
    // "(Domain: geometry)" is where the tool is filed.
    let text = line.split('(').map(|part| part.split_once(')').filter(|(aside, _)| aside.contains(':')).map_or(part, |(_, rest)| rest));
    let text = text.collect::<Vec<_>>().join(" ").to_lowercase();
    let alike = |said: &str| said.starts_with(word) || said.len() >= 3 && word.starts_with(said);
    word.chars().all(|c| c.is_ascii_digit()) || text.split(|c: char| !c.is_alphanumeric()).any(alike)
}

/// What one entry of the list of a member, or of a tool's results, is called.
pub(super) fn item_name(list: Option<&str>, tool: &str) -> String {
    let list = list_name(list, tool);
    if is_mass(&list) { format!("{list} entry") } else { singular(&list) }
}

/// What the list of a member, or of a tool's results, is called.
fn list_name(list: Option<&str>, tool: &str) -> String {
    let own = list.filter(|l| !is_container(l)).map(phrase);
    // What a tool lists stands in its name before what it lists it by.
    let head: Vec<String> =
        names::split(tool).into_iter().take_while(|w| !matches!(w.as_str(), "by" | "for" | "from" | "in" | "of")).collect();
    let name = own.unwrap_or_else(|| {
        names::entity(&head.join("_"))
            .last()
            .cloned()
            .filter(|w| !names::is_generic(w) && !FORMS.contains(&w.as_str()) && w != "tool")
            .unwrap_or_else(|| "entry".into())
    });
    // "recommended" says what they are like, and not what they are.
    if !name.contains(' ') && name.len() > 4 && name.ends_with("ed") { format!("{name} entry") } else { name }
}

/// Which word of "slides created" is the plural: not the last.
fn inner_plural(name: &str) -> Option<usize> {
    let words: Vec<&str> = name.split(' ').collect();
    let many = |word: &str| word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us");
    let (last, before) = words.split_last()?;
    if many(last) { None } else { before.iter().position(|word| many(word)) }
}

/// One of what is called so in the plural.
pub(super) fn singular(name: &str) -> String {
    if let Some(at) = inner_plural(name) {
        let words = name.split(' ').enumerate().map(|(i, word)| if i == at { singular(word) } else { word.to_owned() });
        return words.collect::<Vec<_>>().join(" ");
    }
    match name {
        w if w.ends_with("lyses") => format!("{}is", &w[..w.len() - 2]),
        w if w.ends_with("iases") => w[..w.len() - 2].to_owned(),
        w if w.ends_with("ies") => format!("{}y", &w[..w.len() - 3]),
        w if ["xes", "ches", "shes", "sses"].iter().any(|end| w.ends_with(end)) => w[..w.len() - 2].to_owned(),
        w if w.ends_with('s') && !["ss", "us", "is"].iter().any(|end| w.ends_with(end)) => w[..w.len() - 1].to_owned(),
        w => w.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_out_is_called_after_the_tool() {
        for (tool, description, called) in [
            ("divisor_sum", "Calculate the sum of divisors.", "divisor sum"),
            ("sum_of_two_squares", "Express n as sum of two squares", "sum of two squares"),
            ("prime_count", "Count primes up to a limit.", "prime count"),
            ("add_in_base", "Add two numbers in a given base.", "result"),
            ("powsimp", "Simplify powers in an expression.", "result"),
            ("geom_circle_circumference", "Calculate the circumference of a circle. (Domain: geometry)", "circle circumference"),
            ("decimal_to_octal", "Convert decimal to octal.", "octal"),
            ("order_modulo", "Find the multiplicative order modulo n.", "order modulo"),
            ("count_ops", "Count operations in expression", "result"),
            ("normal_pdf", "Calculate the probability density function (PDF) of the normal distribution (Domain: x)", "normal PDF"),
            ("donation_limit", "기부금 한도", "donation limit"),
            ("math_eval", "", "result"),
            ("symbolic_add", "Symbolic addition.", "result"),
            ("lcm", "Least common multiple (LCM)", "lcm"),
        ] {
            assert_eq!(subject(tool, description), called, "{tool}");
        }
        assert_eq!(entries_of("/tangency_analyses", "x"), "tangency analyses");
        assert_eq!(entry_of("/tangency_analyses", "x"), "tangency analysis");
    }
}
