//! Units of numbers: "5.2 kg" where the schema says kg, and what is the same in a unit ten or a thousand times as large.

use crate::reward::number::Decimal;

/// A unit: what it measures, the power of ten that one of it is of the base unit, its symbols, and its names without the plural's
/// s. Only what nobody can take for something else, and only powers of ten: those keep a decimal exact.
struct Unit(&'static str, i64, &'static [&'static str], &'static [&'static str]);

const UNITS: [Unit; 23] = [
    Unit("length", -3, &["mm"], &["millimetre", "millimeter"]),
    Unit("length", -2, &["cm"], &["centimetre", "centimeter"]),
    Unit("length", 0, &["m"], &["metre", "meter"]),
    Unit("length", 3, &["km"], &["kilometre", "kilometer"]),
    Unit("mass", -3, &["mg"], &["milligram"]),
    Unit("mass", 0, &["g"], &["gram"]),
    Unit("mass", 3, &["kg"], &["kilogram"]),
    Unit("volume", -3, &["ml", "mL"], &["millilitre", "milliliter"]),
    Unit("volume", 0, &["l", "L"], &["litre", "liter"]),
    Unit("frequency", 0, &["Hz"], &["hertz"]),
    Unit("frequency", 3, &["kHz"], &["kilohertz"]),
    Unit("frequency", 6, &["MHz"], &["megahertz"]),
    Unit("time", -3, &["ms"], &["millisecond"]),
    Unit("time", 0, &["s", "sec"], &["second"]),
    Unit("minutes", 0, &["min"], &["minute"]),
    Unit("hours", 0, &["h", "hr"], &["hour"]),
    Unit("days", 0, &["d"], &["day"]),
    Unit("share", 0, &["%"], &["percent", "per cent"]),
    Unit("celsius", 0, &["°C", "℃", "C"], &["degrees celsius", "degree celsius", "celsius"]),
    Unit("fahrenheit", 0, &["°F", "℉", "F"], &["degrees fahrenheit", "degree fahrenheit", "fahrenheit"]),
    Unit("dollars", 0, &["$", "USD"], &["us dollar"]),
    Unit("euros", 0, &["€", "EUR"], &["euro"]),
    Unit("pounds", 0, &["£", "GBP"], &["pound sterling"]),
];

impl Unit {
    /// `text` without this unit at its end, or before it where that is a sign of money.
    fn taken_from<'t>(&self, text: &'t str) -> Option<&'t str> {
        let symbol = self.2.iter().filter_map(|symbol| stripped(text, symbol)).min_by_key(|rest| rest.len());
        let plural = text.strip_suffix(['s', 'S']);
        let named = |name: &&str| [Some(text), plural].into_iter().flatten().find_map(|text| stripped_word(text, name));
        symbol.or_else(|| self.3.iter().find_map(named)).or_else(|| self.2.iter().find_map(|symbol| prefixed(text, symbol)))
    }

    fn is(&self, name: &str) -> bool {
        self.2.contains(&name) || self.3.iter().any(|n| name.to_lowercase().trim_end_matches('s') == n.trim_end_matches('s'))
    }
}

fn stripped<'t>(text: &'t str, symbol: &str) -> Option<&'t str> {
    text.strip_suffix(symbol)
}

fn stripped_word<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let at = text.len().checked_sub(name.len())?;
    let end = text.get(at..)?;
    end.eq_ignore_ascii_case(name).then(|| &text[..at])
}

fn prefixed<'t>(text: &'t str, symbol: &str) -> Option<&'t str> {
    matches!(symbol, "$" | "€" | "£").then(|| text.strip_prefix(symbol)).flatten()
}

/// The number in `text`, in the unit `declared`, with that unit written or not. Another unit, or any where none is declared,
/// makes it no number.
pub fn number(text: &str, declared: Option<&str>) -> Option<Decimal> {
    let text = text.trim();
    if let Some(number) = Decimal::parse(text) {
        return Some(number);
    }
    let declared = declared.map(str::trim).filter(|unit| !unit.is_empty())?;
    let Some(wanted) = UNITS.iter().find(|unit| unit.is(declared)) else {
        let word = declared.chars().count() > 3;
        return Decimal::parse(if word { stripped_word(text, declared) } else { stripped(text, declared) }?);
    };
    let (sign, size) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    // Of "km" and "m", both of which end "5 km", the one that leaves a number.
    let mut kin = UNITS.iter().filter(|unit| unit.0 == wanted.0);
    let read = |unit: &Unit| Some(Decimal::parse(&format!("{sign}{}", unit.taken_from(size)?.trim()))?.shifted(unit.1 - wanted.1));
    kin.find_map(read)
}
