//! Numbers, compared as the decimals that are written: 9007199254740993 is not 9007199254740992.

use serde_json::Value;

use crate::json::scalar_text;
use crate::reward::{TOLERANCE, unit};

/// Most digits of a number, and largest exponent; beyond that nobody counts.
const MOST: i64 = 400;

/// A decimal number: `digits × 10^exponent`, with no zeros at either end of `digits`; equal numbers are equal values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a number as people and programs write it: with a sign (also U+2212), thousands in groups of three, a fraction, an
    /// exponent. Nothing else may stand in `text`, and neither infinity nor NaN is a number.
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, small(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = ungrouped(whole)? + fraction;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() as i64 <= MOST;
        plain.then(|| Decimal::normal(negative, &digits, exponent - fraction.len() as i64))
    }

    fn normal(negative: bool, digits: &str, exponent: i64) -> Decimal {
        let digits = digits.trim_start_matches('0');
        let short = digits.trim_end_matches('0');
        match short.is_empty() {
            true => Decimal { negative: false, digits: String::new(), exponent: 0 },
            false => Decimal { negative, digits: short.to_owned(), exponent: exponent + (digits.len() - short.len()) as i64 },
        }
    }

    /// The number times a power of ten.
    pub fn shifted(self, power: i64) -> Decimal {
        let exponent = if self.digits.is_empty() { 0 } else { self.exponent + power };
        Decimal { exponent, ..self }
    }

    fn whole(&self) -> bool {
        self.exponent >= 0
    }

    /// The nearest floating-point number; none where it is infinite.
    fn float(&self) -> Option<f64> {
        let sign = if self.negative { "-" } else { "" };
        let digits = if self.digits.is_empty() { "0" } else { &self.digits };
        format!("{sign}{digits}e{}", self.exponent).parse().ok().filter(|f: &f64| f.is_finite())
    }
}

fn small(exponent: &str) -> Option<i64> {
    exponent.replace('\u{2212}', "-").parse().ok().filter(|e: &i64| e.abs() <= MOST)
}

/// The digits of a whole number, without separators where those stand between groups of three. An apostrophe or a plain space
/// is none: it might stand between two numbers.
fn ungrouped(text: &str) -> Option<String> {
    let Some(separator) = text.chars().find(|c| matches!(c, ',' | '_' | '\u{a0}' | '\u{202f}' | '\u{2009}')) else {
        return Some(text.to_owned());
    };
    let mut groups = text.split(separator);
    let first = groups.next().filter(|g| (1..=3).contains(&g.len()))?;
    let rest: Vec<&str> = groups.collect();
    rest.iter().all(|g| g.len() == 3).then(|| format!("{first}{}", rest.concat()))
}

/// Whether `got` is the number `want`, as nearly as `schema` asks and in its unit. Whole numbers are counts or amounts: where
/// no tolerance is named they are right or wrong, never nearly right.
pub fn same(got: &Value, want: &Value, schema: &Value) -> bool {
    let text = match got {
        Value::Number(_) => scalar_text(got),
        Value::String(text) => text.clone(),
        _ => return false,
    };
    let unit = schema.get("x-unit").and_then(Value::as_str);
    let (Some(got), Some(want)) = (unit::number(&text, unit), Decimal::parse(&scalar_text(want))) else { return false };
    if got == want {
        return true;
    }
    let (Some(a), Some(b)) = (got.float(), want.float()) else { return false };
    let near = allowed(schema, &want, b.abs());
    near > 0.0 && (a - b).abs() <= near
}

/// How far from `want`, whose size is `size`, an answer may be.
fn allowed(schema: &Value, want: &Decimal, size: f64) -> f64 {
    let Some(declared) = schema.get("x-tolerance").filter(|t| t.is_object()) else {
        return if want.whole() { 0.0 } else { TOLERANCE * size };
    };
    let told = |name: &str| declared.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    (told("relative") * size).max(told("absolute"))
}
