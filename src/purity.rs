//! Whether calls of a tool leave the state of its server as it is, as far as its name and its claims tell. Results
//! that do not repeat say more than either.

use serde_json::Value;

use crate::names;

const WRITING: [&str; 64] = [
    "create", "update", "delete", "add", "set", "remove", "save", "write", "send", "cancel", "modify", "insert", "append", "edit", "move",
    "copy", "rename", "reset", "flag", "release", "upsert", "merge", "commit", "init", "import", "load", "register", "book", "place",
    "request", "return", "exchange", "transfer", "file", "assign", "start", "stop", "clear", "execute", "run", "apply", "checkout", "pull",
    "push", "stage", "install", "enable", "disable", "close", "open", "step", "record", "destroy", "capture", "moderate", "issue",
    "complete", "archive", "restore", "store", "put", "post", "patch", "define",
];

const READING: [&str; 31] = [
    "get",
    "list",
    "search",
    "find",
    "read",
    "show",
    "describe",
    "count",
    "calculate",
    "compute",
    "convert",
    "compare",
    "validate",
    "check",
    "parse",
    "format",
    "encode",
    "decode",
    "analyze",
    "estimate",
    "lookup",
    "query",
    "view",
    "inspect",
    "explain",
    "summarize",
    "solve",
    "evaluate",
    "suggest",
    "recommend",
    "status",
];

/// Whether `tool` is taken to read only, and why, from its name and the hints it gives.
pub fn judge(tool: &str, annotations: &Value) -> (bool, &'static str) {
    let words = names::split(tool);
    let first = |verbs: &[&str]| words.iter().position(|word| verbs.contains(&word.as_str()));
    let (writes_at, reads_at) = (first(&WRITING), first(&READING));
    let claims = |hint: &str| annotations.get(hint).and_then(Value::as_bool);
    let claims_to_read = claims("readOnlyHint");
    // A name is believed before a claim: servers say readOnlyHint of tools that create things.
    match (writes_at, reads_at) {
        (Some(writes), reads) if reads.is_none_or(|reads| writes < reads) => (false, "its name has a writing verb"),
        (_, Some(_)) => (true, "its name has a reading verb"),
        _ if claims("destructiveHint") == Some(true) && claims_to_read != Some(true) => (false, "it claims to destroy"),
        _ => match claims_to_read {
            Some(reads) => (reads, "it claims so"),
            None => (true, "nothing says that it writes; results that do not repeat would show it"),
        },
    }
}
