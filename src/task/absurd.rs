//! Arguments and results that are not of this world, or not what a word for them means.

use chrono::Datelike;
use serde_json::Value;

use crate::json::Leaf;
use crate::names;
use crate::task::ask::given;
use crate::task::source::Call;

/// Whether a call is given, or gives, what cannot be: time that goes back, a mass below nothing, more spent than there was.
pub fn is_absurd(call: &Call) -> bool {
    given(call, &[]).iter().any(|leaf| is_worn(&leaf.value) || is_below_nothing(leaf.key(), &leaf.value))
        || turns_back(call)
        || is_of_one(call)
        || no_prime(call)
        || is_too_young(call)
        || owes_more(call)
        || compares_numbers(call)
        || widens(call)
        || is_of_itself(call)
        || reckons_with_units(call)
        || is_no_proposition(call)
        || is_no_symbol(call)
        || is_listed_twice(call)
        || is_numerals(call)
        || is_no_planet(call)
        || is_no_craft(call)
        || is_uneven(call)
        || call.arguments.iter().any(|(name, value)| is_mach(name, value) && is_too_fast(call, name))
        || call.leaves().iter().any(is_impossible)
}

/// Whether the throat of a tube is as wide as its inlet, or wider.
fn widens(call: &Call) -> bool {
    number(call, &["throat"]).zip(number(call, &["inlet"])).is_some_and(|(throat, inlet)| throat >= inlet)
}

/// Whether a thing is set beside the very same, where two are meant: an expression that implies itself, a matrix added to itself.
fn is_of_itself(call: &Call) -> bool {
    const SIDES: [(&str, &str); 4] = [("lhs", "rhs"), ("left", "right"), ("first", "second"), ("a", "b")];
    let second = |name: &str| {
        let sides = SIDES.iter().find(|(first, _)| name == *first).map(|(_, second)| (*second).to_owned());
        sides.or_else(|| name.strip_suffix('1').map(|stem| format!("{stem}2")))
    };
    let text = |value: &Value| value.is_string() || value.is_array();
    call.arguments.iter().any(|(name, value)| text(value) && second(name).is_some_and(|other| call.arguments.get(&other) == Some(value)))
}

/// Whether an expression of units is given to what does not convert them: the sine of a kilowatt hour.
fn reckons_with_units(call: &Call) -> bool {
    const UNITS: [&str; 24] = [
        "kw", "kwh", "hour", "hours", "minute", "minutes", "second", "seconds", "meter", "meters", "metre", "mile", "miles", "km", "kg",
        "newton", "joule", "watt", "watts", "volt", "tempf", "tempc", "inch", "feet",
    ];
    const MATHS: [&str; 10] = ["expression", "expr", "equation", "function", "lhs", "rhs", "x", "z", "integrand", "arg"];
    let about = &call.about.lower;
    let converts = [" unit", "convert a value", "quantity", "dimension", "cron", "sql"].iter().any(|word| about.contains(word));
    let words =
        |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_lowercase).collect::<Vec<_>>();
    let units = |text: &str| words(text).iter().any(|word| UNITS.contains(&word.as_str()));
    let reckons =
        ["function", "express", "equation", "simplif", "deriv", "integr", "series", "sine", "matri", "logarithm", "polynom", "symbol"];
    let reckons = reckons.iter().any(|word| about.contains(word));
    !converts && reckons && call.arguments.iter().any(|(name, value)| MATHS.contains(&name.as_str()) && value.as_str().is_some_and(units))
}

/// Whether logic is done with numbers: 2 and 3 imply nothing.
fn is_no_proposition(call: &Call) -> bool {
    const LOGIC: [&str; 7] = ["implies", "xor", "nand", "nor", "equivalent", "and", "or"];
    let logical = names::split(&call.about.description).iter().any(|word| word == "logical")
        && call.name_words().iter().any(|word| LOGIC.contains(&word.as_str()));
    let reckons = |text: &str| text.contains(|c: char| c.is_ascii_digit() || c == '+' || c == '*');
    logical && call.arguments.values().any(|value| value.is_number() || value.as_str().is_some_and(reckons))
}

