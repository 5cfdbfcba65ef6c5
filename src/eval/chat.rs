//! The agent loop of a model: native tool calls, or steps that a JSON Schema holds to.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::eval::agent::Ended;
use crate::eval::grading::object_in;
use crate::eval::tools::{self, SUBMIT};
use crate::eval::trial::{Limits, Status, Trial};
use crate::llm::{Budget, Endpoint, Reply, Request, Spent};

/// System prompt where tools are called natively.
const NATIVE: &str = include_str!("../../prompts/eval.md");
/// System prompt where each message is a step in JSON; the tools stand below it.
const STEPS: &str = include_str!("../../prompts/eval_json.md");
/// What asks for the answer when an agent has not given it of its own accord.
const ANSWER: &str = include_str!("../../prompts/eval_answer.md");

/// How a model calls tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Calls {
    /// Natively where one request shows that it can, else by steps
    Auto,
    /// Through the endpoint's own tool calls
    Native,
    /// By messages that a JSON Schema holds to
    Json,
}

impl Calls {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Calls::Auto => "auto",
            Calls::Native => "native",
            Calls::Json => "json",
        }
    }
}

/// A model that works on tasks.
pub struct Chat {
    endpoint: Endpoint,
    budget: Arc<Budget>,
    temperature: f64,
    calls: Calls,
    prompt: String,
}

/// One tool call of a model.
struct Called {
    id: String,
    name: String,
    arguments: String,
}

impl Chat {
    /// A model behind `endpoint`. `calls` says how it calls tools, where `Auto` asks it once; `prompt` takes the place of
    /// the system prompt.
    pub async fn new(endpoint: Endpoint, budget: Arc<Budget>, temperature: f64, calls: Calls, prompt: Option<String>) -> Result<Chat> {
        let calls = match calls {
            Calls::Auto if calls_natively(&endpoint, &budget).await? => Calls::Native,
            Calls::Auto => Calls::Json,
            said => said,
        };
        let prompt = prompt.unwrap_or_else(|| if calls == Calls::Json { STEPS } else { NATIVE }.trim().to_owned());
        Ok(Chat { endpoint, budget, temperature, calls, prompt })
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        self.endpoint.model()
    }

    /// Its temperature.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Its system prompt.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// How it calls tools: natively or by steps.
    pub fn calls(&self) -> Calls {
        self.calls
    }

    /// Prices of a million tokens of prompts and of replies.
    pub fn prices(&self) -> (f64, f64) {
        self.budget.prices
    }

    /// What was spent by all trials.
    pub fn spent(&self) -> Spent {
        self.budget.spent()
    }

    /// Works on the task of `trial`.
    pub async fn work(&self, trial: &mut Trial, limits: &Limits) -> Result<Ended> {
        match self.calls {
            Calls::Json => self.by_steps(trial, limits).await,
            _ => self.natively(trial, limits).await,
        }
    }

    async fn natively(&self, trial: &mut Trial, limits: &Limits) -> Result<Ended> {
        let own = trial.offered.iter().map(|offered| tools::definition(&trial.world, offered));
        let tools: Vec<Value> = own.chain([tools::submit(&trial.task)]).collect();
        trial.messages.push(json!({"role": "system", "content": self.prompt}));
        trial.question();
        for _ in 0..limits.turns {
            let asked = Request { tools: tools.clone(), ..Request::default() };
            let reply = match self.ask(trial, limits, asked).await? {
                Ok(reply) => reply,
                Err(ended) => return Ok(ended),
            };
            let (message, called) = said(&reply.message, trial);
            trial.messages.push(message);
            if called.is_empty() {
                return match object_in(reply.text()) {
                    Some(answer) => Ok(Ended::answered(answer.to_string())),
                    None => self.last_word(trial, limits, Status::NoAnswer, None).await,
                };
            }
            if let Some(answer) = called.iter().find(|call| call.name == SUBMIT) {
                return Ok(Ended::answered(handed_in(&answer.arguments, &trial.task.answer_schema)));
            }
            let mut stop = None;
            for call in called {
                let text = if trial.steps.len() >= limits.calls {
                    stop = Some((Status::Limit, Some("calls")));
                    "This call was not made: there are no more calls in this task.".to_owned()
                } else {
                    trial.call(&call.id, &call.name, &call.arguments).text
                };
                trial.messages.push(json!({"role": "tool", "tool_call_id": call.id, "content": text}));
                if stop.is_none() && trial.loops() {
                    stop = Some((Status::Loop, None));
                }
            }
            if let Some((status, reason)) = stop {
                return self.last_word(trial, limits, status, reason).await;
            }
        }
        self.last_word(trial, limits, Status::Limit, Some("turns")).await
    }

