//! What a tool does, as a person asks for it, from its description and its name.

use std::sync::LazyLock;

use regex::Regex;

use crate::names;
use crate::task::aside::without_asides;
use crate::task::wording::phrase;
use crate::text::{first_line, shorten};

/// Base forms of the verbs descriptions begin with, one a line.
static VERBS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("verbs.txt").lines().collect());

/// Verbs that begin a description more often as nouns.
pub(super) const NOUNS: [&str; 29] = [
    "order", "index", "rank", "sample", "display", "group", "profile", "record", "plan", "map", "stage", "trace", "view", "file", "issue",
    "report", "log", "balance", "rate", "grade", "change", "limit", "review", "count", "schedule", "request", "quote", "score", "match",
];

/// Words a clause must not end with once its parentheses are gone.
const DANGLING: [&str; 16] = ["using", "with", "for", "of", "and", "or", "by", "from", "to", "in", "via", "based", "on", "the", "a", "as"];

/// What stands before a colon and only says how the tool is meant.
const NOTICES: [&str; 10] =
    ["start here", "note", "important", "read-only", "readonly", "experimental", "deprecated", "beta", "preview", "recommended"];

/// What a tool that does many things is called.
const DOORS: [&str; 5] = ["facade", "entrypoint", "interface", "wrapper", "gateway"];

/// Words of names that are spelled in capitals.
const ACRONYMS: [&str; 12] = ["vat", "id", "url", "sql", "ip", "json", "csv", "pdf", "html", "css", "api", "qr"];

/// Words before the verb of a name that tell a tool from its neighbour.
const MANNERS: [&str; 9] = ["fuzzy", "semantic", "exact", "advanced", "quick", "deep", "reverse", "bulk", "batch"];

/// What a verb is said to be done to, where its tool says no more.
pub(super) const OF_WHAT: &str = "what is given";