/// Whether what stands for a variable is none, or none of the expression beside it.
fn is_no_symbol(call: &Call) -> bool {
    const LONGEST: usize = 10;
    let Some(symbol) = ["variable", "symbol", "var"].iter().find_map(|name| call.arguments.get(*name)?.as_str()) else { return false };
    let expression = ["expression", "expr", "equation", "f"].iter().find_map(|name| call.arguments.get(*name)?.as_str());
    let letters = symbol.chars().all(|c| c.is_alphanumeric() || c == '_') && symbol.len() <= LONGEST;
    // `2x` has an x.
    let bare = |word: &str| word.trim_start_matches(|c: char| c.is_ascii_digit()) == symbol;
    let within = |text: &str| text.split(|c: char| !c.is_alphanumeric() && c != '_').any(bare);
    expression.is_some_and(|text| !letters || !within(text))
}

/// Whether a list of what differs has the same number twice: lines of a file, denominations of coins.
fn is_listed_twice(call: &Call) -> bool {
    const DIFFER: [&str; 8] = ["lines", "line_numbers", "pages", "ids", "denominations", "coins", "moduli", "basis"];
    let twice = |items: &Vec<Value>| items.iter().enumerate().any(|(at, item)| item.is_number() && items[..at].contains(item));
    call.arguments.iter().any(|(name, value)| DIFFER.contains(&name.as_str()) && value.as_array().is_some_and(twice))
}

/// The number that is given for a parameter whose name has all of these words.
fn number(call: &Call, wanted: &[&str]) -> Option<f64> {
    let named = |name: &str| wanted.iter().all(|word| names::split(name).iter().any(|own| own == word));
    call.arguments.iter().find(|(name, value)| named(name) && value.is_number()).and_then(|(_, value)| value.as_f64())
}

/// Whether a planet is lighter than gas or heavier than lead many times over, or a body under water than air or gold.
fn is_no_planet(call: &Call) -> bool {
    const ROCK: std::ops::RangeInclusive<f64> = 300.0..=30_000.0;
    const BODY: std::ops::RangeInclusive<f64> = 50.0..=25_000.0;
    let sphere = |radius: f64| 4.0 / 3.0 * std::f64::consts::PI * radius.powi(3);
    // A planet of one earth is told in earths.
    const LEAST: f64 = 1e15;
    let planet = number(call, &["planet", "mass"]).filter(|mass| *mass > LEAST).zip(number(call, &["planet", "radius"]));
    let wet = names::split(&call.tool).iter().any(|word| word == "underwater");
    let body = number(call, &["mass"]).zip(number(call, &["volume"])).filter(|_| wet);
    planet.is_some_and(|(mass, radius)| !ROCK.contains(&(mass / sphere(radius))))
        || body.is_some_and(|(mass, volume)| !BODY.contains(&(mass / volume)))
}

/// Whether an aircraft has wings that carry next to nothing, or nothing could fly with.
fn is_no_craft(call: &Call) -> bool {
    const LOADING: std::ops::RangeInclusive<f64> = 15.0..=900.0;
    let wings = number(call, &["weight", "kg"]).zip(number(call, &["wing", "area"]));
    wings.is_some_and(|(weight, area)| !LOADING.contains(&(weight / area)))
}

/// Whether what has to go together does not: a series of one number that begins and ends with different ones, counts that were expected
/// and seen in different sums, more booked than there is.
fn is_uneven(call: &Call) -> bool {
    let list = |name: &str| call.arguments.get(name)?.as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
    let series = number(call, &["count"]).is_some_and(|count| count < 2.0)
        && number(call, &["first"]).is_some()
        && number(call, &["last"]).is_some();
    let sums = list("observed").zip(list("expected")).map(|(a, b)| (a.iter().sum::<f64>(), b.iter().sum::<f64>()));
    let apart = sums.is_some_and(|(seen, expected)| (seen - expected).abs() > 0.01 * expected.abs());
    let booked = call.arguments.iter().any(|(name, value)| {
        let whole = name.strip_prefix("booked_").and_then(|stem| call.arguments.get(stem)).and_then(Value::as_f64);
        value.as_f64().zip(whole).is_some_and(|(booked, whole)| booked > whole)
    });
    let borrowed = number(call, &["interest"]).zip(number(call, &["borrowings"])).is_some_and(|(interest, whole)| interest >= whole);
    series || apart || booked || borrowed
}

