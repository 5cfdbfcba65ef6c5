//! What synthesis knows of a tool: from its description, its schema and what was seen of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, OnceLock};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::json::parse;
use crate::names;
use crate::state::takes_path;
use crate::task::clause::looks_up;
use crate::task::entries::Own;
use crate::task::units::unit_said;

/// What synthesis knows of a tool.
#[derive(Debug, Clone)]
pub struct About {
    /// What it says of itself.
    pub description: String,
    /// The same in lower case.
    pub lower: String,
    /// Whether it leaves the state as it is.
    pub reads: bool,
    /// Whether it takes a path.
    pub takes_path: bool,
    /// Parameters that have to be given.
    pub required: Vec<String>,
    /// Parameters of which the schema lists the values.
    pub listed: Vec<String>,
    /// Of those that can be left out, the ones that say what is to be done.
    pub deeds: Vec<String>,
    /// All parameters, without case and joints.
    params: Vec<String>,
    /// Field patterns that are not worth asking for.
    pub worthless: Vec<String>,
    /// Of them, those that change between equal calls.
    pub changing: Vec<String>,
    /// What is taken where nothing is given, and decides what comes out: parameters and values.
    pub defaults: Vec<(String, Value)>,
    /// How many entries a list has at most where nobody says how many.
    pub page: Option<u64>,
    /// What codes stand for, by parameter: the sexes of 0 and 1.
    codes: HashMap<String, Vec<(i64, String)>>,
    /// Parameters that have a default.
    with_default: Vec<String>,
    /// Units of parameters and fields, as the description and the schema say them.
    units: HashMap<String, &'static str>,
    pub(in crate::task) clause: OnceLock<String>,
    /// What it calls its own results, once that was asked.
    pub(in crate::task) own: OnceLock<Own>,
}

impl About {
    /// Whether it has a parameter of that name, whatever its case and joints.
    pub fn takes(&self, name: &str) -> bool {
        self.params.contains(&squashed(name))
    }

    /// Whether one of its parameters, without case and joints, is like that.
    pub fn takes_any(&self, like: impl Fn(&str) -> bool) -> bool {
        self.params.iter().any(|param| like(param))
    }

    /// What a number stands for that is given for a parameter, where the schema says so of each.
    pub fn meaning(&self, name: &str, value: &Value) -> Option<&str> {
        let codes = self.codes.get(name)?;
        codes.iter().find(|(code, _)| value.as_i64() == Some(*code)).map(|(_, meaning)| meaning.as_str())
    }

    /// Whether a parameter is taken to be something where it is not given.
    pub fn has_default(&self, name: &str) -> bool {
        self.with_default.iter().any(|own| own == name)
    }

    /// Whether it has more parameters than that.
    pub fn takes_more_than(&self, given: usize) -> bool {
        self.params.len() > given
    }

    /// The unit that is said of a parameter or a field.
    pub fn unit_of(&self, name: &str) -> Option<&'static str> {
        self.units.get(name).copied()
    }
}

#[derive(Deserialize)]
pub(super) struct ToolRow {
    server: String,
    tool: String,
    description: String,
    input_schema: String,
    reads: bool,
    worthless: Vec<String>,
    changing: Vec<String>,
    worthless_anyway: Vec<String>,
    steady: Vec<String>,
}

/// What is known of a tool, and what is where its results change in other ways of calling it only.
pub(super) struct Tool {
    /// What is known of it in general.
    pub(super) about: Arc<About>,
    settled: Arc<About>,
    /// Names of the arguments of those ways, as canonical JSON.
    steady: Vec<String>,
}

impl Tool {
    /// What is known of the tool where it is called with these.
    pub(super) fn of(&self, arguments: &Map<String, Value>) -> &Arc<About> {
        let names = || Value::from(arguments.keys().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()).to_string();
        if !self.steady.is_empty() && self.steady.contains(&names()) { &self.settled } else { &self.about }
    }
}

impl ToolRow {
    /// Server and tool, and what is known of it.
    pub(super) fn read(mut self) -> ((String, String), Tool) {
        let (anyway, steady) = (std::mem::take(&mut self.worthless_anyway), std::mem::take(&mut self.steady));
        let (key, about) = self.about();
        let settled = About { worthless: anyway, changing: Vec::new(), ..about.clone() };
        (key, Tool { about: Arc::new(about), settled: Arc::new(settled), steady })
    }

