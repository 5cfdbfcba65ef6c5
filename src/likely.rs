//! What numbers are in the world: values that are drawn lie within it, and calls with numbers that nobody would give are no gold.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::names::{split, words};

#[derive(Deserialize)]
struct Table {
    range: Vec<Range>,
}

/// What numbers called something are.
#[derive(Debug, Deserialize)]
pub struct Range {
    words: Vec<String>,
    #[serde(default)]
    of: Vec<String>,
    /// Least that is drawn.
    pub low: f64,
    /// Largest that is drawn.
    pub high: f64,
    least: Option<f64>,
    most: Option<f64>,
    /// Whether they have no decimals.
    #[serde(default)]
    pub whole: bool,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("ranges.toml")).expect("ranges.toml is well-formed"));

/// What numbers called `name` are where a tool takes them; none where nothing is known of them.
pub fn range(name: &str, (server, tool): (&str, &str)) -> Option<&'static Range> {
    let own = words(name);
    let about = |range: &Range| range.of.is_empty() || split(server).into_iter().chain(split(tool)).any(|word| range.of.contains(&word));
    TABLE.range.iter().find(|range| range.words.iter().all(|word| own.contains(word)) && about(range))
}

/// Whether nobody would give the number `value` for what is called `name`: a page 1.5, a patient of 600 kg.
pub fn is_unlikely(name: &str, of: (&str, &str), value: &Value) -> bool {
    let Some(number) = value.as_f64() else { return false };
    range(name, of).is_some_and(|range| {
        range.least.is_some_and(|least| number < least)
            || range.most.is_some_and(|most| number > most)
            || range.whole && number.fract() != 0.0
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_judged_by_what_they_are_called_and_by_whom() {
        let clinic = ("clinical-calc", "bsa");
        assert!(is_unlikely("weight_kg", clinic, &json!(636)) && !is_unlikely("weight_kg", clinic, &json!(71.5)));
        assert!(!is_unlikely("weight_kg", ("freight", "quote"), &json!(636)));
        assert!(is_unlikely("weightKg", ("aerospace", "landing_performance"), &json!(57)));
        assert!(is_unlikely("page", clinic, &json!(1.5)) && !is_unlikely("page", clinic, &json!("one")));
        assert!(!is_unlikely("anything", clinic, &json!(1e9)));
    }

    #[test]
    fn what_is_drawn_is_likely() {
        for range in &TABLE.range {
            let within = range.least.is_none_or(|least| least <= range.low) && range.most.is_none_or(|most| most >= range.high);
            assert!(within && range.low < range.high, "{range:?}");
        }
    }
}