    async fn by_steps(&self, trial: &mut Trial, limits: &Limits) -> Result<Ended> {
        let definitions: Vec<Value> = trial.offered.iter().map(|o| tools::definition(&trial.world, o)["function"].take()).collect();
        let told: Vec<String> = definitions.iter().map(Value::to_string).collect();
        let answer = json!({"answer": trial.task.answer_schema});
        let system = format!("{}\n{}\n\nThe answer: {answer}", self.prompt, told.join("\n"));
        trial.messages.push(json!({"role": "system", "content": system}));
        trial.question();
        let schema = step_schema(&definitions, &trial.task.answer_schema);
        for _ in 0..limits.turns {
            let asked = Request { answer: Some(("step".into(), schema.clone())), ..Request::default() };
            let reply = match self.ask(trial, limits, asked).await? {
                Ok(reply) => reply,
                Err(ended) => return Ok(ended),
            };
            trial.messages.push(json!({"role": "assistant", "content": reply.text()}));
            let given = object_in(reply.text()).unwrap_or_default();
            let step = given.get("step").unwrap_or(&given);
            if let Some(answer) = step.get("answer") {
                return Ok(Ended::answered(answer.to_string()));
            }
            let Some(name) = step["tool"].as_str().map(str::to_owned) else {
                let text = "That was no step. Write one JSON object with the member `step`.";
                trial.messages.push(json!({"role": "user", "content": text}));
                continue;
            };
            if trial.steps.len() >= limits.calls {
                return self.last_word(trial, limits, Status::Limit, Some("calls")).await;
            }
            let id = trial.call_id(0);
            let text = trial.call(&id, &name, &step["arguments"].to_string()).text;
            trial.messages.push(json!({"role": "user", "content": format!("Result of `{name}`:\n{text}")}));
            if trial.loops() {
                return self.last_word(trial, limits, Status::Loop, None).await;
            }
        }
        self.last_word(trial, limits, Status::Limit, Some("turns")).await
    }

    /// Asks for the answer, whose schema the endpoint holds to. `status` is what the trial comes to; one without an answer
    /// of its own accord is answered where this gives one.
    async fn last_word(&self, trial: &mut Trial, limits: &Limits, status: Status, reason: Option<&str>) -> Result<Ended> {
        trial.messages.push(json!({"role": "user", "content": ANSWER.trim()}));
        let asked = Request { answer: Some(("answer".into(), trial.task.answer_schema.clone())), ..Request::default() };
        let reply = match self.ask(trial, limits, asked).await? {
            Ok(reply) => reply,
            Err(ended) => return Ok(ended),
        };
        trial.messages.push(json!({"role": "assistant", "content": reply.text()}));
        let answer = object_in(reply.text()).map_or_else(|| reply.text().to_owned(), |object| object.to_string());
        let status = if status == Status::NoAnswer && !answer.trim().is_empty() { Status::Answered } else { status };
        Ok(Ended { status, reason: reason.map(str::to_owned), answer: Some(answer).filter(|a| !a.trim().is_empty()) })
    }