/// What a tool does, as an imperative that begins in lower case and ends without a stop.
pub fn clause(description: &str, tool: &str) -> String {
    static NOISE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\[[^\]]*\]|<[a-z_ -]{1,20}>|`|\*\*|^\W+|(?i)^(a )?(tool|function) (to|for|that|which) |(?i)^use this( tool)? (to|for) |(?i)^this (tool|function) ((to|for|that|which) )?",
        )
        .expect("a fixed pattern")
    });
    // What may be given is said by what is given, and what a tool can do besides is not asked.
    static OPTION: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?i),? (with|and) optional .*$|,? optionally .*$|,? including (its|the|their|current|full|all|any) .*$|,? with (support for|multiple|progressive|various|flexible|full|advanced) .*$",
        )
        .expect("a fixed pattern")
    });
    let first = first_line(description);
    if !is_english(first) {
        // Names are mostly in the language of their descriptions, unless that has letters of its own.
        return if speaks_foreign(first) && !is_named_apart(tool, first) { quoted(first) } else { from_name(tool) };
    }
    let text = without_asides(first);
    let text = NOISE.replace_all(&text, "");
    let text = NOISE.replace_all(text.trim(), "");
    // "Start here: a workbook's sheets".
    let notice = |head: &str| NOTICES.contains(&head.trim().to_lowercase().as_str());
    let text = text.split_once(':').filter(|(head, _)| notice(head)).map_or(&*text, |(_, rest)| rest.trim());
    let end = text.find(". ").into_iter().chain(text.find([';', ':', '—', '–'])).chain(dash(text)).min().unwrap_or(text.len());
    let text = text[..end].trim().trim_end_matches(['.', ',']).trim();
    let text = OPTION.replace(if is_cheer(text) { text.trim_end_matches('!') } else { text }, "");
    let text = without_stump(&text);
    // What follows a comma is an aside, unless it goes on with a list.
    let text = match text.split_once(", ") {
        Some((main, aside))
            if main.contains(' ') && aside.chars().count() > 2 && !aside.contains(" or ") && !aside.contains(" and ") && !goes_on(main) =>
        {
            main
        }
        _ => text,
    };
    let text: Vec<String> = text.split_whitespace().map(plain_word).collect();
    let mut text = text;
    while text.last().is_some_and(|w| DANGLING.contains(&w.to_lowercase().as_str())) {
        text.pop();
    }
    let text = shorten(&text.join(" "), 140);
    if text.chars().count() < 4 {
        return from_name(tool);
    }
    let (head, rest) = text.split_once(' ').unwrap_or((&text, ""));
    // "Safely evaluate", "Reliably writes": how the tool does it is its own business.
    let second = rest.split(' ').next().unwrap_or_default();
    let (head, rest) =
        if head.ends_with("ly") && base_verb(second).is_some() { rest.split_once(' ').unwrap_or((rest, "")) } else { (head, rest) };
    // "Calculates/evaluates", "Auto-generate": one verb is enough.
    let head = head.split('/').next().unwrap_or(head);
    let head = head.strip_prefix("Auto-").or_else(|| head.strip_prefix("auto-")).unwrap_or(head);
    let object = rest.split(' ').next().unwrap_or_default();
    // "Test, match, or replace": the first of several.
    let (head, comma) = head.strip_suffix(',').map_or((head, ""), |head| (head, ","));
    // "Moving average forecast" moves nothing, and "Returns filed against an order" are filed.
    let apart = head.ends_with("ing") && !ARTICLES.contains(&object)
        || head == "Returns" && is_past(object) && is_joint(rest.split(' ').nth(1))
        || object == "lookup";
    // A complete quote is no quote that is to be completed.
    let like = ["complete", "open", "clear", "clean", "correct", "separate"].contains(&head.to_lowercase().as_str());
    let named = names::split(tool).iter().any(|word| word.eq_ignore_ascii_case(head));
    let apart = apart || like && !named && !ARTICLES.contains(&object) && object.starts_with(char::is_lowercase) && rest.contains(' ');
    let verb = base_verb(head)
        .filter(|_| !apart)
        .filter(|v| !NOUNS.contains(v) || *v == "count" && object.trim_end_matches(',').ends_with('s') || ARTICLES.contains(&object));
    let behind = text.rsplit_once(' ').filter(|(_, last)| DOORS.contains(last)).map(|(what, _)| what);
    match verb {
        Some(verb) if verb == "return" || verb == "provide" => format!("find {}", with_article(rest)),
        Some(verb) => format!("{verb}{comma} {rest}").trim().to_owned(),
        // "Catalog search by text" names the verb as a thing; the tool's own name has it as a verb.
        None if text.split(' ').any(|w| w.eq_ignore_ascii_case("search") || w.eq_ignore_ascii_case("lookup")) => {
            // Where the name does not say either what is searched, the description does.
            Some(from_name(tool))
                .filter(|clause| clause != "search")
                .unwrap_or_else(|| format!("run {}", with_article(&lower_first(&text))))
        }
        // Whatever is done to a thing is a verb: "Keep a note".
        None if matches!(object, "a" | "an" | "the" | "your") && is_verb(head) => format!("{} {rest}", head.to_lowercase()),
        None if text.ends_with(" entrypoint") && text.to_lowercase().contains("health") => "check the server's health and version".into(),
        // Nobody cares through which door.
        None if behind.is_some() => format!("do {}", with_article(&lower_first(behind.unwrap_or_default()))),
        // What is worked out is done, and not found.
        None if ["calculations", "operations", "conversions"].iter().any(|end| text.ends_with(end)) => format!("do {}", lower_first(&text)),
        // Nor is a test found that is to be made.
        None if !looks_up(tool) && is_made(&text) => format!("run {}", with_article(&lower_first(&text))),
        None if looks_up(tool) => format!("look up {}", with_article(&lower_first(&text))),
        None => format!("find {}", with_article(&lower_first(&text))),
    }
}

/// What stands before a thing: what comes before it is a verb.
const ARTICLES: [&str; 18] = [
    "a",
    "an",
    "the",
    "all",
    "new",
    "one",
    "your",
    "each",
    "every",
    "whether",
    "how",
    "current",
    "existing",
    "specific",
    "multiple",
    "any",
    "available",
    "detailed",
];

/// Whether a word stands between a thing and another.
fn is_joint(word: Option<&str>) -> bool {
    matches!(word, Some("against" | "by" | "for" | "from" | "in" | "on" | "to" | "with" | "at"))
}

/// Whether a word says what was done to a thing.
fn is_past(word: &str) -> bool {
    word.len() > 3 && word.ends_with("ed")
}

/// Whether a text ends with a cheer, and not with the sign of a factorial.
fn is_cheer(text: &str) -> bool {
    let last = text.rsplit(' ').next().unwrap_or_default();
    last.ends_with('!') && last.trim_end_matches('!').chars().all(char::is_alphabetic) && last.len() > 3
}

/// Whether what a text names is made or run: a test, an algorithm, a sieve.
fn is_made(text: &str) -> bool {
    const MADE: [&str; 9] = ["test", "algorithm", "method", "sieve", "procedure", "simulation", "analysis", "check", "validation"];
    let ends = [" for ", " using ", " of ", " with ", " to ", " in ", " that "].iter().filter_map(|joint| text.find(joint));
    let thing = &text[..ends.min().unwrap_or(text.len())];
    thing.rsplit(' ').next().is_some_and(|last| MADE.contains(&last.to_lowercase().as_str()))
}

/// A text without the stump of a formula that it ends with: `calculate factorial n! = n × (n-1) ×` of `… × 2 × 1`.
fn without_stump(text: &str) -> &str {
    const SIGNS: [&str; 11] = ["+", "-", "−", "×", "·", "*", "/", "=", "≈", "<", ">"];
    let without_last = |text: &str| text.rfind(' ').map_or(0, |at| at);
    let last = |text: &str| text.rsplit(' ').next().unwrap_or_default().trim_end_matches(['.', ',', '…']).to_owned();
    if !SIGNS.contains(&last(text).as_str()) {
        return text;
    }
    let word = |token: &str| token.split(|c: char| !c.is_alphabetic()).any(|letters| letters.chars().count() >= 3);
    let mut rest = text;
    while !rest.is_empty() && !word(&last(rest)) {
        rest = rest[..without_last(rest)].trim_end();
    }
    rest
}

/// Whether a word before an article is a verb, as one that is no little word mostly is.
fn is_verb(head: &str) -> bool {
    const LITTLE: [&str; 32] = [
        "is", "are", "was", "all", "both", "of", "for", "from", "in", "on", "with", "by", "to", "as", "at", "if", "whether", "how", "what",
        "when", "this", "that", "not", "only", "like", "than", "per", "half", "such", "many", "and", "or",
    ];
    head.len() > 1 && head.chars().all(|c| c.is_ascii_alphabetic()) && !LITTLE.contains(&head.to_lowercase().as_str())
}

/// Whether what stands before a comma ends with an adjective, so that the noun is still to come: `create a new, empty workbook`.
fn goes_on(main: &str) -> bool {
    let mut words = main.rsplit(' ');
    words.next().is_some_and(|last| last.chars().all(|c| c.is_ascii_lowercase())) && matches!(words.next(), Some("a" | "an" | "A" | "An"))
}

/// Whether a tool's name says that something is there to be looked up, and not worked out.
pub(super) fn looks_up(tool: &str) -> bool {
    let meant = ["get", "list", "lookup", "fetch", "read", "show", "view", "query", "search", "describe", "info", "status", "summary"];
    names::words(tool).iter().any(|w| meant.contains(&w.as_str()))
}

/// Little words of languages that are written in the same letters.
const FOREIGN: [&str; 48] = [
    "der", "die", "das", "den", "dem", "des", "ein", "eine", "einer", "einen", "und", "oder", "fuer", "mit", "von", "zu", "zwischen", "de",
    "do", "da", "dos", "das", "para", "um", "uma", "por", "com", "el", "la", "los", "las", "del", "una", "le", "les", "du", "et", "ohne",
    "für", "auf", "bei", "nach", "pra", "ou", "sem", "ao", "na", "em",
];

/// How many little words of other languages a text has, and how many English ones.
fn little_words(text: &str) -> (usize, usize) {
    let words: Vec<String> = text.split_whitespace().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()).collect();
    let count = |list: &[&str]| words.iter().filter(|w| list.contains(&w.as_str())).count();
    (count(&FOREIGN), count(&["the", "of", "an", "and", "for", "to", "with", "by", "from", "all", "is"]))
}

/// Whether a text is of another language in the same letters.
pub(super) fn speaks_foreign(text: &str) -> bool {
    let (foreign, english) = little_words(text);
    foreign > english
}

/// Whether a tool's name says what is done in other words than its description: in English, where that is in another language.
fn is_named_apart(tool: &str, description: &str) -> bool {
    let theirs: Vec<String> = description.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
    let words: Vec<String> = names::split(tool).into_iter().filter(|word| word != "tool").collect();
    // A verb and two more words say enough by themselves.
    let says = words.len() > 2 || !words.iter().any(|word| theirs.contains(word));
    words.len() > 1 && base_verb(&words[0]).is_some() && says
}

/// Where a dash ends what is said; the minus of `2^p - 1` or of `x² - ny² = 1` does not.
fn dash(text: &str) -> Option<usize> {
    let term = |token: &str| token.chars().count() == 1 || token.contains(|c: char| c.is_ascii_digit() || "²³^=()×√".contains(c));
    let minus = |at: usize| {
        let (before, after) = (text[..at].rsplit(' ').next(), text[at + 3..].split(' ').next());
        let next = after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_digit()));
        next || before.zip(after).is_some_and(|(before, after)| term(before) && term(after))
    };
    text.match_indices(" - ").map(|(at, _)| at).find(|at| !minus(*at))
}

/// What a tool does in its own words: nobody would know them otherwise.
fn quoted(description: &str) -> String {
    let text = without_asides(description.trim()).replace("**", "").replace('`', "");
    let end = text.find(". ").into_iter().chain(text.find([';', ':', '—', '–', '\n'])).min().unwrap_or(text.len());
    format!("carry out “{}”", shorten(text[..end].trim().trim_end_matches('.'), 140))
}

