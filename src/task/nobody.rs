//! Calls that nobody would make.

use serde_json::Value;

use crate::fields::is_made_up;
use crate::json::Leaf;
use crate::likely::{is_misplaced, is_unlikely};
use crate::mcp::VIRTUAL_ROOT;
use crate::names;
use crate::task::about::MOST_DEFAULTS;
use crate::task::absurd::is_absurd;
use crate::task::ask::given;
use crate::task::clause::OF_WHAT;
use crate::task::source::Call;

/// Whether a call goes from something to the very same: a folder is no copy of itself.
fn leads_nowhere(call: &Call) -> bool {
    const ENDS: [(&str, &str); 6] =
        [("source", "target"), ("source", "destination"), ("src", "dst"), ("start", "end"), ("from", "to"), ("before", "after")];
    let other = |name: &str, text: &Value| {
        let ends = ENDS.iter().filter(|(first, _)| names::split(name).iter().any(|word| word == first));
        ends.into_iter().any(|(first, last)| call.arguments.get(&name.replacen(first, last, 1)).is_some_and(|value| value == text))
    };
    call.arguments.iter().any(|(name, value)| value.is_string() && other(name, value))
}

/// Whether nobody would make a call like this: a value is made up, a number not of this world, a place elsewhere, something is not to be
/// done at all or nobody says what, a thing is of a kind and nothing else, or programs talk to programs.
pub fn is_nobodys(call: &Call) -> bool {
    const INNER: [&str; 6] = ["state_key", "session_id", "request_id", "idempotency_key", "chunk_size", "continuation_token"];
    let nobodys = |leaf: &Leaf| {
        // What a letter is, the name before it says: sales by corporation A.
        let name = if leaf.key().chars().count() > 2 { leaf.key() } else { outer_key(&leaf.pattern).unwrap_or(leaf.key()) };
        is_made_up(name, &leaf.value)
            || is_unlikely(name, (&call.server, &call.tool), &leaf.value)
            || outer_key(&leaf.pattern).is_some_and(|outer| is_unlikely(outer, (&call.server, &call.tool), &leaf.value))
            || is_numbers(name, &leaf.value)
            || is_scratch(name, &leaf.value)
            || is_no_file(name, &leaf.value)
            || is_measured_path(name, &leaf.value)
            || leaf.value.as_str().is_some_and(|text| text.contains("old:new"))
            || is_persons(name, &leaf.value)
            || is_persons(&call.tool, &leaf.value)
            || name == "confirm" && leaf.value == false
            || INNER.contains(&name)
    };
    // A chart of nothing, a list of things that are not said.
    let bare = |item: &Value| {
        item.as_object().is_some_and(|members| members.is_empty() || members.len() == 1 && members.contains_key("type"))
            || item.as_array().is_some_and(Vec::is_empty)
    };
    let empty = |argument: &Value| {
        argument.as_object().is_some_and(serde_json::Map::is_empty)
            || argument.as_array().is_some_and(|items| items.is_empty() || items.iter().any(bare))
    };
    given(call, &[]).iter().any(nobodys)
        || call.arguments.values().any(empty)
        || call.about.deeds.iter().any(|deed| !call.arguments.contains_key(deed))
        || leads_nowhere(call)
        || is_misplaced(&call.arguments)
        || failed_in_part(call)
        || lacks_json(call)
        || outlasts(call)
        || call.about.lower.starts_with("demonstrate")
        || finds_others(call)
        || sought(call).any(|text| is_no_search(text, &call.about.description))
        || lacks_unit(call)
        || has_no_end(call)
        || draws_by_chance(call)
        || says_no_deed(call)
        || is_of_nothing(call.result())
        || walks_a_file(call)
        || is_absurd(call)
        || says_little(call)
        || is_elsewhere(call)
}

/// The key before the last one of a pattern.
fn outer_key(pattern: &str) -> Option<&str> {
    pattern.rsplit('/').skip(1).find(|key| !key.is_empty() && *key != "*")
}

/// Whether a call that changes or stores something says of what only, and not what it is to be: an update of a case to nothing new.
fn says_little(call: &Call) -> bool {
    const CHANGES: [&str; 5] = ["update", "edit", "modify", "patch", "amend"];
    const STORES: [&str; 5] = ["put", "store", "write", "save", "upload"];
    const CONTENT: [&str; 7] = ["content", "body", "data", "text", "value", "size", "file"];
    let words = names::split(&call.tool);
    let verb = |verbs: &[&str]| !call.about.reads && words.iter().any(|word| verbs.contains(&word.as_str()));
    let only_required = call.arguments.keys().all(|name| call.about.required.contains(name));
    let identifies = |name: &String| names::split(name).last().is_some_and(|word| matches!(word.as_str(), "id" | "key" | "name" | "path"));
    let more = call.about.takes_more_than(call.arguments.len());
    let nothing_new = verb(&CHANGES) && more && !call.arguments.is_empty() && only_required && call.arguments.keys().all(identifies);
    let has = |name: &str| call.arguments.keys().any(|own| names::split(own).iter().any(|word| word == name));
    let nothing_stored = verb(&STORES) && CONTENT.iter().any(|name| call.about.takes(name)) && !CONTENT.iter().any(|name| has(name));
    nothing_new || nothing_stored
}

