//! Calls that do with fewer arguments: where it was seen that a call gives the same without an option, it is told without it.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::json::{members, parse};
use crate::lake::Session;
use crate::sql;
use crate::task::about::says_what;
use crate::task::nobody::AMOUNTS;

#[derive(Deserialize)]
struct Row {
    server: String,
    tool: String,
    arguments: String,
    result_hash: Option<String>,
    state_key: String,
    is_error: bool,
}

/// Arguments that were seen to do, with their text.
type Enough = (Map<String, Value>, String);

/// What was seen to give the same with fewer arguments, by server, tool, result and state.
#[derive(Debug, Default)]
pub struct Spare(HashMap<(String, String, String, String), Vec<Enough>>);

impl Spare {
    /// All that the lake knows.
    pub fn load(session: &Session) -> Result<Spare> {
        let rows: Vec<Row> = session.rows(sql::get("stages/spare.sql"))?;
        let mut all: HashMap<_, Vec<Enough>> = HashMap::new();
        for row in rows.into_iter().filter(|row| !row.is_error) {
            let Some(hash) = row.result_hash else { continue };
            let key = (row.server, row.tool, hash, row.state_key);
            all.entry(key).or_default().push((members(&parse(&row.arguments)), row.arguments));
        }
        Ok(Spare(all))
    }

    /// The fewest of `arguments` that were seen to give the same in the same state; none where all are needed.
    pub fn enough(&self, of: (&str, &str), arguments: &Map<String, Value>, result: &str, state: &str) -> Option<Enough> {
        let key = (of.0.to_owned(), of.1.to_owned(), result.to_owned(), state.to_owned());
        // What is to be done is told, also where it would be done anyway, and so is of what an amount is.
        let told = |fewer: &Map<String, Value>| {
            let amount = AMOUNTS.iter().any(|name| fewer.get(*name).is_some_and(Value::is_number));
            let needed = |name: &str| says_what(name, of.1) || amount && matches!(name, "unit" | "units");
            arguments.keys().all(|name| !needed(name) || fewer.contains_key(name))
        };
        let part = |(fewer, _): &&Enough| {
            fewer.len() < arguments.len()
                && told(fewer)
                && fewer.iter().all(|(name, value)| arguments.get(name).is_some_and(|other| other == value))
        };
        self.0.get(&key)?.iter().filter(part).min_by_key(|(fewer, text)| (fewer.len(), text.clone())).cloned()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_fewest_arguments_that_give_the_same_are_enough() {
        let seen = |value: Value| (members(&value), value.to_string());
        let key = ["s", "t", "h", "k"].map(str::to_owned);
        let [server, tool, hash, state] = key;
        let spare = Spare(HashMap::from([(
            (server, tool, hash, state),
            vec![seen(json!({"a": 1, "b": 2})), seen(json!({"a": 1})), seen(json!({"a": 2})), seen(json!({"amount": 3}))],
        )]));
        let enough = |given: Value, hash: &str| spare.enough(("s", "t"), &members(&given), hash, "k").map(|(_, text)| text);
        assert_eq!(enough(json!({"a": 1, "b": 2, "c": 3}), "h"), Some(r#"{"a":1}"#.into()));
        assert_eq!(enough(json!({"a": 1, "unit": "days"}), "h"), Some(r#"{"a":1}"#.into()));
        assert_eq!(enough(json!({"amount": 3, "unit": "days"}), "h"), None);
        assert_eq!(enough(json!({"a": 1, "amount": 4, "unit": "days"}), "h"), Some(r#"{"a":1}"#.into()));
        assert_eq!(enough(json!({"a": 1}), "h"), None);
        assert_eq!(enough(json!({"a": 3, "b": 1}), "h"), None);
        assert_eq!(enough(json!({"a": 1, "b": 2}), "other"), None);
    }
}
