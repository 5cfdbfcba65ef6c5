//! Units: those that names end with, and those that a description says.

use std::sync::LazyLock;

use regex::Regex;

use crate::names;
use crate::task::wording::phrase;

/// Units that names end with, as a person writes them.
const UNITS: [(&str, &str); 41] = [
    ("seconds", "s"),
    ("degrees", "degrees"),
    ("radians", "radians"),
    ("grams", "g"),
    ("meters", "m"),
    ("kilometers", "km"),
    ("kg", "kg"),
    ("m", "m"),
    ("km", "km"),
    ("nm", "nautical miles"),
    ("ft", "ft"),
    ("deg", "degrees"),
    ("rad", "radians"),
    ("s", "s"),
    ("sec", "s"),
    ("ms", "ms"),
    ("minutes", "minutes"),
    ("hours", "hours"),
    ("hr", "hours"),
    ("kts", "knots"),
    ("kt", "knots"),
    ("mps", "m/s"),
    ("kmh", "km/h"),
    ("pa", "Pa"),
    ("hpa", "hPa"),
    ("kpa", "kPa"),
    ("pct", "%"),
    ("percent", "%"),
    ("usd", "US dollars"),
    ("eur", "euros"),
    ("hz", "Hz"),
    ("ml", "ml"),
    ("mg", "mg"),
    ("mm", "mm"),
    ("cm", "cm"),
    ("m2", "m²"),
    ("mm2", "mm²"),
    ("kb", "KB"),
    ("mb", "MB"),
    ("gsm", "g/m²"),
    ("bytes", "bytes"),
];

/// What is measured by the time, and the times, as names have them: `rate_ml_hr`.
const RATES: [(&str, &str); 11] = [
    ("rad", "rad"),
    ("ml", "ml"),
    ("l", "l"),
    ("gtt", "drops"),
    ("mg", "mg"),
    ("mcg", "µg"),
    ("g", "g"),
    ("kg", "kg"),
    ("km", "km"),
    ("m", "m"),
    ("ft", "ft"),
];
const TIMES: [(&str, &str); 9] = [
    ("hr", "hour"),
    ("h", "hour"),
    ("hour", "hour"),
    ("min", "minute"),
    ("minute", "minute"),
    ("s", "second"),
    ("sec", "second"),
    ("second", "second"),
    ("day", "day"),
];

/// A name that ends in a unit, as the words before it and the unit: `mass_kg` as `mass` and `kg`, `rate_ml_hr` as `rate` and
/// `ml per hour`.
pub fn unit_of(name: &str) -> Option<(String, String)> {
    let words = names::split(name);
    let called = |table: &[(&str, &'static str)], word: &str| table.iter().find(|(short, _)| *short == word).map(|(_, unit)| *unit);
    // `velocity_rad_per_sec`
    let short: Vec<String> = words.iter().filter(|word| *word != "per").cloned().collect();
    let rate = if words.len() > 3 && words[words.len() - 2] == "per" { &short } else { &words };
    if let [rest @ .., what, time] = rate.as_slice()
        && let (Some(what), Some(time)) = (called(&RATES, what), called(&TIMES, time))
    {
        return (!rest.is_empty()).then(|| (phrase(&rest.join("_")), format!("{what} per {time}")));
    }
    // What a letter or a short word at the end means, the word before it says.
    let unit = match words.iter().map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit())).collect::<Vec<_>>().as_slice() {
        [before @ .., "ms"]
            if before.iter().any(|word| matches!(*word, "v" | "velocity" | "speed"))
                && !before.iter().any(|word| matches!(*word, "index" | "test" | "time" | "duration")) =>
        {
            Some("m/s")
        }
        [.., "time" | "duration" | "period", "h"] => Some("hours"),
        [.., "thrust" | "force" | "weight" | "lift" | "drag", "n"] => Some("N"),
        [.., "period" | "duration" | "age" | "interval", "days"] => Some("days"),
        [.., "temperature" | "temp", "c"] => Some("°C"),
        [.., "temperature" | "temp", "f"] => Some("°F"),
        [.., "temperature" | "temp", "k"] => Some("K"),
        [.., "time" | "duration" | "interval" | "period" | "delay" | "timeout", "min"] => Some("minutes"),
        _ => None,
    };
    if let Some(unit) = unit {
        return Some((phrase(&words[..words.len() - 1].join("_")), unit.to_owned()));
    }
    // The time to 95 percent is no percentage.
    if let [.., number, "percent" | "pct"] = words.iter().map(String::as_str).collect::<Vec<_>>().as_slice()
        && number.parse::<f64>().is_ok()
    {
        return None;
    }
    // The tangent of degrees is in none.
    if let [.., function, _] = words.as_slice()
        && matches!(function.as_str(), "sin" | "cos" | "tan" | "cot" | "sec" | "csc" | "sine" | "cosine" | "tangent")
    {
        return None;
    }
    let (last, rest) = words.split_last()?;
    // "size_in_bytes" says itself that the last is the unit.
    let rest = rest.strip_suffix(&["in".to_owned()]).unwrap_or(rest);
    (!rest.is_empty()).then(|| Some((phrase(&rest.join("_")), called(&UNITS, last)?.to_owned())))?
}

/// The unit that a name ends with, as a person writes it.
pub fn unit_symbol(name: &str) -> Option<String> {
    unit_of(name).map(|(_, unit)| unit)
}