/// Whether a text is English, as far as its letters and little words tell.
pub(super) fn is_english(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let plain = text.chars().filter(char::is_ascii_alphabetic).count();
    let (foreign, english) = little_words(text);
    // A sentence without any little word is English where its verb is.
    let first = || text.split_whitespace().next().map(|w| w.trim_matches(|c: char| !c.is_alphanumeric()));
    let silent = foreign + english == 0 && text.split_whitespace().count() > 4 && first().is_none_or(|w| base_verb(w).is_none());
    plain * 10 >= letters * 9 && foreign <= english && !silent
}

fn from_name(tool: &str) -> String {
    let mut words: Vec<String> =
        names::split(tool).into_iter().map(|word| if ACRONYMS.contains(&word.as_str()) { word.to_uppercase() } else { word }).collect();
    // What is called a tool is no tool to the person who asks.
    words.retain(|w| w != "tool");
    // `related_provision_at` wants a day, which is said beside it.
    while words.len() > 1 && words.last().is_some_and(|w| matches!(w.as_str(), "at" | "in" | "on" | "by" | "for" | "of" | "with" | "from"))
    {
        words.pop();
    }
    // Nor does anyone ask for "math".
    if words.len() > 1 && matches!(words[0].as_str(), "math" | "calc") {
        words.remove(0);
    }
    if let Some(first) = words.first_mut().filter(|first| *first == "eval") {
        *first = "evaluate".into();
    }
    if let [only] = words.as_slice()
        && base_verb(only).is_some_and(|verb| !NOUNS.contains(&verb))
    {
        return if matches!(only.as_str(), "search" | "find" | "query") { "search".into() } else { format!("{only} {OF_WHAT}") };
    }
    match words.split_first() {
        // "log_search" searches, and logs nothing.
        Some((head, [.., last]))
            if (NOUNS.contains(&head.as_str()) || head == "return") && base_verb(last).is_some_and(|verb| !NOUNS.contains(&verb)) =>
        {
            verb_last(&words)
        }
        Some((head, rest)) if base_verb(head).is_some() => format!("{head} {}", with_article(&rest.join(" "))).trim().to_owned(),
        _ if words.last().is_some_and(|w| base_verb(w).is_some_and(|verb| !NOUNS.contains(&verb))) => verb_last(&words),
        // What stands before the verb may say how: `fuzzy_search_icons` is asked for in other words than `search_icons`.
        _ => match words.iter().position(|w| base_verb(w).is_some() && !NOUNS.contains(&w.as_str())) {
            Some(at) => {
                let how = words[..at].iter().find(|w| MANNERS.contains(&w.as_str())).map_or(String::new(), |how| format!(" ({how})"));
                format!("{} {}{how}", words[at], with_article(&words[at + 1..].join(" "))).trim().to_owned()
            }
            None => format!("work out {}", with_article(&words.join(" "))),
        },
    }
}