/// Whether a list of paths has some outside of the folder that is given for all of them.
fn is_elsewhere(call: &Call) -> bool {
    let root = |(name, value): (&String, &Value)| {
        let folder = matches!(name.as_str(), "repo_root" | "path" | "root" | "project" | "project_path" | "repo_path" | "directory");
        value.as_str().filter(|text| folder && text.starts_with(VIRTUAL_ROOT)).map(|text| text.trim_end_matches('/').to_owned())
    };
    let Some(root) = call.arguments.iter().find_map(root) else { return false };
    let listed = call.arguments.values().filter_map(Value::as_array).flatten().filter_map(Value::as_str);
    listed.into_iter().any(|path| path.starts_with(VIRTUAL_ROOT) && !path.starts_with(&format!("{root}/")))
}

/// Whether a person's name stands for what is no person: a trigonometric identity called “Emmy Noether”.
fn is_persons(name: &str, value: &Value) -> bool {
    const PERSONS: [&str; 6] = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Mary Somerville", "Emmy Noether", "Niels Abel"];
    const NO_PERSON: [&str; 10] = ["identity", "component", "icon", "symbol", "node", "sheet", "column", "table", "template", "unit"];
    value.as_str().is_some_and(|text| PERSONS.contains(&text)) && names::words(name).iter().any(|word| NO_PERSON.contains(&word.as_str()))
}

/// Whether it is not said what is to be done: nothing is given to “convert what is given”, one of several things is listed and not which,
/// something is searched for and not what, or the n-th root is taken of no n.
fn says_no_deed(call: &Call) -> bool {
    let clause = call.clause();
    let chosen = || call.arguments.keys().any(|name| call.about.listed.contains(name));
    let one_of = clause.contains(", or ") && !call.about.listed.is_empty() && !chosen();
    let searches = names::split(&call.tool).first().is_some_and(|word| word == "search");
    let of_nothing = searches && call.arguments.len() == 1 && chosen();
    let given = |name: &str| call.arguments.keys().any(|own| names::split(own).iter().any(|word| word == name));
    let nth = clause.contains("n-th") && !given("n") && !given("index");
    let incline = clause.contains("inclined") && !given("angle");
    // A graph is drawn, and not of what; a text is measured, and not in which font.
    let only_deed = !call.about.deeds.is_empty() && call.arguments.len() == 1 && clause.starts_with("do ");
    let measures = names::split(&call.tool).iter().any(|word| word == "measure" || word == "width");
    let font = measures && call.about.takes("font") && !given("font");
    only_deed
        || font
        || call.defaults().count() > MOST_DEFAULTS
        || call.arguments.is_empty() && clause.ends_with(OF_WHAT)
        || one_of
        || of_nothing
        || nth
        || incline
}

/// Whether a text says of several things that there are none: the statistics of no text.
fn is_of_nothing(result: &Value) -> bool {
    const SEVERAL: usize = 4;
    let numbers = |text: &str| -> Vec<bool> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '.').filter(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        parts.map(|part| part.trim_end_matches('.').parse::<f64>() == Ok(0.0)).collect()
    };
    result.as_str().map(numbers).is_some_and(|zero| zero.len() >= SEVERAL && zero.iter().all(|zero| *zero))
}

/// Whether a folder stands for a file: one of the files that were changed.
fn is_no_file(name: &str, value: &Value) -> bool {
    let file = names::split(name).last().is_some_and(|word| matches!(word.as_str(), "file" | "files"));
    let folder = |text: &str| {
        let last = text.rsplit('/').next().unwrap_or_default();
        // `Makefile` and `LICENSE` are files.
        text.starts_with(VIRTUAL_ROOT) && !last.contains('.') && !last.starts_with(char::is_uppercase)
    };
    file && value.as_str().is_some_and(folder)
}

/// Whether a path of the world that is explored is taken for a text: how wide it is, and what it hashes to, says where that world lies.
fn is_measured_path(name: &str, value: &Value) -> bool {
    const TEXTS: [&str; 8] = ["text", "message", "string", "input", "value", "body", "markdown", "html"];
    TEXTS.contains(&name) && value.as_str().is_some_and(|text| text.contains(VIRTUAL_ROOT))
}

