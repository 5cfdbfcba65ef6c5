//! Values that must not reach the lake, a log or an error.

use std::sync::{LazyLock, Mutex, PoisonError};

use regex::Regex;
use serde_json::Value;

use crate::mcp::config::Launch;
use crate::mcp::process;
use crate::mcp::{ServerConfig, World};

/// What stands in the place of a secret.
const MASK: &str = "***";
/// Shortest text that is masked; shorter ones would take ordinary words with them.
const SHORTEST: usize = 4;

/// The secrets of one server's launch recipe.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Secrets of `config`: all that `${VAR}` stood for except paths, the values of headers, and the values
    /// of environment variables that are called like a secret.
    pub fn of(config: &ServerConfig, launch: &Launch, lookup: &dyn Fn(&str) -> Option<String>) -> Secrets {
        static SECRETIVE: LazyLock<Regex> =
            LazyLock::new(|| Regex::new("(?i)key|token|secret|passw|auth|credential|cookie").expect("a fixed pattern"));
        let used = Mutex::new(Vec::new());
        let spy = |name: &str| {
            let value = lookup(name);
            used.lock().unwrap_or_else(PoisonError::into_inner).extend(value.clone());
            value
        };
        // The recipe was expanded before: what fails now failed then.
        let _ = config.expand(&spy);
        let mut all = used.into_inner().unwrap_or_else(PoisonError::into_inner);
        match launch {
            Launch::Stdio { env, .. } => all.extend(env.iter().filter(|(name, _)| SECRETIVE.is_match(name)).map(|(_, v)| v.clone())),
            Launch::Http { headers, .. } => {
                all.extend(headers.values().flat_map(|v| [v.clone(), v.rsplit(' ').next().unwrap_or_default().to_owned()]))
            }
        }
        all.retain(|secret| secret.len() >= SHORTEST && !secret.starts_with('/'));
        // What package runners need of the caller's environment says where things are on this machine.
        all.extend(process::inherited());
        // The longest first, so that no part of one stays.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Secrets(all)
    }

    /// `text` without secrets and with virtual paths.
    pub fn clean(&self, world: &World, text: &str) -> String {
        let text = world.text_to_virtual(text);
        self.0.iter().fold(text, |text, secret| text.replace(secret.as_str(), MASK))
    }

    /// Takes the secrets out of every text in `value`, and writes virtual paths.
    pub fn clean_value(&self, world: &World, value: &mut Value) {
        world.to_virtual(value);
        if !self.0.is_empty() {
            self.mask(value);
        }
    }

    fn mask(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                for secret in &self.0 {
                    if text.contains(secret.as_str()) {
                        *text = text.replace(secret.as_str(), MASK);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.mask(member)),
            _ => {}
        }
    }
}

/// `text` of a launch recipe with literal credentials masked: bearer tokens, `key=…`, and the user part of
/// an address.
pub fn mask_literals(text: &str) -> String {
    static LITERAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)(bearer\s+|basic\s+|(?:api[_-]?key|token|secret|password)[=:]\s*)([^\s$&]+)|(://)[^/@\s]+@")
            .expect("a fixed pattern")
    });
    LITERAL
        .replace_all(text, |found: &regex::Captures<'_>| match (found.get(1), found.get(3)) {
            (Some(lead), _) => format!("{}{MASK}", lead.as_str()),
            (None, _) => format!("://{MASK}@"),
        })
        .into_owned()
}