    fn about(self) -> ((String, String), About) {
        let schema = parse(&self.input_schema);
        let required: Vec<String> =
            schema["required"].as_array().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let properties = || schema["properties"].as_object().into_iter().flatten();
        let about = About {
            reads: self.reads,
            takes_path: takes_path(&schema),
            listed: properties().filter(|(_, property)| property.get("enum").is_some()).map(|(name, _)| name.clone()).collect(),
            deeds: properties()
                .filter(|(name, property)| property["type"] == "string" && !required.contains(name))
                .filter(|(name, _)| says_what(name, &self.tool))
                .map(|(name, _)| name.clone())
                .collect(),
            params: properties().map(|(name, _)| squashed(name)).collect(),
            page: properties()
                .filter(|(name, _)| {
                    matches!(squashed(name).as_str(), "limit" | "pagesize" | "perpage" | "maxresults" | "topk" | "count" | "maxitems")
                })
                .find_map(|(_, property)| property.get("default").and_then(Value::as_u64)),
            codes: properties().filter_map(|(name, property)| Some((name.clone(), codes(property["description"].as_str()?)?))).collect(),
            with_default: properties()
                .filter(|(_, property)| property.get("default").is_some_and(|value| !value.is_null()))
                .map(|(name, _)| name.clone())
                .collect(),
            defaults: told_defaults(&self.tool, &schema, &required),
            units: units(&self.description, &schema),
            required,
            lower: self.description.to_lowercase(),
            description: self.description,
            worthless: self.worthless,
            changing: self.changing,
            clause: OnceLock::new(),
            own: OnceLock::new(),
        };
        ((self.server, self.tool), about)
    }
}

/// Whether a parameter says what is to be done, or of what kind the thing is that it is done with: nobody asks for a calculation and does
/// not say which.
pub fn says_what(param: &str, tool: &str) -> bool {
    matches!(param.to_lowercase().as_str(), "operation" | "action" | "command") || is_kind_of(param, tool)
}

/// Whether a parameter says of what kind the very thing is that the tool is about: nobody has a colour blindness simulated and does not say
/// which. How a search is to search is its own business.
fn is_kind_of(param: &str, tool: &str) -> bool {
    let (words, tool) = (names::split(param), names::split(tool));
    let [thing @ .., last] = words.as_slice() else { return false };
    matches!(last.as_str(), "type" | "kind") && !thing.is_empty() && thing.iter().all(|word| tool.iter().skip(1).any(|own| own == word))
}

/// A name in lower case and without what divides its words, shortened as parameters and fields are in different ways.
pub(super) fn squashed(name: &str) -> String {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    name.replace("minimum", "min").replace("maximum", "max")
}

/// Most defaults that anybody would say with a request.
pub const MOST_DEFAULTS: usize = 6;

/// What a tool that works something out takes where nothing is given, if that decides what comes out: a rate of 1, the function “sin”.
/// How a result is shown, how long it is searched for and how much of it is listed decides nothing; and of a tool that does one of many
/// things, the defaults are those of others. Where they are too many to say, they are what nobody says.
fn told_defaults(tool: &str, schema: &Value, required: &[String]) -> Vec<(String, Value)> {
    const SHOWS: [&str; 53] = [
        "limit",
        "max",
        "min",
        "count",
        "offset",
        "depth",
        "tolerance",
        "timeout",
        "encoding",
        "delimiter",
        "sort",
        "detail",
        "mode",
        "format",
        "include",
        "context",
        "preview",
        "lines",
        "resolution",
        "postprocess",
        "effort",
        "search",
        "query",
        "precision",
        "constant",
        "index",
        "path",
        "tolerances",
        "verbose",
        "optimization",
        "indent",
        "language",
        "locale",
        "theme",
        "style",
        "color",
        "scheme",
        "direction",
        "layout",
        "members",
        "bootstrap",
        "samples",
        "threshold",
        "page",
        "return",
        "auto",
        "flows",
        "show",
        "alternatives",
        "pairs",
        "dry",
        "currency",
        "alternative",
    ];
    const LONGEST_NAME: usize = 4;
    if looks_up(tool) {
        return Vec::new();
    }
    let properties = || schema["properties"].as_object().into_iter().flatten();
    if properties().any(|(name, _)| says_what(name, tool)) {
        return Vec::new();
    }
    let shows =
        |name: &str| names::split(name).iter().any(|word| SHOWS.contains(&word.as_str())) || names::split(name).len() > LONGEST_NAME;
    let plain = |text: &str| text.len() > 1 && text != "auto" && text.chars().all(|c| c.is_alphanumeric() || c == ' ' || c == '-');
    let says = |value: &Value| value.is_number() || value.is_boolean() || value.as_str().is_some_and(plain);
    let taken = properties().filter(|(name, _)| !required.contains(name) && !shows(name));
    let all: Vec<(String, Value)> =
        taken.filter_map(|(name, p)| Some((name.clone(), p.get("default").filter(|d| says(d))?.clone()))).collect();
    let nothing = |value: &Value| value.as_f64() == Some(0.0) || value == &Value::Bool(false);
    let telling: Vec<(String, Value)> = all.iter().filter(|(_, value)| !nothing(value)).cloned().collect();
    // Nothing is rather none than a value, unless it is one of a few: a mean of 0 beside a deviation of 1, an order that is not descending.
    let few = all.len() <= FEW_DEFAULTS && (!telling.is_empty() || all.iter().any(|(_, value)| value.is_boolean()));
    if few { all } else { telling }
}

