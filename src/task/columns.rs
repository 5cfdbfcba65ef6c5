//! What a call's own arguments call what it gives: the columns of rows that come without names, and what is worked out.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::json::Leaf;
use crate::task::clause::base_verb;
use crate::task::source::Call;
use crate::task::wording::phrase;

/// What the value at `leaf` is called by what was given to the call; none where that says nothing of it.
pub fn called(call: &Call, leaf: &Leaf) -> Option<String> {
    column(call, leaf).or_else(|| measure(call, leaf))
}

/// The `mean` of a call with the operation “mean”, where it gives one value.
fn measure(call: &Call, leaf: &Leaf) -> Option<String> {
    const NAMES: [&str; 6] = ["operation", "statistic", "measure", "metric", "property", "quantity"];
    let only = matches!(leaf.pointer.as_str(), "" | "/result" | "/value");
    let (_, value) = call.arguments.iter().find(|(name, _)| only && NAMES.contains(&name.as_str()))?;
    let word = value.as_str().filter(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))?;
    base_verb(word.split('_').next().unwrap_or_default()).is_none().then(|| phrase(word))
}

/// What the value at `leaf` is called where it stands in a row without names and the call was given a query that names its columns: the
/// `total` of `SELECT sum(amount) AS total FROM …`.
fn column(call: &Call, leaf: &Leaf) -> Option<String> {
    let (row, place) = leaf.pointer.rsplit_once('/')?;
    let cells = call.result().pointer(row)?.as_array()?;
    let queries = call.arguments.values().filter_map(Value::as_str).filter_map(names);
    let names = queries.into_iter().find(|names| names.len() == cells.len())?;
    let name = names.get(place.parse::<usize>().ok()?)?.as_deref()?;
    Some(phrase(name))
}

/// The names that a query gives its columns; none where it is no query.
fn names(query: &str) -> Option<Vec<Option<String>>> {
    static ALIAS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"(?i)(?:^|\sAS\s+)"?([a-z_][a-z0-9_]*)"?\s*$"#).expect("a fixed pattern"));
    let list = query.trim_start().get(..7).filter(|head| head.eq_ignore_ascii_case("select ")).and(query.trim_start().get(7..))?;
    let mut depth = 0;
    let mut items = vec![String::new()];
    for (at, c) in list.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            ' ' if depth == 0 && list.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(" from ")) => break,
            _ => {}
        }
        items.last_mut()?.push(c);
    }
    Some(items.iter().map(|item| ALIAS.captures(item.trim()).map(|found| found[1].to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_its_columns() {
        let query = "SELECT count(*) AS orders, round(sum(amount), 2) AS \"total\", city, max(x) FROM (SELECT 1 AS amount, 2 AS x)";
        let named: Vec<Option<&str>> = vec![Some("orders"), Some("total"), Some("city"), None];
        assert_eq!(names(query).expect("a query").iter().map(Option::as_deref).collect::<Vec<_>>(), named);
        assert!(names("Oslo").is_none() && names("").is_none() && names("größere").is_none());
    }
}
