//! Secrets in what servers and traces say: tokens and keys that are known by their form are masked.
//!
//! The rules are those of the `secretscan` crate, the ones of high severity and those for JWTs and Google keys: forms
//! that only a credential has. Rules for anything that is called a password would mask data.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use secretscan::patterns::{Severity, rules};
use serde_json::Value;

struct Rule {
    name: &'static str,
    pattern: &'static Regex,
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let chosen = |name: &str, severity| severity >= Severity::High || matches!(name, "JWT Token" | "Google API Key");
    let mut chosen: Vec<_> =
        rules().iter().filter(|r| chosen(r.name, r.severity)).map(|r| Rule { name: r.name, pattern: &r.regex }).collect();
    // Whole blocks before their first lines.
    chosen.sort_by_key(|r| (!r.name.starts_with("Multi-line"), r.name));
    chosen
});

static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = RULES.iter().map(|r| r.pattern.as_str());
    regex::RegexSetBuilder::new(patterns)
        .size_limit(256 << 20)
        .dfa_size_limit(64 << 20)
        .build()
        .expect("rules that compile one by one compile together")
});

/// Makes the rules ready, which takes a while, so that the first text does not have to wait for it.
pub fn prepare() {
    LazyLock::force(&ANY);
}

/// What a masked secret begins with; the name of its rule and `]` follow.
pub const MASK: &str = "[secret: ";

/// `text` with every secret masked, and how many there were; none where there is nothing to mask.
pub fn text(text: &str) -> Option<(String, u64)> {
    // Whether any rule holds is found much faster than which ones do, and nearly always none does.
    if !ANY.is_match(text) {
        return None;
    }
    let hits = ANY.matches(text).into_iter();
    let (mut out, mut count) = (text.to_owned(), 0);
    for rule in hits.map(|index| &RULES[index]) {
        let masked = rule.pattern.replace_all(&out, |_: &regex::Captures<'_>| {
            count += 1;
            format!("{MASK}{}]", rule.name)
        });
        out = masked.into_owned();
    }
    (count > 0).then_some((out, count))
}

/// Masks every secret in the texts of `value`; how many there were.
pub fn value(value: &mut Value) -> u64 {
    match value {
        Value::String(own) => text(own).map_or(0, |(masked, count)| {
            *own = masked;
            count
        }),
        Value::Array(items) => items.iter_mut().map(self::value).sum(),
        Value::Object(members) => {
            let mut count: u64 = members.values_mut().map(self::value).sum();
            if members.keys().any(|name| ANY.is_match(name)) {
                let clean = std::mem::take(members).into_iter().map(|(name, member)| {
                    let (name, hits) = text(&name).unwrap_or((name, 0));
                    count += hits;
                    (name, member)
                });
                *members = clean.collect();
            }
            count
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_are_masked_and_data_is_not() {
        let token = format!("ghp_{}", "a1B2".repeat(9));
        let mut found = json!({"note": format!("use {token} for it"), "list": [format!("AKIA{}", "Q7".repeat(8))], "id": "6f1b-4c"});
        assert_eq!(value(&mut found), 2);
        assert_eq!(found, json!({"note": "use [secret: GitHub Token] for it", "list": ["[secret: AWS Access Key ID]"], "id": "6f1b-4c"}));
        for data in ["password: hunter2 is in the story", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "SKU-1234", "sk-learn", "key-value"] {
            assert_eq!(text(data), None, "{data}");
        }
    }

    #[test]
    fn a_key_block_is_masked_whole() {
        let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";
        assert_eq!(text(&format!("x {block} y")).map(|(t, _)| t).as_deref(), Some("x [secret: Multi-line Private Key] y"));
    }
}
