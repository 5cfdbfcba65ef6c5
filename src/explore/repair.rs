//! What an error text offers: "must be one of 'a', 'b'", "Supported units: m, km", "expected one of …".

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::json::scalar_text;

/// Values that `error` offers, by the argument it complains about: the one it names, else the one whose
/// value it repeats, else the only text there is.
pub fn offered(error: &str, arguments: &Map<String, Value>) -> BTreeMap<String, Vec<Value>> {
    let options = if wants_number(error) { vec![Value::from("7")] } else { options(error) };
    let texts: Vec<&String> = arguments.iter().filter(|(_, v)| v.is_string() && scalar_text(v).len() > 1).map(|(name, _)| name).collect();
    let quoted = |name: &String| {
        let value = scalar_text(&arguments[name]);
        error.contains(&format!("'{value}'")) || error.contains(&format!("\"{value}\"")) || error.contains(&format!(": {value}"))
    };
    let meant = arguments
        .keys()
        .find(|name| name.len() > 2 && error.contains(name.as_str()))
        .or_else(|| texts.iter().copied().find(|name| quoted(name)))
        .or_else(|| texts.first().copied().filter(|_| texts.len() == 1));
    match meant {
        Some(name) if !options.is_empty() => BTreeMap::from([(name.clone(), options)]),
        _ => BTreeMap::new(),
    }
}

/// Whether the error says that a text should have been a number.
fn wants_number(error: &str) -> bool {
    ["invalid literal for int()", "could not convert string to float", "must be a number", "must be an integer"]
        .iter()
        .any(|told| error.contains(told))
}

fn options(error: &str) -> Vec<Value> {
    static LIST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(?:one of|should be|must be|supported[\w ]*|valid[\w ]*(?:are)?|available[\w ]*|allowed[\w ]*|options|choose from|known[\w ]*)\s*:?\s*[\[(]?\s*([^\n\]\[]{3,300})")
            .expect("a fixed pattern")
    });
    static ITEM: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#"^["'`]?([A-Za-z0-9][\w.+/#°%-]{0,40})["'`]?\.?$"#).expect("a fixed pattern"));
    for found in LIST.captures_iter(error) {
        let parts = found[1].split([',', '|', ';']).flat_map(|p| p.split(" or ")).flat_map(|p| p.split(" and "));
        let items: Vec<Value> = parts.filter_map(|p| ITEM.captures(p.trim()).map(|c| Value::from(&c[1]))).collect();
        if items.len() >= 2 {
            return items;
        }
    }
    Vec::new()
}
