//! Values of one call that belong together, put right: the ends of a range, and what is known of a place.

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::explore::policy::Choice;
use crate::json::escape;
use crate::likely::{Facet, facet, places};

/// Puts right what belongs together, where it is ours to say.
pub fn settle(choice: &mut Choice, rng: &mut ChaCha8Rng) {
    put_in_order(choice);
    put_in_place(choice, rng);
}

fn flows(choice: &Choice, name: &str) -> bool {
    choice.flows.iter().any(|f| f.dst_pointer == format!("/{}", escape(name)))
}

/// Puts the two numbers of a range that goes backwards the right way round: nothing lies between 95 and 19.
fn put_in_order(choice: &mut Choice) {
    const ENDS: [(&str, &str); 6] =
        [("start", "end"), ("min", "max"), ("low", "high"), ("lower", "upper"), ("minimum", "maximum"), ("lo", "hi")];
    let names: Vec<String> = choice.arguments.keys().cloned().collect();
    for first in &names {
        let last = ENDS.iter().filter(|(a, _)| first.contains(a)).map(|(a, b)| first.replacen(a, b, 1)).find(|last| names.contains(last));
        let Some(last) = last else { continue };
        let number = |name: &str| choice.arguments.get(name).filter(|v| v.is_number()).and_then(Value::as_f64);
        let backwards = number(first).zip(number(&last)).is_some_and(|(a, b)| a > b);
        if backwards && !flows(choice, first) && !flows(choice, &last) {
            let (a, b) = (choice.arguments[first].clone(), choice.arguments[&last].clone());
            choice.arguments.insert(first.clone(), b);
            choice.arguments.insert(last, a);
        }
    }
}

/// Gives coordinates, name, time zone and country of one place, where a call takes coordinates or several of them and none flows in.
fn put_in_place(choice: &mut Choice, rng: &mut ChaCha8Rng) {
    let told: Vec<(String, Facet)> =
        choice.arguments.iter().filter_map(|(name, value)| Some((name.clone(), facet(name, value)?))).collect();
    let has = |wanted: Facet| told.iter().any(|(_, facet)| *facet == wanted);
    let coordinates = has(Facet::Latitude) && has(Facet::Longitude);
    let together = coordinates || has(Facet::Name) && (has(Facet::Timezone) || has(Facet::Country));
    let Some(place) = places().choose(rng).filter(|_| together && !told.iter().any(|(name, _)| flows(choice, name))) else { return };
    for (name, facet) in told {
        let value = match facet {
            Facet::Latitude => json!(place.latitude),
            Facet::Longitude => json!(place.longitude),
            Facet::Timezone => json!(place.timezone),
            Facet::Country => json!(place.country),
            Facet::Name => json!(place.name),
        };
        let value = if choice.arguments[&name].is_string() && value.is_number() { json!(value.to_string()) } else { value };
        choice.arguments.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;
    use crate::json::members;
    use crate::likely::is_misplaced;

    #[test]
    fn ranges_go_forwards() {
        let mut choice =
            Choice { arguments: members(&json!({"start_x": 95, "end_x": 19, "min": 1, "max": 2, "low": "b"})), ..Choice::default() };
        put_in_order(&mut choice);
        assert_eq!(Value::Object(choice.arguments), json!({"start_x": 19, "end_x": 95, "min": 1, "max": 2, "low": "b"}));
    }

    #[test]
    fn what_is_said_of_a_place_belongs_together() {
        let given = json!({"lat": 20, "lon": "14.2", "location_name": "Chicago, IL", "tz": "Asia/Tokyo", "radius": 3});
        for seed in 0..20 {
            let mut choice = Choice { arguments: members(&given), ..Choice::default() };
            assert!(is_misplaced(&choice.arguments));
            settle(&mut choice, &mut ChaCha8Rng::seed_from_u64(seed));
            let now = Value::Object(choice.arguments.clone());
            assert!(!is_misplaced(&choice.arguments) && now["lon"].is_string() && now["radius"] == 3, "{now}");
        }
        let flow = crate::explore::policy::TakenFlow { src_call: 0, src_pointer: "/lat".into(), dst_pointer: "/lat".into() };
        let mut choice = Choice { arguments: members(&given), flows: vec![flow], ..Choice::default() };
        settle(&mut choice, &mut ChaCha8Rng::seed_from_u64(7));
        assert_eq!(Value::Object(choice.arguments), given);
    }
}
