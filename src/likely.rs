//! What numbers and places are in the world: values that are drawn lie within it, and calls with numbers that nobody would give, or
//! that put a place elsewhere, are no gold.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::names::{split, words};

#[derive(Deserialize)]
struct Table {
    range: Vec<Range>,
    place: Vec<Place>,
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
    /// What is nearer to nothing is nothing: nobody is 0.02 feet up.
    smallest: Option<f64>,
    /// Whether they have no decimals.
    #[serde(default)]
    pub whole: bool,
}

/// A place that people ask about.
#[derive(Debug, Deserialize)]
pub struct Place {
    /// What it is called.
    pub name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Time zone, as the IANA calls it.
    pub timezone: String,
    /// Country, in two letters.
    pub country: String,
}

/// What a parameter says of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// Degrees north.
    Latitude,
    /// Degrees east.
    Longitude,
    /// What it is called.
    Name,
    /// Its time zone.
    Timezone,
    /// Its country, in two letters.
    Country,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(include_str!("ranges.toml")).expect("ranges.toml is well-formed"));

/// What numbers called `name` are where a tool takes them; none where nothing is known of them.
pub fn range(name: &str, (server, tool): (&str, &str)) -> Option<&'static Range> {
    // `lon1` is a longitude; `cd0` is called so.
    let mut own = words(name.trim_end_matches(|c: char| c.is_ascii_digit()));
    own.extend(words(name));
    let about = |range: &Range| range.of.is_empty() || split(server).into_iter().chain(split(tool)).any(|word| range.of.contains(&word));
    TABLE.range.iter().find(|range| range.words.iter().all(|word| own.contains(word)) && about(range))
}

/// Whether nobody would give the number `value` for what is called `name`: a page 1.5, a patient of 600 kg.
pub fn is_unlikely(name: &str, of: (&str, &str), value: &Value) -> bool {
    let Some(number) = value.as_f64() else { return false };
    range(name, of).is_some_and(|range| {
        range.least.is_some_and(|least| number < least)
            || range.most.is_some_and(|most| number > most)
            || range.smallest.is_some_and(|smallest| number != 0.0 && number.abs() < smallest)
            || range.whole && number.fract() != 0.0
    })
}

/// The places that are known.
pub fn places() -> &'static [Place] {
    &TABLE.place
}

/// What the parameter called `name` says of a place, with `value` given; none where it says nothing of one, or of one of several.
pub fn facet(name: &str, value: &Value) -> Option<Facet> {
    let own = words(name);
    let has = |word: &str| own.iter().any(|w| w == word);
    if name.contains(|c: char| c.is_ascii_digit()) || ["source", "target", "origin", "destination", "start", "end"].iter().any(|w| has(w)) {
        return None;
    }
    let number = value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
    let text = || value.as_str().unwrap_or_default();
    match () {
        () if has("latitude") && number => Some(Facet::Latitude),
        () if has("longitude") && number => Some(Facet::Longitude),
        () if has("timezone") && text().contains('/') => Some(Facet::Timezone),
        () if has("country") && text().len() == 2 => Some(Facet::Country),
        () if ["location", "city", "place"].iter().any(|w| has(w)) && value.is_string() && !number => Some(Facet::Name),
        () => None,
    }
}

/// Whether a call says of a place that is known what isn't so: coordinates, a country or a time zone that are another's.
pub fn is_misplaced(arguments: &Map<String, Value>) -> bool {
    // Degrees between a place and what is still called by its name, or goes by its time.
    const NEAR: f64 = 1.0;
    const SAME_TIME: f64 = 20.0;
    let told: Vec<(Facet, &Value)> = arguments.iter().filter_map(|(name, value)| Some((facet(name, value)?, value))).collect();
    let of = |wanted: Facet| told.iter().find(|(facet, _)| *facet == wanted).map(|(_, value)| *value);
    let number = |wanted: Facet| of(wanted).and_then(|v| v.as_f64().or_else(|| v.as_str()?.parse().ok()));
    let text = |wanted: Facet| of(wanted).and_then(Value::as_str);
    let (north, east, zone) = (number(Facet::Latitude), number(Facet::Longitude), text(Facet::Timezone));
    let far = |place: &Place, most: f64| {
        north.is_some_and(|north| (place.latitude - north).abs() > most) || east.is_some_and(|east| (place.longitude - east).abs() > most)
    };
    let elsewhere = |place: &Place| {
        let country = text(Facet::Country).is_some_and(|country| country != place.country);
        far(place, NEAR) || country || zone.is_some_and(|zone| zone != place.timezone)
    };
    let named = text(Facet::Name).and_then(|name| places().iter().find(|place| name.contains(&place.name)));
    match named {
        Some(place) => elsewhere(place),
        None => places().iter().find(|place| Some(place.timezone.as_str()) == zone).is_some_and(|place| far(place, SAME_TIME)),
    }
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
        assert!(is_unlikely("lon1", clinic, &json!(417)) && !is_unlikely("lon1", clinic, &json!(117)));
        let flight = ("aerospace", "takeoff_performance");
        assert!(is_unlikely("pressure_altitude_ft", flight, &json!(0.027)) && !is_unlikely("pressure_altitude_ft", flight, &json!(0)));
        assert!(is_unlikely("cd0", flight, &json!(1210)) && !is_unlikely("cd0", flight, &json!(0.02)));
        assert!(!is_unlikely("anything", clinic, &json!(1e9)));
    }

    #[test]
    fn places_are_where_they_are() {
        let misplaced = |given: Value| is_misplaced(&crate::json::members(&given));
        assert!(misplaced(json!({"latitude": 20, "longitude": 14, "location": "Chicago, IL"})));
        assert!(misplaced(json!({"city": "Oslo", "timezone": "Asia/Tokyo"})));
        assert!(misplaced(json!({"lat": 3.1, "lng": 7, "tz": "Asia/Tokyo"})) && !misplaced(json!({"lat": 3.1, "lng": 7})));
        assert!(!misplaced(json!({"lat": 59.91, "lng": "10.75", "city": "Oslo"})) && !misplaced(json!({"city": "Ulm"})));
        assert!(!misplaced(json!({"lat1": 20, "lon1": 14, "lat2": 2, "lon2": 7})) && !misplaced(json!({"timezone": "Asia/Tokyo"})));
        assert!(!misplaced(json!({"source_timezone": "Asia/Tokyo", "target_timezone": "Europe/Oslo", "city": "Lima"})));
    }

    #[test]
    fn what_is_drawn_is_likely() {
        for range in &TABLE.range {
            let within = range.least.is_none_or(|least| least <= range.low) && range.most.is_none_or(|most| most >= range.high);
            assert!(within && range.low < range.high, "{range:?}");
        }
    }
}
