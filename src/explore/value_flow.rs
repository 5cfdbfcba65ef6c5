//! The value-flow policy: no model. Arguments are taken from earlier results along the links, from the
//! schema, from values seen before, and only then made up.

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

use crate::explore::candidates::{Candidate, Context, Source, candidates};
use crate::explore::policy::{Choice, Origin, Policy, TakenFlow, Turn};
use crate::explore::pool::Pool;
use crate::explore::{made, repair};
use crate::json::escape;
use crate::schema_walk::{MAX_DEPTH, Shape, shape};

/// Name in `episode.policy`.
pub const NAME: &str = "value-flow";
/// Times one tool is tried in an episode.
const ATTEMPTS: usize = 3;

/// The policy, with the values it has learnt from the lake.
pub struct ValueFlow {
    pool: Pool,
}

impl ValueFlow {
    /// A policy that knows `pool`.
    pub fn new(pool: Pool) -> Self {
        ValueFlow { pool }
    }
}

impl Policy for ValueFlow {
    fn name(&self) -> &'static str {
        NAME
    }

    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Option<Choice>> {
        Box::pin(async move { (turn.attempt < ATTEMPTS).then(|| self.fill(turn)) })
    }
}

impl ValueFlow {
    fn fill(&self, mut turn: Turn<'_>) -> Choice {
        let mut choice = Choice::default();
        let schema = &turn.node.input_schema;
        let top = shape(schema, schema);
        let last = turn.history.iter().rev().find(|past| past.node == turn.place);
        let offered = turn.last_error.zip(last).map(|(error, past)| repair::offered(error, &past.arguments)).unwrap_or_default();
        for (name, property) in top.properties() {
            let links: Vec<_> = turn.links.iter().filter(|l| l.param == name).map(|l| (l.src, l.field.as_str())).collect();
            let context = Context {
                server: &turn.node.server,
                tool: &turn.node.tool,
                history: turn.history,
                links,
                pool: &self.pool,
                files: turn.files,
            };
            let wanted =
                top.requires(&name) || !context.links.is_empty() || self.optional(&property, &name, &context, turn.attempt, &mut turn.rng);
            if !wanted {
                continue;
            }
            let mut filler =
                Filler { context: &context, attempt: turn.attempt, rng: &mut turn.rng, choice: &mut choice, offered: &offered };
            let pointer = format!("/{}", escape(&name));
            if let Some(value) = filler.value(&property, &name, &pointer, 0) {
                choice.arguments.insert(name, value);
            }
        }
        choice
    }

    /// Whether an optional parameter is filled: at first sometimes, where the schema says with what, or
    /// where an earlier result has just the value; later not, so that a bad one is left out.
    fn optional(&self, property: &Shape<'_>, name: &str, context: &Context<'_>, attempt: usize, rng: &mut ChaCha8Rng) -> bool {
        let scalar = !matches!(property.kind(), "array" | "object");
        if attempt > 1 || !scalar {
            return false;
        }
        let listed = property.get("enum").is_some() && attempt == 0 && rng.random_bool(0.3);
        let words = crate::names::param_words(name, context.tool);
        let fitting = |(_, called): &(crate::json::Leaf, Vec<String>)| crate::names::similarity(&words, called) > 0.95;
        listed || (context.history.iter().any(|past| past.news.iter().any(fitting)) && rng.random_bool(0.6))
    }
}

struct Filler<'a, 'b> {
    context: &'a Context<'a>,
    attempt: usize,
    rng: &'b mut ChaCha8Rng,
    choice: &'b mut Choice,
    offered: &'a BTreeMap<String, Vec<Value>>,
}

impl Filler<'_, '_> {
    fn value(&mut self, shape: &Shape<'_>, name: &str, pointer: &str, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match shape.kind() {
            "object" => {
                let mut members = Map::new();
                for (member, property) in shape.properties() {
                    if shape.requires(&member) {
                        let inner = self.value(&property, &member, &format!("{pointer}/{}", escape(&member)), depth + 1)?;
                        members.insert(member, inner);
                    }
                }
                Some(Value::Object(members))
            }
            "array" => self.array(shape, name, pointer, depth),
            _ => self.scalar(shape, name, pointer),
        }
    }

    fn array(&mut self, shape: &Shape<'_>, name: &str, pointer: &str, depth: usize) -> Option<Value> {
        for (keyword, origin) in [("default", Origin::Default), ("examples", Origin::Example)] {
            let given = shape.get(keyword).map(|v| if keyword == "examples" { &v[0] } else { v });
            if let Some(Value::Array(items)) = given.filter(|v| v.as_array().is_some_and(|a| !a.is_empty())) {
                self.choice.origins.push((pointer.to_owned(), origin));
                return Some(Value::Array(items.clone()));
            }
        }
        let least = shape.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 10) as usize;
        let Some(item) = shape.items().filter(|item| item.kind() != "any" || item.get("enum").is_some()) else {
            // A list of nobody says what: most are of numbers, and a matrix of rows of them.
            self.choice.origins.push((pointer.to_owned(), Origin::Made));
            return Some(made::list(name, self.attempt));
        };
        // Three numbers make a sample; one of anything else is enough.
        let wanted = if matches!(item.kind(), "number" | "integer") { least.max(4) } else { least };
        let mut items = Vec::new();
        for index in 0..wanted {
            let inner = self.value(&item, name, &format!("{pointer}/{index}"), depth + 1)?;
            items.push(inner);
        }
        Some(Value::Array(items))
    }

    fn scalar(&mut self, shape: &Shape<'_>, name: &str, pointer: &str) -> Option<Value> {
        let mut all = candidates(shape, name, self.context, self.rng);
        // One value feeds one parameter: a velocity is not its x, y and z.
        let taken = |c: &Candidate| matches!(&c.from, Source::Result(call, at) if self.choice.flows.iter().any(|f| f.src_call == *call && f.src_pointer == *at));
        all.retain(|c| !taken(c));
        if let Some(offered) = self.offered.get(name) {
            let offered = offered.iter().filter_map(|v| crate::explore::candidates::fit(shape, v));
            all = offered.map(|value| Candidate { value, from: Source::Other(Origin::Example) }).collect();
            all.truncate(1);
        }
        let place = self.attempt.min(all.len().checked_sub(1)?);
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