/// Defaults of a tool that are few, so that those count that say nothing else.
const FEW_DEFAULTS: usize = 3;

/// What a description says that codes stand for: `0 = female, 1 = male`. None where there are not several.
fn codes(description: &str) -> Option<Vec<(i64, String)>> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\d.\w]|传)(\d)[ ]?(?:=|:|表示|代表|means )[ ]?(\p{L}[\p{L} ]{0,23}\p{L}|\p{L})").expect("a fixed pattern")
    });
    let bare = |text: &str| text.trim_end_matches(" and").trim_end_matches(" or").to_owned();
    let all: Vec<(i64, String)> =
        CODE.captures_iter(description).filter_map(|found| Some((found[1].parse().ok()?, bare(&found[2])))).collect();
    // From worst to best is a range.
    let joint = |text: &str| [" to", " and", " or", " through"].iter().any(|end| text.ends_with(end));
    (all.len() >= 2 && !all.iter().any(|(_, text)| joint(text))).then_some(all)
}

/// Units of parameters and fields: in what a schema says of a parameter, or in the lines `name: what it is` of a description.
fn units(description: &str, schema: &Value) -> HashMap<String, &'static str> {
    static LINE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?m)^[ \t]*(?:[-*][ \t]*)?`?([A-Za-z_]\w*)`?[ \t]*(?:\([^)\n]*\))?[ \t]*:[ \t]*(\S.*)$").expect("a fixed pattern")
    });
    let mut all: HashMap<String, Option<&'static str>> = HashMap::new();
    for found in LINE.captures_iter(description) {
        let unit = unit_said(&found[2]);
        // What is called the same twice, and not in the same unit, has none that anybody could tell.
        all.entry(found[1].to_owned()).and_modify(|known| *known = known.filter(|known| Some(*known) == unit)).or_insert(unit);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(unit) = property["description"].as_str().and_then(unit_said) {
            // Where the description says two, the schema's is that of the parameter only.
            all.entry(name.clone()).and_modify(|known| *known = known.filter(|known| *known == unit)).or_insert(Some(unit));
        }
    }
    // Money that is told in cents, and not said to be.
    if description.contains("minor units") {
        for name in ["price", "last_price", "amount", "total", "balance", "cost", "fee", "bid", "ask"] {
            all.entry(name.to_owned()).or_insert(Some("cents"));
        }
    }
    all.into_iter().filter_map(|(name, unit)| Some((name, unit?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_that_decide_are_told() {
        let of = |tool: &str, properties: Value, required: &[&str]| -> Vec<String> {
            let required: Vec<String> = required.iter().map(|name| (*name).to_owned()).collect();
            told_defaults(tool, &json!({"properties": properties}), &required).into_iter().map(|(name, _)| name).collect()
        };
        let normal = json!({"x": {}, "mean": {"default": 0.0}, "std": {"default": 1.0}, "precision": {"default": 5}});
        assert_eq!(of("normal_pdf", normal, &["x"]), ["mean", "std"]);
        let angle = json!({"angle": {}, "function": {"default": "sin"}, "verbose": {"default": true}, "max_terms": {"default": 9}});
        assert_eq!(of("half_angle", angle.clone(), &["angle"]), ["function"]);
        assert!(of("search_angles", angle, &["angle"]).is_empty());
        assert_eq!(of("minimum_tax", json!({"base": {}, "sme": {"default": true}, "grace": {"default": 0}}), &["base"]), ["sme", "grace"]);
        assert_eq!(of("digit_sort", json!({"n": {}, "descending": {"default": false}}), &["n"]), ["descending"]);
        assert!(of("compute", json!({"action": {"type": "string"}, "budget": {"default": 5}}), &[]).is_empty());
        assert!(of("tax", json!({"credits": {"default": 0}, "debts": {"default": 0}}), &[]).is_empty());
    }

    #[test]
    fn codes_have_meanings() {
        let said = |text: &str| codes(text).unwrap_or_default();
        assert_eq!(said("传0表示女性，传1表示男性。"), [(0, "女性".to_owned()), (1, "男性".to_owned())]);
        assert_eq!(said("Sex (0 = female, 1 = male)"), [(0, "female".to_owned()), (1, "male".to_owned())]);
        assert!(said("Ratio 1:2 of a").is_empty() && said("From 0 to 9").is_empty() && said("1: one").is_empty());
    }

    #[test]
    fn units_are_read_from_descriptions_and_schemas() {
        let description = "Work it out.\n    Args:\n        mass: Object mass in kilograms\n        time: Time in seconds\n    Returns:\n        - energy: PE in Joules\n        time: in minutes";
        let schema = json!({"properties": {"height": {"description": "Height in meters"}}});
        let units = units(description, &schema);
        assert_eq!((units.get("mass"), units.get("energy"), units.get("height")), (Some(&"kg"), Some(&"J"), Some(&"m")));
        assert_eq!(units.get("time"), None);
    }
}