/// Whether the tree of a file is asked for, which has none.
fn walks_a_file(call: &Call) -> bool {
    let walks = names::split(&call.tool).iter().any(|word| matches!(word.as_str(), "tree" | "directory" | "folder"));
    let file = |text: &str| !text.contains(' ') && text.rsplit('/').next().is_some_and(|last| !last.starts_with('.') && last.contains('.'));
    let place = |name: &str| matches!(name, "path" | "directory" | "folder" | "dir" | "root");
    walks && call.arguments.iter().any(|(name, value)| place(name) && value.as_str().is_some_and(file))
}

/// Whether a tool says that it draws by chance, and no seed is given: asked again, it gives something else, whether or not it was seen to.
fn draws_by_chance(call: &Call) -> bool {
    let says = names::split(&call.about.description).iter().any(|word| matches!(word.as_str(), "random" | "randomly"));
    says && !call.arguments.keys().any(|name| name.to_lowercase().contains("seed"))
}

/// Whether a range begins somewhere and ends nowhere, though the tool would take the end.
fn has_no_end(call: &Call) -> bool {
    let given = |name: &str| call.arguments.contains_key(name);
    given("start") && ["stop", "end"].iter().any(|end| call.about.takes(end) && !given(end)) && call.arguments.len() == 1
}

/// Parameters whose number is of something.
pub const AMOUNTS: [&str; 3] = ["amount", "quantity", "duration"];

/// Whether an amount is given and not of what, though the tool would take its unit: 3 are added to a day.
fn lacks_unit(call: &Call) -> bool {
    let given = |name: &str| call.arguments.contains_key(name);
    let amount = AMOUNTS.iter().any(|name| call.arguments.get(*name).is_some_and(Value::is_number));
    amount && ["unit", "units"].iter().any(|unit| call.about.takes(unit) && !given(unit))
}

/// Whether a file is one that a server made for a moment, or is to hold nothing but a path of the world that is explored.
fn is_scratch(name: &str, value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let file = text.rsplit('/').next().unwrap_or_default();
        text.starts_with('/') && (file.ends_with(".tmp") || file.contains(".tmp."))
            || name == "content" && text.strip_prefix(VIRTUAL_ROOT).is_some_and(|rest| rest.starts_with('/'))
    })
}

/// Whether several numbers are given as a text for what is not called by anything that has some: a relative called “8, 9, 8”.
fn is_numbers(name: &str, value: &Value) -> bool {
    const OF_SOME: [&str; 22] = [
        "number",
        "value",
        "data",
        "list",
        "sequence",
        "arg",
        "set",
        "coefficient",
        "vector",
        "matrix",
        "point",
        "text",
        "series",
        "item",
        "element",
        "term",
        "lhs",
        "rhs",
        "expression",
        "array",
        "input",
        "content",
    ];
    let plural = |word: &String| word.trim_end_matches('s').to_owned();
    let numbers = |text: &str| text.contains(',') && text.split(',').all(|part| part.trim().parse::<f64>().is_ok());
    value.as_str().is_some_and(numbers) && !names::split(name).iter().map(plural).any(|word| OF_SOME.contains(&word.as_str()))
}

/// What a call searches for.
fn sought(call: &Call) -> impl Iterator<Item = &str> {
    const ASKED: [&str; 6] = ["query", "search", "keyword", "search_term", "term", "q"];
    call.arguments.iter().filter(|(name, _)| ASKED.contains(&name.to_lowercase().as_str())).filter_map(|(_, value)| value.as_str())
}

/// Whether a text is a statement or a pattern, and a tool that says nothing of such is asked to search for it: documents about
/// “SELECT 1”, icons of “TODO|FIXME”.
fn is_no_search(text: &str, description: &str) -> bool {
    const OF_CODE: [&str; 11] =
        ["regex", "regular expression", "pattern", "code", "function", "symbol", "sql", "database", "log", "file", "expression"];
    let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
    let statement = matches!(first.as_str(), "select" | "insert" | "update" | "delete" | "with") && text.split_whitespace().count() >= 4;
    let pattern = !text.contains(' ') && text.contains(['|', '_', '{', '\\', '=', ';']);
    // What it is for, it says first.
    let description = description.split(['.', '\n']).next().unwrap_or_default().to_lowercase();
    (statement || pattern) && !OF_CODE.iter().any(|word| description.contains(word))
}

