//! The value-flow policy: no model. Arguments are taken from earlier results along the links, from the
//! schema, from values seen before, and only then made up; where a call fails, its error says what to change.

use std::sync::{Arc, LazyLock};

use futures::future::BoxFuture;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regex::Regex;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::explore::candidates::Context;
use crate::explore::filler::Filler;
use crate::explore::made;
use crate::explore::plan::Node;
use crate::explore::policy::{Choice, Origin, Past, Policy, Turn};
use crate::explore::pool::Pool;
use crate::explore::repair::{self, Edit, Failure, Put};
use crate::explore::settle::settle;
use crate::explore::vary::varied;
use crate::json::{Leaf, escape, leads_into, leaves};
use crate::names::{param_words, similarity};
use crate::schema_walk::{Shape, shape};

/// Name in `episode.policy`.
pub const NAME: &str = "value-flow";
/// Times one tool is tried in an episode.
pub const ATTEMPTS: usize = 6;
/// Times another call like one that succeeded is drawn, until nobody has made it.
const DRAWS: usize = 6;

/// The policy, with the values it has learnt from the lake.
pub struct ValueFlow {
    pool: Arc<Pool>,
    attempts: usize,
}

impl ValueFlow {
    /// A policy that knows `pool` and tries a tool `attempts` times.
    pub fn new(pool: Arc<Pool>, attempts: usize) -> Self {
        ValueFlow { pool, attempts: attempts.max(1) }
    }

    /// Whether it knows arguments with which `node` has succeeded.
    pub fn knows(&self, node: &Node) -> bool {
        !self.pool.proven(&node.server, &node.tool).is_empty()
    }

    /// Arguments for the call at hand; none where nothing is left to try.
    pub fn decide(&self, mut turn: Turn<'_>) -> Option<Choice> {
        if turn.variation == 0 && turn.attempt >= self.attempts {
            return None;
        }
        let schema = &turn.node.input_schema;
        let top = shape(schema, schema);
        let tried: Vec<&Past> = turn.history.iter().filter(|past| past.node == turn.place).collect();
        let known = |choice: &Choice| tried.iter().any(|past| past.choice.arguments == choice.arguments);
        let new = |choice: &Choice| !known(choice) && !self.pool.is_made(&turn.node.server, &turn.node.tool, &choice.arguments);
        if turn.variation > 0 {
            let base = tried.iter().rev().find(|past| past.error.is_none());
            let like = base.and_then(|past| self.like(&mut turn.rng, turn.node, &top, |_| past.choice.clone(), new));
            let drawn = like
                .or_else(|| self.opened(&mut turn, &top, new))
                .or_else(|| (0..4).map(|more| self.fill(&mut turn, &top, 0, turn_wander(more))).find(new));
            return drawn.map(|choice| against_schema(choice, schema));
        }
        if let Some((last, error)) = tried.last().and_then(|past| Some((past, past.error.as_deref()?)))
            && stuck(&tried) <= self.attempts.div_ceil(3)
        {
            let bound = |pointer: &str| turn.links.iter().any(|l| pointer.strip_prefix('/').is_some_and(|p| p == escape(&l.param)));
            let flowed = last.choice.flows.iter().map(|f| f.dst_pointer.clone());
            let fixed: Vec<String> = flowed.filter(|p| bound(p) && turn.attempt < self.attempts / 2).collect();
            let failure = Failure { error, arguments: &last.choice.arguments, top: &top, files: turn.files, fixed: &fixed };
            for edit in repair::edits(&failure) {
                let choice = self.repaired(&last.choice, &edit, &top, &mut turn);
                if let Some(choice) = choice.filter(|choice| !known(choice)) {
                    return Some(against_schema(choice, schema));
                }
            }
        }
        let fresh = tried.iter().filter(|past| !past.choice.repaired).count();
        // Where nothing is to flow, or nothing that flowed was taken: what is known to work.
        let proven = self.pool.proven(&turn.node.server, &turn.node.tool);
        // Over many servers, all tools are known to work: a call like one that did tells more than the same once more.
        let wanders = turn.surveying && turn.plan.servers().len() > 1;
        if wanders && tried.is_empty() && !proven.is_empty() {
            let base = |rng: &mut ChaCha8Rng| seen(&proven[rng.random_range(0..proven.len())]);
            let like = self.like(&mut turn.rng, turn.node, &top, base, new);
            if let Some(choice) = like.or_else(|| self.opened(&mut turn, &top, new)) {
                return Some(against_schema(choice, schema));
            }
        }
        let trusted = if turn.links.is_empty() && turn.surveying {
            proven.get(fresh.saturating_sub(usize::from(wanders)))
        } else {
            proven.first().filter(|_| fresh >= 2)
        };
        if let Some(choice) = trusted.map(seen).filter(|choice| !known(choice)) {
            return Some(against_schema(choice, schema));
        }
        if turn.surveying || fresh > 0 {
            return Some(self.fill(&mut turn, &top, fresh, 0));
        }
        // A call that nobody has made tells more than one that was made before.
        let mut choice = self.fill(&mut turn, &top, 0, 0);
        for wander in [1, 2, 4, 6] {
            if !self.pool.is_made(&turn.node.server, &turn.node.tool, &choice.arguments) {
                break;
            }
            choice = self.fill(&mut turn, &top, 0, wander);
        }
        Some(choice)
    }