/// What a name says whose last word is the verb: `catalog_search` searches catalogs.
fn verb_last(words: &[String]) -> String {
    let (verb, things) = (words[words.len() - 1].as_str(), words[..words.len() - 1].join(" "));
    let many = matches!(verb, "search" | "list" | "find" | "filter") && !things.ends_with('s') && !things.is_empty();
    format!("{verb} {}", with_article(&if many { format!("{things}s") } else { things }))
}

pub(super) fn base_verb(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let stems = [
        word.clone(),
        word.trim_end_matches('s').to_owned(),
        word.trim_end_matches("es").to_owned(),
        word.trim_end_matches("ing").to_owned(),
        word.replace("ing", "e"),
    ];
    VERBS.iter().find(|verb| stems.iter().any(|s| s == *verb)).copied()
}

fn with_article(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default().to_lowercase();
    let has = matches!(
        first.as_str(),
        "the"
            | "a"
            | "an"
            | "all"
            | "any"
            | "each"
            | "every"
            | "whether"
            | "if"
            | "how"
            | "what"
            | "which"
            | "your"
            | "its"
            | "one"
            | "up"
            | "available"
    );
    if has || text.is_empty() || first.ends_with('s') && !first.ends_with("ss") && !first.ends_with("us") {
        text.to_owned()
    } else {
        format!("the {text}")
    }
}

/// A text that begins in lower case, unless with an acronym.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        // An acronym keeps its capitals, and so do Miller-Rabin and Wilson.
        _ if is_named(text) => text.to_owned(),
        (Some(a), Some(b)) if a.is_uppercase() && !b.is_uppercase() => a.to_lowercase().chain(text.chars().skip(1)).collect(),
        _ => text.to_owned(),
    }
}

/// Whether the first word of a text is somebody's name, as far as its own letters tell.
fn is_named(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    first.ends_with("'s")
        || first.split_once('-').is_some_and(|(_, second)| second.starts_with(char::is_uppercase) && !first.ends_with(char::is_uppercase))
}

/// A word of a description without the spelling of code: `order_id` as `order ID`.
fn plain_word(word: &str) -> String {
    let core = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    // `T_n` is a term of a formula.
    let term = core.split('_').all(|part| part.chars().count() <= 1);
    let code = core.contains('_') && !term && core.chars().all(|c| c.is_alphanumeric() || c == '_');
    if code { word.replace(core, &phrase(core)) } else { word.to_owned() }
}
