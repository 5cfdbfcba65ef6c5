//! Which values of a result are worth asking for.

use crate::derive::{self, LAST_NUMBER};
use crate::fields::{behind_data_key, is_aside};
use crate::json::{Leaf, places_in, scalar_text};
use crate::names;
use crate::task::ask::{Asked, Derived, Known};
use crate::task::clause::base_verb;
use crate::task::lines;
use crate::task::source::Call;
use serde_json::Value;

/// Values that say nothing.
const DULL: [&str; 19] = [
    "0",
    "1",
    "none",
    "null",
    "n/a",
    "unknown",
    "-",
    "success",
    "ok",
    "error",
    "failed",
    "not_found",
    "empty",
    "done",
    "healthy",
    "operational",
    "active",
    "notimplemented",
    "nan",
];
/// Words in names of fields that serve programs.
const INNER: [&str; 24] = [
    "index",
    "idx",
    "hash",
    "checksum",
    "etag",
    "idempotency",
    "cursor",
    "uuid",
    "sha",
    "guid",
    "hostname",
    "uptime",
    "pid",
    "elapsed",
    "latency",
    "took",
    "cache",
    "uri",
    "permissions",
    "version",
    "engine",
    "backend",
    "mode",
    "mime",
];
/// Folder of a server's own files.
const HOME: &str = "/firefly/home";
/// Longest text that is asked for, in characters.
pub const LONGEST: usize = 80;
/// Words of a text that is still a value, and no prose.
const WORDS: usize = 8;

/// The scalars of `call` that can be a label: steady, short, not given in the question, and not to be had from an earlier call.
pub fn worthy(call: &Call, known: &Known<'_>) -> Vec<Leaf> {
    let plain = |leaf: &&Leaf| {
        let text = leaf.text();
        let indices = leaf.pointer.split('/').filter_map(|s| s.parse::<usize>().ok()).collect::<Vec<_>>();
        let short =
            !text.trim().is_empty() && text.chars().count() <= LONGEST && !text.contains(|c: char| c.is_control() || c == '\u{FFFD}');
        // A text cut off by the server is no answer anybody would give.
        let cut = text.ends_with("...") || text.ends_with('…');
        let formula = leaf.value.is_string() && is_formula(&text);
        let wordy = leaf.value.is_string() && text.split_whitespace().count() > WORDS && !formula;
        // What stands behind a label is asked for, not both.
        let prose = lines::is_prose(&leaf.pattern) && leaf.value.is_string();
        let labelled = prose && (text.contains("**") || text.starts_with('[') || leaf.pointer.is_empty() && text.contains(": "));
        // "5 mi = 8 km" says the question again.
        let equated = || text.split_once(" = ").is_some_and(|(left, _)| known.restates(left));
        let restated = leaf.value.is_string() && (known.has_parts(&text) || known.restates(&text) || equated());
        // What lies in a server's own home is nobody else's.
        let same = formula && says_again(call, &text);
        let bare = text.trim() == text && !same && !wordy && !labelled && !is_report(&text) && !restated && !text.starts_with(HOME);
        short
            && !is_dull(&text)
            && !cut
            && bare
            && indices.len() <= 2
            && places_in(call.result(), &leaf.pointer) <= 1
            && indices.iter().all(|i| *i < 5)
            && leaf.pointer.matches('/').count() <= 6
    };
    call.leaves()
        .iter()
        .filter(plain)
        .filter(|leaf| !is_of_protocol(call, leaf))
        .filter(|leaf| {
            !is_inner(leaf.key(), &call.tool)
                && !call.echoes(leaf)
                && !call.rescales(leaf)
                && !is_entry(call, leaf)
                && !is_of_schema(call, leaf)
        })
        // How large a file came out that was just written, nobody asks.
        .filter(|leaf| call.about.reads && !makes(call) || !names::split(leaf.key()).iter().any(|w| w == "size" || w == "bytes"))
        .filter(|leaf| !is_aside(&leaf.pattern) && !behind_data_key(call.result(), &leaf.pointer))
        // Of a sentence, the number is asked for.
        .filter(|leaf| !says_number(leaf))
        // A bare text is prose unless it is as short as a value.
        .filter(|leaf| {
            let text = leaf.text();
            !(leaf.pointer.is_empty() && leaf.value.is_string() && text.split_whitespace().count() > 4 && !is_formula(&text))
        })
        .filter(|leaf| !call.about.worthless.contains(&leaf.pattern) && !call.about.worthless.contains(&leaf.pointer))
        .filter(|leaf| !known.has(&leaf.text()))
        .filter(|leaf| !leaf.value.is_string() || !known.says_all_of(&leaf.text(), || call.name_words()))
        .cloned()
        .collect()
}