    /// A call like one that `base` draws, that is `new`.
    fn like(
        &self,
        rng: &mut ChaCha8Rng,
        node: &Node,
        top: &Shape<'_>,
        base: impl Fn(&mut ChaCha8Rng) -> Choice,
        new: impl Fn(&Choice) -> bool,
    ) -> Option<Choice> {
        (0..DRAWS).find_map(|_| {
            let base = base(rng);
            varied(&base, top, (&node.server, &node.tool), &self.pool, rng).filter(&new)
        })
    }

    /// A call of a tool that asks for nothing, with one of what it takes: without arguments there is one call to be made.
    fn opened(&self, turn: &mut Turn<'_>, top: &Shape<'_>, new: impl Fn(&Choice) -> bool) -> Option<Choice> {
        let open: Vec<(String, Shape<'_>)> =
            top.properties().into_iter().filter(|(_, p)| !matches!(p.kind(), "array" | "object")).collect();
        if open.is_empty() || top.properties().iter().any(|(name, _)| top.requires(name)) {
            return None;
        }
        (0..DRAWS).find_map(|_| {
            let (name, property) = &open[turn.rng.random_range(0..open.len())];
            let context = self.context(turn, name);
            let mut choice = Choice::default();
            let wander = turn_wander(0);
            let mut filler = Filler { context: &context, place: 0, wander, rng: &mut turn.rng, choice: &mut choice };
            let value = filler.value(property, name, &format!("/{}", escape(name)), 0)?;
            choice.arguments.insert(name.clone(), value);
            Some(choice).filter(&new)
        })
    }

    fn fill(&self, turn: &mut Turn<'_>, top: &Shape<'_>, place: usize, wander: usize) -> Choice {
        let mut choice = Choice::default();
        for (name, property) in top.properties() {
            let context = self.context(turn, &name);
            let linked = !context.links.is_empty();
            let wanted = top.requires(&name) || linked || optional(&property, &name, &context, place, &mut turn.rng);
            if !wanted {
                continue;
            }
            let mut filler = Filler { context: &context, place, wander, rng: &mut turn.rng, choice: &mut choice };
            if let Some(value) = filler.value(&property, &name, &format!("/{}", escape(&name)), 0) {
                choice.arguments.insert(name, value);
            }
        }
        settle(&mut choice, &mut turn.rng);
        choice
    }

    /// `last` with `edit` made to it; none where it can't be made.
    fn repaired(&self, last: &Choice, edit: &Edit, top: &Shape<'_>, turn: &mut Turn<'_>) -> Option<Choice> {
        let mut choice = Choice { repaired: true, ..last.clone() };
        for (pointer, put) in &edit.puts {
            choice.flows.retain(|f| !leads_into(&f.dst_pointer, pointer));
            choice.origins.retain(|(at, _)| !leads_into(at, pointer));
            let value = match put {
                Put::Nothing => {
                    repair::take(&mut choice.arguments, pointer);
                    continue;
                }
                Put::Value(value, origin) => {
                    choice.origins.push((pointer.clone(), *origin));
                    value.clone()
                }
                Put::Fill(place) => {
                    let name = pointer.rsplit('/').find(|step| step.parse::<usize>().is_err()).unwrap_or_default().to_owned();
                    match top.at(pointer) {
                        Some(shape) => {
                            let param = pointer.split('/').nth(1).unwrap_or_default().to_owned();
                            let context = self.context(turn, &param);
                            let mut rng = turn.rng.clone();
                            Filler { context: &context, place: *place, wander: 0, rng: &mut rng, choice: &mut choice }
                                .value(&shape, &name, pointer, 0)?
                        }
                        None => {
                            choice.origins.push((pointer.clone(), Origin::Made));
                            made::unknown(&name, *place)
                        }
                    }
                }
            };
            if !repair::put(&mut choice.arguments, pointer, value) {
                return None;
            }
        }
        Some(choice)
    }

    fn context<'a>(&'a self, turn: &Turn<'a>, param: &str) -> Context<'a> {
        Context {
            server: &turn.node.server,
            tool: &turn.node.tool,
            history: turn.history,
            links: turn.links.iter().filter(|l| l.param == param).map(|l| (l.src, l.field.as_str())).collect(),
            pool: &self.pool,
            files: turn.files,
            description: &turn.node.description,
        }
    }
}

impl Policy for ValueFlow {
    fn name(&self) -> &'static str {
        NAME
    }

    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<Option<Choice>>> {
        Box::pin(async move { Ok(self.decide(turn)) })
    }
}

