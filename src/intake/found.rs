//! What a source finds in a record.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::mcp::ErrorKind;

/// Everything found in some records.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// Servers with their tools.
    pub servers: Vec<FoundServer>,
    /// Recorded episodes.
    pub traces: Vec<Trace<'a>>,
    /// Tasks of benchmarks.
    pub tasks: Vec<BenchmarkTask>,
    /// Links between tools.
    pub links: Vec<KnownLink>,
    /// What was odd.
    pub odd: Odd,
}

impl Found<'_> {
    /// The server that tools are being found of: the last one, if that is its name, else a new one.
    pub fn server(&mut self, name: String) -> &mut FoundServer {
        if self.servers.last().is_none_or(|last| last.name != name) {
            self.servers.push(FoundServer { name, ..FoundServer::default() });
        }
        let last = self.servers.len() - 1;
        &mut self.servers[last]
    }
}

/// What was odd, and how often: repeated ids, results without a call, and so on.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Odd(pub BTreeMap<&'static str, u64>);

impl Odd {
    /// Counts something odd.
    pub fn note(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    /// Counts it so often.
    pub fn add(&mut self, what: &'static str, times: u64) {
        *self.0.entry(what).or_default() += times;
    }

    /// Counts all that `other` counted.
    pub fn merge(&mut self, other: Odd) {
        other.0.into_iter().for_each(|(what, times)| self.add(what, times));
    }
}

/// A server of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct FoundServer {
    /// What the catalogue calls it.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// How it is launched, without secrets.
    pub launch: Option<Value>,
    /// What it says it is for.
    pub instructions: Option<String>,
    /// Its tools.
    pub tools: Vec<FoundTool>,
}

/// A tool of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct FoundTool {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments, where one is published.
    pub input_schema: Option<Value>,
    /// JSON Schema of its result.
    pub output_schema: Option<Value>,
    /// Its hints.
    pub annotations: Option<Value>,
}

/// A value as it stands in a record.
#[derive(Debug, Clone)]
pub enum Json<'a> {
    /// JSON text.
    Raw(Cow<'a, str>),
    /// A text that may be JSON itself: arguments in a string, or what a tool printed.
    Text(Cow<'a, str>),
    /// A value put together by the source.
    Value(Value),
}

impl<'a> Json<'a> {
    /// A raw value of a record; a JSON string stands for its text.
    pub fn of(raw: &'a RawValue) -> Json<'a> {
        Json::Raw(raw.get().into())
    }

    /// The same, kept on its own.
    pub fn into_owned(self) -> Json<'static> {
        match self {
            Json::Raw(text) => Json::Raw(text.into_owned().into()),
            Json::Text(text) => Json::Text(text.into_owned().into()),
            Json::Value(value) => Json::Value(value),
        }
    }
}

/// An episode that others recorded.
#[derive(Debug, Default)]
pub struct Trace<'a> {
    /// What its record calls it; episodes with the same key and the same calls are one.
    pub key: String,
    /// Collection it belongs to, where the record says so.
    pub label: Option<String>,
    /// Model that made the calls.
    pub model: Option<String>,
    /// What the user asked.
    pub question: Option<String>,
    /// All that users said: values in it did not flow from a result.
    pub told: String,
    /// Reward the episode got.
    pub reward: Option<f64>,
    /// When it began: microseconds since the epoch.
    pub started_us: Option<i64>,
    /// Its calls, in order.
    pub calls: Vec<TracedCall<'a>>,
}

/// One call of a trace.
#[derive(Debug)]
pub struct TracedCall<'a> {
    /// Server called.
    pub server: Cow<'a, str>,
    /// Tool called.
    pub tool: Cow<'a, str>,
    /// Its arguments.
    pub arguments: Json<'a>,
    /// What came back; none where the record holds no result.
    pub result: Option<Json<'a>>,
    /// How it failed, where the record says so.
    pub failed: Option<ErrorKind>,
    /// Microseconds from request to reply, where known.
    pub latency_us: Option<i64>,
}

impl Trace<'_> {
    /// The same, kept on its own.
    pub fn into_owned(self) -> Trace<'static> {
        let calls = self.calls.into_iter().map(|call| TracedCall {
            server: call.server.into_owned().into(),
            tool: call.tool.into_owned().into(),
            arguments: call.arguments.into_owned(),
            result: call.result.map(Json::into_owned),
            failed: call.failed,
            latency_us: call.latency_us,
        });
        Trace {
            calls: calls.collect(),
            key: self.key,
            label: self.label,
            model: self.model,
            question: self.question,
            told: self.told,
            reward: self.reward,
            started_us: self.started_us,
        }
    }
}

/// A link between two tools of a server, as a collection publishes it.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownLink {
    /// The server.
    pub server: String,
    /// Tool whose result is used.
    pub src: String,
    /// Tool that uses it.
    pub dst: String,
    /// What is said of it.
    pub kind: Option<String>,
}

/// A task of a benchmark.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BenchmarkTask {
    /// The benchmark.
    pub benchmark: &'static str,
    /// Its id there, unique in the benchmark.
    pub task_id: String,
    /// Part of the benchmark: a domain, a service.
    pub domain: Option<String>,
    /// What is asked.
    pub question: String,
    /// The label: an answer, claims, or criteria, as JSON.
    pub answer: Option<Value>,
    /// Calls that solve it, as JSON: a list of objects with `tool` and `arguments`.
    pub gold_calls: Option<Value>,
    /// Servers or tools it is given, as a JSON list.
    pub tools: Option<Value>,
    /// Split it belongs to.
    pub split: Option<String>,
    /// How hard it is said to be.
    pub difficulty: Option<String>,
}
