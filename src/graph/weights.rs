//! The weights of the evidence, and what makes an edge.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::graph::evidence::{self, Evidence, KINDS, KINDS_OF};

/// As fitted by `firefly graph measure --fit`; the file says on what.
const FITTED: &str = include_str!("weights.toml");

static CURRENT: LazyLock<Weights> = LazyLock::new(|| Weights::parse(FITTED).expect("src/graph/weights.toml is checked by a test"));

/// A logistic model of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Least prior of an edge; a pair below it is none.
    pub low: f64,
    /// Least prior of tier medium.
    pub medium: f64,
    /// Least prior of tier high.
    pub high: f64,
    /// Log-odds without any evidence.
    pub bias: f64,
    /// Log-odds that a model's verdict adds or takes away. Set by hand: small models judge badly.
    pub judge: f64,
    /// Log-odds of each kind of evidence.
    pub weight: std::collections::BTreeMap<String, f64>,
}

impl Weights {
    /// The weights in force.
    pub fn current() -> &'static Weights {
        &CURRENT
    }

    /// Reads a weights file.
    pub fn parse(text: &str) -> Result<Weights, String> {
        let weights: Weights = toml::from_str(text).map_err(|e| e.to_string())?;
        match KINDS.iter().find(|kind| !weights.weight.contains_key(**kind)) {
            Some(missing) => Err(format!("no weight of `{missing}`")),
            None => Ok(weights),
        }
    }

    /// The weights in the order of [`KINDS`].
    pub fn vector(&self) -> [f64; KINDS_OF] {
        KINDS.map(|kind| self.weight.get(kind).copied().unwrap_or(0.0))
    }

    /// The tier of a score.
    pub fn tier(&self, score: f64) -> &'static str {
        match score {
            s if s >= self.high => "high",
            s if s >= self.medium => "medium",
            _ => "low",
        }
    }

    /// Changes with everything that decides on edges: weights, words, and the code that looks at them.
    pub fn version(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        [super::lexicon::FREQUENCIES].into_iter().chain(RULES).for_each(|part| text.push_str(part));
        format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()))
    }
}

/// What decides on edges besides the weights.
const RULES: [&str; 5] = [
    include_str!("evidence.rs"),
    include_str!("lexicon.rs"),
    include_str!("search.rs"),
    include_str!("side.rs"),
    include_str!("../names.rs"),
];

/// A model ready to score.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    bias: f64,
    vector: [f64; KINDS_OF],
}

impl Model {
    /// With weights in the order of [`KINDS`].
    pub fn new(bias: f64, vector: [f64; KINDS_OF]) -> Model {
        Model { bias, vector }
    }

    /// Of `weights`.
    pub fn of(weights: &Weights) -> Model {
        Model { bias: weights.bias, vector: weights.vector() }
    }

    /// How likely a value flows, by the evidence: 0 to 1.
    pub fn prior(&self, evidence: &Evidence) -> f64 {
        logistic(self.log_odds(&evidence.values))
    }

    /// More than [`Model::prior`] can be where the evidence by the parameter's description stands at its most.
    pub fn most(&self, evidence: &Evidence) -> f64 {
        let spare = (-self.vector[evidence::PARAMETER]).max(0.0);
        logistic(self.log_odds(&evidence.values) + spare) + 1e-6
    }

    /// The same as log-odds.
    pub fn log_odds(&self, values: &[f32; KINDS_OF]) -> f64 {
        self.bias + self.vector.iter().zip(values).map(|(w, v)| w * f64::from(*v)).sum::<f64>()
    }
}

/// From a probability to log-odds.
pub fn log_odds(p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    (p / (1.0 - p)).ln()
}

/// From log-odds to a probability.
pub fn logistic(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}