/// Arguments with which a tool has succeeded.
fn seen(arguments: &Map<String, Value>) -> Choice {
    let origins = leaves(&Value::Object(arguments.clone())).into_iter().map(|l| (l.pointer, Origin::Seen)).collect();
    Choice { arguments: arguments.clone(), origins, ..Choice::default() }
}

/// Marks what stands against the tool's own schema.
fn against_schema(mut choice: Choice, schema: &Value) -> Choice {
    let Ok(validator) = jsonschema::validator_for(schema) else { return choice };
    let arguments = Value::Object(choice.arguments.clone());
    for error in validator.iter_errors(&arguments) {
        let at = error.instance_path().to_string();
        let meant = |pointer: &str| at.starts_with(pointer) || pointer.starts_with(&at);
        choice.origins.iter_mut().filter(|(pointer, _)| meant(pointer)).for_each(|(_, origin)| *origin = Origin::Beyond);
    }
    choice
}

/// Among how many candidates a variation draws, the wider the more often it met what was there.
fn turn_wander(drawn: usize) -> usize {
    2 + 2 * drawn
}

/// How often the last error came in a row, whatever values it repeats.
fn stuck(tried: &[&Past]) -> usize {
    static VALUE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"'[^']*'|"[^"]*"|`[^`]*`|[0-9.]+"#).expect("a fixed pattern"));
    let bare = |past: &&&Past| VALUE.replace_all(past.error.as_deref().unwrap_or_default(), "").into_owned();
    let Some(last) = tried.last() else { return 0 };
    let told = bare(&last);
    tried.iter().rev().take_while(|past| bare(past) == told).count()
}

/// Whether an optional parameter is filled: at first sometimes, where the schema says with what, or
/// where an earlier result has just the value; later not, so that a bad one is left out.
fn optional(property: &Shape<'_>, name: &str, context: &Context<'_>, place: usize, rng: &mut ChaCha8Rng) -> bool {
    let scalar = !matches!(property.kind(), "array" | "object");
    if place > 1 || !scalar {
        return false;
    }
    let listed = property.get("enum").is_some() && place == 0 && rng.random_bool(0.3);
    let words = param_words(name, context.tool);
    let fitting = |(_, called): &(Leaf, Vec<String>)| similarity(&words, called) > 0.95;
    listed || (context.history.iter().any(|past| past.news.iter().any(fitting)) && rng.random_bool(0.6))
}
