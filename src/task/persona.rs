//! Who asks: how requests begin, go on and end.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// How somebody asks.
#[derive(Debug, Clone, Deserialize)]
pub struct Persona {
    /// What a request begins with; some are empty.
    pub opening: Vec<String>,
    /// What leads to a step that takes up something found before.
    pub next: Vec<String>,
    /// What leads to a step of its own.
    pub also: Vec<String>,
    /// What leads to what is wanted.
    pub asking: Vec<String>,
}

static PERSONAS: LazyLock<BTreeMap<String, Persona>> =
    LazyLock::new(|| toml::from_str(include_str!("../../prompts/personas.toml")).expect("a test reads it"));

/// The persona that asks where none is named.
pub const DEFAULT: &str = "neutral";

/// Names of all personas.
pub fn names() -> impl Iterator<Item = &'static str> {
    PERSONAS.keys().map(String::as_str)
}

/// The persona called `name`.
pub fn get(name: &str) -> Option<&'static Persona> {
    PERSONAS.get(name)
}
