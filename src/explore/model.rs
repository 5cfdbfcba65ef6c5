//! The policy `llm`: a model behind an endpoint writes the arguments of each call. It sees the tools of the sub-DAG and
//! what should flow, the results so far, and what was said of tries that failed.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::explore::policy::{Choice, Origin, Past, Policy, TakenFlow, Turn};
use crate::json::{leaves, scalar_text};
use crate::llm::{Budget, Endpoint, Request};
use crate::text::shorten;

/// Name in `episode.policy`.
pub const NAME: &str = "llm";
/// Times one tool is tried in an episode.
const ATTEMPTS: usize = 3;
/// What the model is told first.
const PROMPT: &str = include_str!("../../prompts/explore.md");
/// Answers without a tool call after which no more are hoped for.
const PATIENCE: usize = 3;
/// Most of a schema, a result and an error that is shown, in characters.
const SHOWN: (usize, usize, usize) = (4000, 700, 600);
/// Most of given arguments that is shown, in characters: some are whole documents.
const GIVEN: usize = 300;
/// Most results that are shown, and in a walk whose tools have nothing to do with each other.
const RESULTS: (usize, usize) = (8, 3);

/// A model that writes arguments.
pub struct Model {
    endpoint: Endpoint,
    budget: Arc<Budget>,
    silent: AtomicUsize,
}

impl Model {
    /// A model behind `endpoint`, that may cost `budget`.
    pub fn new(endpoint: Endpoint, budget: Arc<Budget>) -> Model {
        Model { endpoint, budget, silent: AtomicUsize::new(0) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.endpoint.model()
    }

    /// Arguments for the call at hand; none where the answer held none.
    ///
    /// Errors where the endpoint fails or the budget is spent: the run ends there, and what is finished is kept.
    pub async fn write(&self, turn: &Turn<'_>) -> Result<Option<Choice>> {
        let question = question(turn);
        let messages = vec![json!({"role": "system", "content": PROMPT}), json!({"role": "user", "content": question})];
        let seed = Some(turn.attempt as u64);
        let request = Request { messages, temperature: 0.2 * turn.attempt as f64, seed, max_tokens: 1024, ..Request::default() };
        if self.silent.load(Ordering::Relaxed) < PATIENCE {
            let function =
                json!({"name": turn.node.tool, "description": shorten(&turn.node.description, 1000), "parameters": turn.node.input_schema});
            let asked = Request { tools: vec![json!({"type": "function", "function": function})], ..request.clone() };
            let reply = self.ask(&asked).await?;
            let called = reply.pointer("/tool_calls/0/function/arguments");
            let arguments = called.and_then(|a| a.as_str().map_or_else(|| Some(a.clone()), |text| serde_json::from_str(text).ok()));
            if let Some(Value::Object(arguments)) = arguments {
                self.silent.store(0, Ordering::Relaxed);
                return Ok(Some(choice(arguments, turn)));
            }
            self.silent.fetch_add(1, Ordering::Relaxed);
        }
        // No native call: an answer that the schema holds to.
        let asked = Request { answer: Some(("arguments".into(), turn.node.input_schema.clone())), ..request };
        let reply = self.ask(&asked).await?;
        let text = reply["content"].as_str().unwrap_or_default();
        let bare = text.trim().trim_start_matches("```json").trim_start_matches("```").trim_end_matches("```");
        Ok(serde_json::from_str::<Map<String, Value>>(bare).ok().map(|arguments| choice(arguments, turn)))
    }

    async fn ask(&self, request: &Request) -> Result<Value> {
        let reply = self.endpoint.ask(request, &self.budget).await?;
        let spent = || Error::Model("the budget is spent; what was finished is kept, and `--resume` goes on with another".into());
        reply.map(|reply| reply.message).ok_or_else(spent)
    }
}

/// What is asked: the tool, what should flow into it, what is known.
fn question(turn: &Turn<'_>) -> String {
    let (schema, result, error) = SHOWN;
    let mut text = String::new();
    let tools: Vec<&str> = turn.plan.nodes.iter().map(|n| n.tool.as_str()).take(12).collect();
    let _ = writeln!(text, "The plan is to call, in this order: {}.\n", tools.join(", "));
    let earlier: Vec<&Past> = turn.history.iter().filter(|past| past.error.is_none() && past.node != turn.place).collect();
    if !earlier.is_empty() {
        text.push_str("Results so far:\n");
        let most = if turn.surveying { RESULTS.1 } else { RESULTS.0 };
        for past in &earlier[earlier.len().saturating_sub(most)..] {
            let _ = writeln!(text, "- {}({}) gave {}", past.tool, arguments(past), shorten(&past.result, result));
        }
        text.push('\n');
    }
    if !turn.files.is_empty() {
        let _ = writeln!(text, "Files:\n{}\n", turn.files.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    }
    let _ = writeln!(text, "Call now: {}\n{}\n", turn.node.tool, shorten(&turn.node.description, schema / 2));
    let _ = writeln!(text, "Schema of its arguments: {}\n", shorten(&turn.node.input_schema.to_string(), schema));
    for link in &turn.links {
        let source = turn.plan.nodes.get(link.src).map_or("an earlier call", |n| n.tool.as_str());
        let _ = writeln!(text, "`{}` should be a value of the field {} of {source}.", link.param, link.field);
    }
    let failed = turn.history.iter().filter(|past| past.node == turn.place);
    for past in failed.rev().take(3) {
        let told = shorten(past.error.as_deref().unwrap_or_default(), error);
        let _ = writeln!(text, "Tried {}: it said {told}", arguments(past));
    }
    text
}

/// What a call was given.
fn arguments(past: &Past) -> String {
    shorten(&Value::Object(past.choice.arguments.clone()).to_string(), GIVEN)
}

/// `arguments` with where their values come from: earlier results where they stand there, else the model.
fn choice(arguments: Map<String, Value>, turn: &Turn<'_>) -> Choice {
    let mut choice = Choice::default();
    for leaf in leaves(&Value::Object(arguments.clone())) {
        let text = scalar_text(&leaf.value);
        let telling = text.len() > 1 && !leaf.value.is_boolean();
        let found = turn.history.iter().rev().filter(|_| telling).find_map(|past| {
            let held = past.news.iter().find(|(news, _)| scalar_text(&news.value) == text)?;
            Some((past.call_index, held.0.pointer.clone()))
        });
        match found {
            Some((src_call, src_pointer)) => choice.flows.push(TakenFlow { src_call, src_pointer, dst_pointer: leaf.pointer }),
            None => choice.origins.push((leaf.pointer, Origin::Model)),
        }
    }
    Choice { arguments, ..choice }
}

/// The policy that lets a model write all arguments.
pub struct Llm(pub Arc<Model>);

impl Policy for Llm {
    fn name(&self) -> &'static str {
        NAME
    }

    fn model(&self) -> Option<&str> {
        Some(self.0.name())
    }

    fn choose<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<Option<Choice>>> {
        Box::pin(async move { if turn.attempt < ATTEMPTS && turn.variation == 0 { self.0.write(&turn).await } else { Ok(None) } })
    }
}