/// Whether the numbers of a list are given as texts: added, 25 and 44 are 2544.
fn is_numerals(call: &Call) -> bool {
    let numeral = |item: &Value| item.as_str().is_some_and(|text| text.parse::<f64>().is_ok());
    let of =
        |name: &str| names::split(name).iter().any(|word| matches!(word.as_str(), "vector" | "matrix" | "sequence" | "data" | "points"));
    call.arguments
        .iter()
        .any(|(name, value)| of(name) && value.as_array().is_some_and(|items| !items.is_empty() && items.iter().all(numeral)))
}

/// Whether somebody does or has something before the age of a grown person: one who draws a pension in the year of their birth.
fn is_too_young(call: &Call) -> bool {
    const GROWN: i32 = 16;
    let year = |value: &Value| {
        let day = || value.as_str().and_then(|text| chrono::NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok());
        value.as_i64().and_then(|year| i32::try_from(year).ok()).or_else(|| day().map(|day| day.year()))
    };
    let born = |name: &str| names::split(name).iter().any(|word| matches!(word.as_str(), "birth" | "birthdate" | "birthday" | "dob"));
    let dated = |name: &str| names::split(name).iter().any(|word| word == "date" || word == "year");
    let Some(birth) = call.arguments.iter().filter(|(name, _)| born(name)).find_map(|(_, value)| year(value)) else { return false };
    call.arguments
        .iter()
        .filter(|(name, _)| dated(name) && !born(name))
        .filter_map(|(_, value)| year(value))
        .any(|year| year < birth + GROWN)
}

/// Whether a mass is nothing, or less.
fn is_below_nothing(name: &str, value: &Value) -> bool {
    let own = name.trim_end_matches(|c: char| c.is_ascii_digit());
    names::words(own).iter().any(|word| word == "mass") && value.as_f64().is_some_and(|mass| mass <= 0.0)
}

/// Whether more was paid than there was: liabilities beyond the assets that were realized.
fn owes_more(call: &Call) -> bool {
    let of = |wanted: &str| {
        let named = |name: &str| names::words(name).iter().any(|word| word == wanted);
        call.arguments.iter().find(|(name, _)| named(name)).and_then(|(_, value)| value.as_f64())
    };
    of("liability").zip(of("asset")).is_some_and(|(liabilities, assets)| liabilities > assets)
}

/// Whether what was before and what came after are two numbers, where they are read as texts or data.
fn compares_numbers(call: &Call) -> bool {
    let bare = |name: &str| {
        call.arguments.get(name).is_some_and(|value| value.is_number() || value.as_str().is_some_and(|t| t.parse::<f64>().is_ok()))
    };
    bare("before") && bare("after")
}

/// Whether what needs several has one number: a sequence, or what a relation or a set of equations is between.
fn is_of_one(call: &Call) -> bool {
    // Nor is one term a sum.
    let terms = call.arguments.get("terms").and_then(Value::as_str);
    if terms.is_some_and(|terms| !terms.contains(',') && terms.contains(['(', '+', '*', '^'])) {
        return true;
    }
    // One word is no sequence.
    let word = |items: &[Value]| items.len() == 1 && items[0].is_string();
    if call.arguments.iter().any(|(name, value)| name == "sequence" && value.as_array().is_some_and(|items| word(items))) {
        return true;
    }
    // A bare number solves no differential equation.
    let related = |name: &str| matches!(name, "args" | "exprs" | "equations" | "sol" | "ode");
    let lone = |value: &Value| value.is_number() || value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
    if call.arguments.iter().any(|(name, value)| related(name) && lone(value)) {
        return true;
    }
    let several = |name: &str| matches!(name, "sequence" | "series" | "numbers" | "data" | "samples");
    let single = |value: &Value| value.as_array().is_some_and(|items| items.len() == 1 && lone(&items[0]));
    call.arguments.iter().any(|(name, value)| several(name) && single(value))
}

/// Whether an argument says that another is a Mach number.
fn is_mach(name: &str, value: &Value) -> bool {
    name.ends_with("_type") && value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("mach"))
}