/// Units as descriptions write them, and as a person does; what is longer comes first.
const WRITTEN: [(&str, &str); 44] = [
    (r"kilograms? per cubic met(?:er|re)s?|kg/m(?:³|\^?3)", "kg/m³"),
    (r"met(?:er|re)s? per second squared|m/s(?:²|\^?2)", "m/s²"),
    (r"met(?:er|re)s? per second|m/s", "m/s"),
    (r"radians? per second squared|rad/s(?:²|\^?2)", "rad/s²"),
    (r"radians? per second|rad/s", "rad/s"),
    (r"newtons? per met(?:er|re)|N/m", "N/m"),
    (r"newton[- ]met(?:er|re)s?|N[·⋅*]m", "N·m"),
    (r"newton[- ]seconds?|N[·⋅*]s", "N·s"),
    (r"kg[·⋅*]m(?:²|\^?2)/s", "kg·m²/s"),
    (r"kg[·⋅*]m(?:²|\^?2)", "kg·m²"),
    (r"kg[·⋅*]m/s", "kg·m/s"),
    (r"pascal[- ]seconds?|Pa[·⋅*]s", "Pa·s"),
    (r"square met(?:er|re)s?|m(?:²|\^2)", "m²"),
    (r"cubic met(?:er|re)s?|m(?:³|\^3)", "m³"),
    (r"kilograms?|kg", "kg"),
    (r"milligrams?|mg", "mg"),
    (r"grams?", "g"),
    (r"kilomet(?:er|re)s?|km", "km"),
    (r"centimet(?:er|re)s?|cm", "cm"),
    (r"millimet(?:er|re)s?|mm", "mm"),
    (r"met(?:er|re)s?|m", "m"),
    (r"milliseconds?|ms", "ms"),
    (r"seconds?|s", "s"),
    (r"minutes?", "minutes"),
    (r"hours?", "hours"),
    (r"days?", "days"),
    (r"[Nn]ewtons?|N", "N"),
    (r"kilojoules?|kJ", "kJ"),
    (r"[Jj]oules?|J", "J"),
    (r"kilowatts?|kW", "kW"),
    (r"[Ww]atts?|W", "W"),
    (r"kilopascals?|kPa", "kPa"),
    (r"[Pp]ascals?|Pa", "Pa"),
    (r"[Hh]ertz|Hz", "Hz"),
    (r"radians?|rad", "radians"),
    (r"degrees? [Cc]elsius|°C", "°C"),
    (r"degrees? [Ff]ahrenheit|°F", "°F"),
    (r"[Kk]elvins?|K", "K"),
    (r"(?:decimal )?degrees?", "degrees"),
    (r"percent|%", "%"),
    (r"millilit(?:er|re)s?|mL|ml", "ml"),
    (r"lit(?:er|re)s?|L", "l"),
    (r"knots?|kts?", "knots"),
    (r"원", "won"),
];

/// The one unit that a text says something is in, as a person writes it: `Object mass in kilograms`, `Speed if dropped (m/s)`. None where
/// it says several, or one of a choice; a letter alone in brackets is rather a symbol.
pub fn unit_said(text: &str) -> Option<&'static str> {
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        let all: Vec<String> = WRITTEN.iter().map(|(written, _)| format!("({written})")).collect();
        let all = all.join("|");
        Regex::new(&format!(r"(?P<how>(?:^|\s|\()in |[\s\p{{L}}][(\[](?:[^()\[\]]{{0,12}}, )?)(?:{all})(?P<end>$|[\s.;:,)\]])"))
            .expect("a fixed pattern")
    });
    let of = |found: regex::Captures<'_>| {
        let (at, written) = WRITTEN.iter().enumerate().find_map(|(at, (_, unit))| found.get(at + 2).map(|m| (*unit, m.as_str())))?;
        let bracket = !found["how"].ends_with("in ");
        let symbol = bracket && written.chars().count() == 1 && written.is_ascii();
        let goes_on = bracket && !matches!(&found["end"], ")" | "]");
        let after = &text[found.get(0).map_or(0, |m| m.end())..];
        let choice = ["or ", "and ", "per "].iter().any(|joint| after.trim_start().starts_with(joint));
        (!symbol && !goes_on && !choice).then_some(at)
    };
    let mut units: Vec<&str> = SAID.captures_iter(text).filter_map(of).collect();
    units.dedup();
    let choice = [" or degrees", " or radians", " or %", ", or "].iter().any(|joint| text.contains(joint));
    if choice || units.len() != 1 { None } else { units.pop() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_say_units() {
        for (text, unit) in [
            ("Object mass in kilograms", Some("kg")),
            ("Speed if dropped from that height (m/s)", Some("m/s")),
            ("Gravitational acceleration in m/s² (default 9.81 for Earth)", Some("m/s²")),
            ("PE in Joules", Some("J")),
            ("Angle in radians or degrees", None),
            ("Position vectors [[x,y,z], ...] in meters (or JSON string)", Some("m")),
            ("일급(원)", Some("won")),
            ("시가(단가, 원)", Some("won")),
            ("Angle in degrees (0 = horizontal)", Some("degrees")),
            ("the number of rows in memory", None),
            ("Time in seconds, or minutes", None),
            ("Number of item(s) to return", None),
            ("Number of clusters (K)", None),
            ("Weight in kg or lbs", None),
            ("Value (knots for airspeeds, dimensionless for Mach)", None),
        ] {
            assert_eq!(unit_said(text), unit, "{text}");
        }
    }
}