    /// Asks the endpoint, within the limits of the trial; how the trial ends where they are met or the request is refused.
    async fn ask(&self, trial: &mut Trial, limits: &Limits, request: Request) -> Result<Result<Reply, Ended>> {
        let over = |reason: &str| Ok(Err(Ended { status: Status::Limit, reason: Some(reason.into()), answer: None }));
        let left = limits.time.saturating_sub(trial.started.elapsed());
        if left.is_zero() {
            return over("time");
        }
        if limits.tokens.is_some_and(|most| trial.spent.prompt_tokens + trial.spent.answer_tokens >= most) {
            return over("tokens");
        }
        // Endpoints take seeds of 31 bits.
        let seed = Some(trial.seed & 0x7fff_ffff);
        let request =
            Request { messages: trial.messages.clone(), temperature: self.temperature, seed, max_tokens: limits.reply_tokens, ..request };
        let asked = Instant::now();
        let answered = tokio::time::timeout(left, self.endpoint.ask(&request, &self.budget)).await;
        trial.model_time += asked.elapsed();
        match answered {
            Err(_) => over("time"),
            Ok(Ok(Some(reply))) => {
                trial.spent.requests += 1;
                trial.spent.prompt_tokens += reply.prompt_tokens;
                trial.spent.answer_tokens += reply.answer_tokens;
                Ok(Ok(reply))
            }
            Ok(Ok(None)) => Err(Error::Partial("the budget is spent; what is finished is kept, and the same command goes on".into())),
            Ok(Err(Error::Refused(told))) => Ok(Err(Ended { status: Status::Refused, reason: Some(told), answer: None })),
            Ok(Err(other)) => Err(other),
        }
    }
}

/// The assistant's message as it is kept and sent again, with its calls under ids of ours.
fn said(message: &Value, trial: &Trial) -> (Value, Vec<Called>) {
    let listed = message["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let called: Vec<Called> = listed
        .iter()
        .enumerate()
        .map(|(place, call)| {
            let id = trial.call_id(place);
            let arguments = &call["function"]["arguments"];
            let arguments = arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned);
            Called { id, name: call["function"]["name"].as_str().unwrap_or_default().to_owned(), arguments }
        })
        .collect();
    let told = |c: &Called| json!({"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}});
    let mut kept = json!({"role": "assistant", "content": message["content"]});
    if !called.is_empty() {
        kept["tool_calls"] = called.iter().map(told).collect();
    }
    (kept, called)
}

/// The arguments of `submit_answer` as an answer. Some models wrap them in a member of their own.
fn handed_in(arguments: &str, schema: &Value) -> String {
    let Some(Value::Object(members)) = object_in(arguments) else { return arguments.to_owned() };
    let wrapped = members.get("answer").filter(|inner| inner.is_object() && members.len() == 1 && schema["properties"]["answer"].is_null());
    wrapped.cloned().unwrap_or(Value::Object(members)).to_string()
}

/// Schema of one step: a call of one of the tools, or the answer.
fn step_schema(definitions: &[Value], answer: &Value) -> Value {
    let object = |properties: Value, required: &[&str]| json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    let call = |function: &Value| {
        // References lead from the root of the tool's own schema, which is another one here.
        let own = &function["parameters"];
        let arguments = if own.to_string().contains("\"$ref\"") { json!({"type": "object"}) } else { own.clone() };
        object(json!({"tool": {"const": function["name"]}, "arguments": arguments}), &["tool", "arguments"])
    };
    let steps: Vec<Value> = definitions.iter().map(call).chain([object(json!({"answer": answer}), &["answer"])]).collect();
    object(json!({"step": {"anyOf": steps}}), &["step"])
}

/// Whether a model makes a native call when it is told to.
async fn calls_natively(endpoint: &Endpoint, budget: &Budget) -> Result<bool> {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]});
    let function = json!({"name": "current_weather", "description": "Weather of a city now.", "parameters": parameters});
    let request = Request {
        messages: vec![json!({"role": "user", "content": "What is the weather in Oslo now? Use the tool."})],
        tools: vec![json!({"type": "function", "function": function})],
        max_tokens: 200,
        seed: Some(0),
        ..Request::default()
    };
    match endpoint.ask(&request, budget).await {
        Ok(reply) => Ok(reply.is_some_and(|r| r.message["tool_calls"].as_array().is_some_and(|calls| !calls.is_empty()))),
        Err(Error::Refused(_)) => Ok(false),
        Err(other) => Err(other),
    }
}
