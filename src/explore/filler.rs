//! Arguments by the schema of their tool: each scalar the first of its candidates, lists and objects member by member.

use serde_json::{Map, Value, json};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::explore::candidates::{Candidate, Context, Source, candidates};
use crate::explore::policy::{Choice, Origin, TakenFlow};
use crate::explore::repair::{row, square};
use crate::explore::{docs, made};
use crate::json::escape;
use crate::schema_walk::{MAX_DEPTH, Shape};

/// Fills the arguments of one choice.
pub struct Filler<'a, 'b> {
    /// What is known of the parameter.
    pub context: &'a Context<'a>,
    /// Which of the candidates is taken: 0 for the best.
    pub place: usize,
    /// Among how many candidates after it one is drawn; 0 where the first is to be taken.
    pub wander: usize,
    /// Source of chance.
    pub rng: &'b mut ChaCha8Rng,
    /// Takes up where the values came from.
    pub choice: &'b mut Choice,
}

impl Filler<'_, '_> {
    /// A value of `shape` for what is called `name` at `pointer`; none where nothing fits.
    pub fn value(&mut self, shape: &Shape<'_>, name: &str, pointer: &str, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        let kind = shape.kind();
        if !matches!(kind, "object" | "array") {
            return self.scalar(shape, name, pointer);
        }
        if let Some((value, origin)) = example(shape, name, self.context.description, self.place) {
            self.choice.origins.push((pointer.to_owned(), origin));
            return Some(value);
        }
        if kind == "object" { self.object(shape, name, pointer, depth) } else { self.array(shape, name, pointer, depth) }
    }

    fn object(&mut self, shape: &Shape<'_>, name: &str, pointer: &str, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        let properties = shape.properties();
        let any_required = properties.iter().any(|(member, _)| shape.requires(member));
        if properties.is_empty() && self.place > 0 {
            self.choice.origins.push((pointer.to_owned(), Origin::Made));
            return Some(made::object(name, self.place));
        }
        for (member, property) in properties {
            // Of an object that asks for nothing, something: an empty one says nothing to most tools.
            let scalar = !matches!(property.kind(), "array" | "object");
            let some = !any_required && self.place > 0 && scalar && members.len() < 3 * self.place;
            if shape.requires(&member) || some {
                let inner = self.value(&property, &member, &format!("{pointer}/{}", escape(&member)), depth + 1);
                match inner {
                    Some(inner) => drop(members.insert(member, inner)),
                    None if some => {}
                    None => return None,
                }
            }
        }
        Some(Value::Object(members))
    }

    fn array(&mut self, shape: &Shape<'_>, name: &str, pointer: &str, depth: usize) -> Option<Value> {
        let bound = |keyword: &str| shape.get(keyword).and_then(Value::as_u64).map(|n| n.clamp(1, 10) as usize);
        let least = bound("minItems").unwrap_or(1);
        let most = bound("maxItems").unwrap_or(10);
        let Some(item) = shape.items().filter(|item| item.kind() != "any" || item.get("enum").is_some()) else {
            // A list of nobody says what: most are of numbers, and a matrix of rows of them.
            self.choice.origins.push((pointer.to_owned(), Origin::Made));
            return Some(if most < 4 { row(most, 0) } else { made::list(name, self.place) });
        };
        let numbers = |shape: &Shape<'_>| matches!(shape.kind(), "number" | "integer");
        if item.kind() == "array" && item.items().is_none_or(|inner| numbers(&inner) || inner.kind() == "any") {
            let place = self.choice.arguments.len();
            self.choice.origins.push((pointer.to_owned(), Origin::Made));
            return Some(square(least.max(2) + self.place % 2, place));
        }
        // Three numbers make a sample; one of anything else is enough, and two where one was not.
        let wanted = if numbers(&item) { 4 } else { 1 + usize::from(self.place > 0) };
        let mut items = Vec::new();
        for index in 0..wanted.clamp(least, most.max(least)) {
            let inner = self.value(&item, name, &format!("{pointer}/{index}"), depth + 1)?;
            if !items.contains(&inner) || numbers(&item) || items.len() < least {
                items.push(inner);
            }
        }
        Some(Value::Array(items))
    }

    fn scalar(&mut self, shape: &Shape<'_>, name: &str, pointer: &str) -> Option<Value> {
        let mut all = candidates(shape, name, self.context, self.rng);
        // One value feeds one parameter: a velocity is not its x, y and z.
        let taken = |c: &Candidate| matches!(&c.from, Source::Result(call, at) if self.choice.flows.iter().any(|f| f.src_call == *call && f.src_pointer == *at));
        all.retain(|c| !taken(c));
        let linked = matches!(all.first()?.from, Source::Result(..));
        let drawn = if self.wander > 0 && !linked { self.rng.random_range(0..=self.wander) } else { 0 };
        let place = (self.place + drawn).min(all.len() - 1);
        let Candidate { value, from } = all.into_iter().nth(place)?;
        match from {
            Source::Result(src_call, src_pointer) => {
                self.choice.flows.push(TakenFlow { src_call, src_pointer, dst_pointer: pointer.to_owned() });
            }
            Source::Other(origin) => self.choice.origins.push((pointer.to_owned(), origin)),
        }
        Some(value)
    }
}

/// A list or an object that the schema or a description gives as an example.
fn example(shape: &Shape<'_>, name: &str, description: &str, place: usize) -> Option<(Value, Origin)> {
    let kind = shape.kind();
    let fits = |value: &Value| match value {
        Value::Array(items) => kind == "array" && !items.is_empty(),
        Value::Object(members) => kind == "object" && !members.is_empty(),
        _ => false,
    };
    let default = shape.get("default").filter(|v| fits(v)).map(|v| (v.clone(), Origin::Default));
    let given = shape.get("examples").and_then(Value::as_array).into_iter().flatten().chain(shape.get("example"));
    let about = shape.text("description").unwrap_or_default();
    let shown = |text: &str| {
        let starts = text.match_indices(['[', '{']).map(|(at, _)| at).take(6);
        starts.filter_map(|at| docs::literal(&text[at..])).collect::<Vec<_>>()
    };
    let told = docs::about(description, name).unwrap_or_default();
    let found = given.cloned().chain(shown(about)).chain(shown(&told)).chain(docs::examples(description, name));
    let mut all: Vec<(Value, Origin)> = default.into_iter().chain(found.filter(|v| fits(v)).map(|v| (v, Origin::Example))).collect();
    all.dedup();
    // A placeholder such as [n] or [str] was read as no value; what is left may still be one of a few.
    (place < all.len()).then(|| all.swap_remove(place)).filter(|(value, _)| value != &json!([0]))
}