/// Whether a search for a word or two found nothing that has any of them: icons of flowers for the name of a mathematician.
fn finds_others(call: &Call) -> bool {
    const MOST_WORDS: usize = 3;
    let short = |text: &str| {
        let text = text.to_lowercase();
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let plain = words.iter().all(|word| word.chars().all(char::is_alphanumeric) && word.chars().count() >= 3);
        (plain && !words.is_empty() && words.len() <= MOST_WORDS).then_some((text, words))
    };
    sought(call).filter_map(short).any(|(text, words)| {
        let stem = |word: &String| word.trim_end_matches('s').to_owned();
        let has = |said: &str| words.iter().any(|word| said.contains(&stem(word)));
        !call.leaves().iter().map(|leaf| leaf.text().to_lowercase()).filter(|said| *said != text).any(|said| has(&said))
    })
}

/// Whether something is dated after the end that is given for all: a movement of the year after.
fn outlasts(call: &Call) -> bool {
    let day = |leaf: &Leaf| leaf.value.as_str().and_then(|text| chrono::NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok());
    let all = given(call, &[]);
    let ends = |leaf: &&Leaf| leaf.pointer.matches('/').count() == 1 && names::split(leaf.key()).iter().any(|word| word == "end");
    let Some(end) = all.iter().filter(ends).find_map(day) else { return false };
    all.iter().filter_map(day).any(|other| other > end)
}

/// Whether a text is given where the tool says that it takes JSON of that name: "validates the JSON content".
fn lacks_json(call: &Call) -> bool {
    call.arguments.iter().any(|(name, value)| {
        call.about.lower.contains(&format!("json {}", name.to_lowercase()))
            && value.as_str().is_some_and(|text| !text.trim_start().starts_with(['{', '[']) && !text.contains(['/', '.']))
    })
}

/// Whether a result says of one of several things that it failed, or why all of it did: `{"path": "/a", "error": "is a directory"}`,
/// `{"reason": "Max steps exceeded"}`.
fn failed_in_part(call: &Call) -> bool {
    const FAILS: [&str; 5] = ["unsupported", "not supported", "steps exceeded", "must start with", "must contain"];
    let why = |leaf: &Leaf| matches!(leaf.key(), "error" | "reason" | "note" | "warning");
    let failed = |text: &str| {
        let text = text.to_lowercase();
        FAILS.iter().any(|said| text.contains(said))
    };
    call.leaves().iter().any(|leaf| {
        let part = leaf.key() == "error" && leaf.pattern.contains('*');
        leaf.value.as_str().is_some_and(|text| text.contains(' ') && (part || why(leaf) && failed(text)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_moment_are_nobodys() {
        assert!(is_scratch("path", &"/firefly/data/a.tmp.179".into()) && is_scratch("content", &"/firefly/data/b.json".into()));
        assert!(!is_scratch("path", &"/firefly/data/tmp/a.txt".into()) && !is_scratch("content", &"see a.tmp".into()));
    }

    #[test]
    fn a_statement_is_searched_for_where_there_is_code() {
        assert!(is_no_search("SELECT count(*) AS n FROM t", "Searches components.") && is_no_search("TODO|FIXME", "Fuzzy search of icons"));
        assert!(
            !is_no_search("SELECT count(*) AS n FROM t", "Execute a query on the database") && !is_no_search("user_id", "Searches code")
        );
        assert!(!is_no_search("with a view", "Searches hotels") && !is_no_search("aria-label", "Searches components."));
    }

    #[test]
    fn names_are_told_from_what_they_stand_for() {
        assert_eq!(outer_key("/sales_by_corp/a"), Some("sales_by_corp"));
        assert!(is_persons("identity_name", &"Emmy Noether".into()) && !is_persons("author_name", &"Emmy Noether".into()));
    }

    #[test]
    fn what_is_said_of_nothing_is_nobodys() {
        assert!(is_of_nothing(&"Characters: 0 (without spaces: 0)\nLines: 0\nAverage: 0.0 characters\n(~0 min)".into()));
        assert!(!is_of_nothing(&"Errors: 0\nWarnings: 0\nHints: 0\nFiles: 12".into()) && !is_of_nothing(&"0 of 0".into()));
    }

    #[test]
    fn a_folder_is_no_file() {
        let at = |rest: &str| Value::from(format!("{VIRTUAL_ROOT}/{rest}"));
        assert!(is_no_file("changed_files", &at("data/code-health")) && !is_no_file("changed_files", &at("data/Makefile")));
        assert!(!is_no_file("file", &at("data/a.py")) && !is_no_file("path", &at("data")) && !is_no_file("file", &"main".into()));
    }

    #[test]
    fn several_numbers_are_no_name() {
        assert!(is_numbers("a", &"8, 9, 8".into()) && is_numbers("on", &"5,5".into()));
        assert!(!is_numbers("values", &"8, 9, 8".into()) && !is_numbers("a", &"8".into()) && !is_numbers("a", &"8, b".into()));
    }
}