/// Whether the number whose type `name` says is more than anything flies at.
fn is_too_fast(call: &Call, name: &str) -> bool {
    const FASTEST: f64 = 30.0;
    let value = call.arguments.get(&name.replace("_type", "_value")).and_then(Value::as_f64);
    value.is_some_and(|mach| mach > FASTEST)
}

/// Whether a result says that what was asked can't be: more was spent than there was, or a point lies deep inside the earth.
fn is_impossible(leaf: &Leaf) -> bool {
    const DEEPEST: f64 = -12_000.0;
    let below = |least: f64| leaf.value.as_f64().is_some_and(|number| number < least);
    const MOST_PERCENT: f64 = 100.0;
    // What is to be kept, and came to more than twice as much, is of two different things.
    let differs = || leaf.key().to_lowercase().ends_with("difference_percent") && leaf.value.as_f64().is_some_and(|n| n > MOST_PERCENT);
    let extent =
        || names::split(leaf.key()).last().is_some_and(|word| matches!(word.as_str(), "length" | "area" | "volume" | "mass" | "duration"));
    differs() || extent() && below(0.0) || leaf.pattern.contains("slack") && below(0.0) || leaf.key().contains("altitude") && below(DEEPEST)
}

/// Whether a tool that says it is about a given prime is given another number.
fn no_prime(call: &Call) -> bool {
    const SAID: [&str; 5] = ["given prime", "prime p", "a prime number p", "prime modulus", "modulo a prime"];
    let description = &call.about.lower;
    let prime = |n: u64| n >= 2 && (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    let told = |name: &str| name == "prime" || name == "p" && SAID.iter().any(|said| description.contains(said));
    let primes = |(name, value): (&String, &Value)| {
        let named = names::split(name).last().is_some_and(|word| word == "primes");
        named && value.as_array().is_some_and(|items| items.iter().any(|item| item.as_u64().is_none_or(|n| n < 1_000_000 && !prime(n))))
    };
    if call.arguments.iter().any(primes) {
        return true;
    }
    // Larger numbers are taken as they are.
    call.arguments.iter().any(|(name, value)| told(name) && value.as_u64().is_some_and(|n| n < 1_000_000_000_000 && !prime(n)))
}

/// Whether a number was worn by reckoning: 789.5999999999999 feet.
pub(super) fn is_worn(value: &Value) -> bool {
    const DIGITS: usize = 15;
    let text = value.to_string();
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals);
    let worn = decimals.contains("0000000") || decimals.contains("9999999");
    value.is_f64() && !text.contains('e') && text.chars().filter(char::is_ascii_digit).count() >= DIGITS && worn
}

/// Whether time goes backwards, or stands still: something was there at 38 s and then at 33 s.
fn turns_back(call: &Call) -> bool {
    let falls = |items: &[f64]| items.windows(2).any(|pair| pair[1] <= pair[0]);
    let listed = |value: &Value| {
        let whole = value.as_str().map(crate::json::parse);
        whole.as_ref().unwrap_or(value).as_array()?.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>()
    };
    let of_time = |name: &str| matches!(name, "times" | "timestamps" | "time_points" | "dates");
    call.arguments.iter().any(|(name, value)| of_time(name) && listed(value).is_some_and(|items| falls(&items)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_worn_by_reckoning_are_nobodys() {
        assert!([789.5999999999999, -200.39999999999998, 0.6925500000000001].iter().all(|n| is_worn(&(*n).into())));
        assert!([789.6, 1e-9, 0.1, std::f64::consts::PI, 100000.0, 1.0000001].iter().all(|n| !is_worn(&(*n).into())));
    }

    #[test]
    fn what_a_result_says_can_not_be_is_nobodys() {
        let leaf = |pattern: &str, value: f64| Leaf { pointer: pattern.into(), pattern: pattern.into(), value: value.into() };
        assert!(is_impossible(&leaf("/resource_slack/money", -257.0)) && is_impossible(&leaf("/altitude_m", -2_126_838.9)));
        assert!(!is_impossible(&leaf("/resource_slack/money", 0.0)) && !is_impossible(&leaf("/altitude_m", -400.0)));
    }
}