/// Whether a text is an expression, though it has spaces: `x**2 + 30*x - 2079`, `{-sqrt(21), sqrt(21)}`.
fn is_formula(text: &str) -> bool {
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
fn says_again(call: &Call, text: &str) -> bool {
    let tokens = |text: &str| -> Vec<String> {
        let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').filter(|part| !part.is_empty());
        // 33.0 is 33.
        parts.map(|part| part.parse::<f64>().map_or_else(|_| part.to_lowercase(), |number| number.to_string())).collect()
    };
    let given: Vec<String> = call.arguments.values().flat_map(|value| tokens(&scalar_text(value))).collect();
    let names = call.name_words();
    tokens(text).iter().all(|token| given.contains(token) || names.contains(token))
}

/// Whether a tool says that it makes a file or the like.
fn makes(call: &Call) -> bool {
    const MAKING: [&str; 6] = ["generate", "create", "render", "export", "write", "convert"];
    let first = call.about.description.split_whitespace().next().map(str::to_lowercase);
    first.is_some_and(|first| MAKING.contains(&first.trim_end_matches('s')))
}

/// Whether a tool is about its server and nothing in the world: `get_server_info`, `debug`.
pub fn is_about_itself(call: &Call) -> bool {
    // What the protocol does is said where the description speaks of schemas.
    call.about.description.contains("output schema") || is_own_business(&call.server, &call.tool)
}

/// Whether the name of a tool speaks of nothing but what servers are and have.
fn is_own_business(server: &str, tool: &str) -> bool {
    const SELF: [&str; 30] = [
        "get",
        "list",
        "show",
        "check",
        "view",
        "mcp",
        "server",
        "info",
        "information",
        "version",
        "health",
        "status",
        "debug",
        "about",
        "help",
        "features",
        "capabilities",
        "ping",
        "menu",
        "tools",
        "config",
        "configuration",
        "allowed",
        "guide",
        "documentation",
        "docs",
        "system",
        "disk",
        "usage",
        "metrics",
    ];
    const LOOKS: [&str; 5] = ["get", "list", "show", "check", "view"];
    let server = names::split(server);
    // What a server's tools all begin with says nothing of the one.
    let shared = |(at, word): &(usize, String)| server.get(*at) == Some(word);
    let own: Vec<String> = names::split(tool).into_iter().enumerate().skip_while(shared).map(|(_, word)| word).collect();
    let tools = own.iter().any(|word| word == "tools");
    // A switch is flipped, and nothing is asked.
    if own.first().is_some_and(|word| word == "toggle") {
        return true;
    }
    let about = |word: &String| {
        SELF.contains(&word.as_str())
            || word == "directories" && own.iter().any(|w| w == "allowed")
            || tools && (word == "search" || server.contains(word))
    };
    own.iter().all(about) && own.iter().any(|word| !LOOKS.contains(&word.as_str()))
}

/// Whether a value says nothing, or only that all went well.
pub fn is_dull(text: &str) -> bool {
    let lower = text.to_lowercase();
    DULL.contains(&lower.as_str()) || lower.contains("success")
}

/// Whether a scalar is part of a JSON Schema, which says something of other values.
fn is_of_schema(call: &Call, leaf: &Leaf) -> bool {
    let mut at = call.result();
    leaf.pointer.split('/').skip(1).any(|step| {
        let schema = at.get("$schema").is_some() || at.get("type").is_some_and(|kind| kind == "object");
        let within = schema && matches!(step, "properties" | "definitions" | "$defs");
        at = step.parse::<usize>().ok().and_then(|i| at.get(i)).or_else(|| at.get(step)).unwrap_or(&Value::Null);
        within
    })
}

/// Members of one kind in an object that is rather a list.
const MANY: usize = 12;

/// Whether a scalar stands among so many texts that their names are rather data: the id of a product by its name.
fn is_entry(call: &Call, leaf: &Leaf) -> bool {
    let parent = leaf.pointer.rsplit_once('/').and_then(|(parent, _)| call.result().pointer(parent)).and_then(Value::as_object);
    let named = |name: &String| name.contains(' ') || name.starts_with(char::is_uppercase);
    parent.is_some_and(|members| {
        members.len() >= MANY
            && members.values().all(Value::is_string)
            && 2 * members.keys().filter(|name| named(name)).count() > members.len()
    })
}

/// Whether a scalar belongs to how results are passed on and not to what they say: behind a name that begins with an underscore, or the
/// type, the text or the media type of a content block.
fn is_of_protocol(call: &Call, leaf: &Leaf) -> bool {
    const BLOCKS: [&str; 5] = ["text", "image", "audio", "resource", "resource_link"];
    let is_block = |block: &Value| {
        block["type"].as_str().is_some_and(|kind| BLOCKS.contains(&kind))
            && ["text", "data", "resource", "uri"].iter().any(|name| block.get(name).is_some())
    };
    let parent = leaf.pointer.rsplit_once('/').and_then(|(parent, _)| call.result().pointer(parent));
    // A message of a conversation says what the result says anyway.
    let message = parent.is_some_and(|parent| parent.get("role").is_some_and(|role| role == "tool"));
    let block = parent.filter(|block| is_block(block));
    // What names the tool tells of the call.
    let inner = parent.filter(|_| leaf.pointer.matches('/').count() > 1);
    let of_call = inner.and_then(Value::as_object).is_some_and(|members| members.values().any(|v| v.as_str() == Some(call.tool.as_str())));
    // Of several blocks, those of text are their texts.
    let between = leaf.pattern == "/*" && call.result().as_array().is_some_and(|blocks| blocks.iter().any(is_block));
    // Where a server has it from.
    let behind = leaf.pattern.rsplit_once('/').is_some_and(|(parents, _)| parents.split('/').any(|step| step == "source"));
    behind
        || message
        || leaf.pattern.split('/').any(|step| step.starts_with('_'))
        || between
        || of_call
        || block.is_some() && matches!(leaf.key(), "type" | "text" | "mimeType" | "data")
}

/// Whether a field has no name that a person would ask by: a single letter, or a word for programs where the tool is about something
/// else. Who has a hash made wants the hash.
pub fn is_inner(name: &str, tool: &str) -> bool {
    let about = names::split(tool);
    let own = names::split(name);
    // Where a library has what it says from.
    let origin = own.contains(&"source".to_owned()) && own.contains(&"file".to_owned());
    origin || name.chars().count() == 1 || own.iter().any(|w| INNER.contains(&w.as_str()) && !about.contains(w))
}

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
fn says_number(leaf: &Leaf) -> bool {
    let Some(text) = leaf.value.as_str().filter(|t| t.len() <= 120 && !t.contains('\n') && t.contains(' ')) else { return false };
    let Some(number) = derive::last_number(text).filter(|_| !leaf.pattern.contains('*') && lines::is_prose(&leaf.pattern)) else {
        return false;
    };
    let body = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let lead = body.trim_end_matches(|c: char| c.is_ascii_digit() || "+-.eE".contains(c));
    // "N:51.7" is the last of several.
    let apart = lead.ends_with(|c: char| c.is_whitespace() || c == '=');
    let closes = apart && body[lead.len()..].parse::<f64>().is_ok_and(|n| n == number) && text.len() - body.len() <= 4;
    let lead = lead.trim_end().trim_end_matches('*');
    closes && ["is", "=", "equals", ":"].iter().any(|word| lead.ends_with(word))
}

/// Whether a value says no more than true or false, as JSON or in a word.
pub fn is_yes_or_no(value: &Value) -> bool {
    let word = |text: &str| matches!(text.trim().to_lowercase().as_str(), "true" | "false" | "yes" | "no");
    value.is_boolean() || value.as_str().is_some_and(word)
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

    #[test]
    fn a_sentence_says_a_number_that_closes_it() {
        let says = |text: &str| says_number(&Leaf { pointer: String::new(), pattern: String::new(), value: text.into() });
        assert!(says("The sum of 2 and 3 is 5.") && says("Sum: 19") && says("**Determinant:** -25") && says("a + b = -1.5e3"));
        for text in ["globe at: W:-0.5, S:51.3, E:0.3, N:51.7000", "5", "Line 3", "2024-05-06", "number 6", "größer als: ü7"] {
            assert!(!says(text), "{text}");
        }
    }

    #[test]
    fn tools_about_their_server_are_told_by_their_names() {
        let about = [("x", "get_server_info"), ("system-monitor", "get-system-info"), ("fast-filesystem", "fast_get_disk_usage")];
        let more = [("n8n", "tools_documentation"), ("aerospace", "search_aerospace_tools"), ("git", "git_help")];
        assert!(about.iter().chain(&more).all(|(server, tool)| is_own_business(server, tool)));
        let others = [("weather", "get_weather"), ("todo", "list"), ("primevue", "search"), ("orders", "get_order_status"), ("git", "git")];
        assert!(others.iter().all(|(server, tool)| !is_own_business(server, tool)));
    }

    #[test]
    fn yes_and_no_are_told_from_other_words() {
        assert!(["True", "no", " yes "].iter().all(|text| is_yes_or_no(&Value::from(*text))) && is_yes_or_no(&Value::Bool(true)));
        assert!(!is_yes_or_no(&Value::from("none")) && !is_yes_or_no(&Value::from(1)));
    }
}
