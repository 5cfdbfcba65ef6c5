//! The endpoint: `POST {url}/chat/completions`, or `{url}/messages`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::llm::{Budget, anthropic};
use crate::text::shorten;

/// What an endpoint speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Api {
    /// OpenAI's chat completions
    #[default]
    Openai,
    /// Anthropic's messages
    Anthropic,
}

/// How an endpoint is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// Base address, as in `http://127.0.0.1:8000/v1`.
    pub url: String,
    /// What it speaks.
    pub api: Api,
    /// Model to ask.
    pub model: String,
    /// Environment variable that holds the key; it is sent and never kept.
    pub key_env: String,
    /// Longest wait for one answer.
    pub timeout: Duration,
    /// Times a request is made again after 429, 5xx or a broken connection.
    pub retries: u32,
}

/// A model behind an address.
pub struct Endpoint {
    client: reqwest::Client,
    address: String,
    model: String,
    api: Api,
    key: Option<String>,
    retries: u32,
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Messages in OpenAI's form.
    pub messages: Vec<Value>,
    /// Tools in OpenAI's form; none where there are none to call.
    pub tools: Vec<Value>,
    /// JSON Schema of the answer, with a name.
    pub answer: Option<(String, Value)>,
    /// Temperature.
    pub temperature: f64,
    /// Seed, where the endpoint takes one.
    pub seed: Option<u64>,
    /// Most tokens of the answer.
    pub max_tokens: u32,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The assistant's message, in OpenAI's form.
    pub message: Value,
    /// Why it ended, as the endpoint says.
    pub finish: String,
    /// Tokens of the prompt.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub answer_tokens: u64,
}

impl Reply {
    /// The text of the message; empty where it has none.
    pub fn text(&self) -> &str {
        self.message["content"].as_str().unwrap_or_default()
    }

    /// The JSON object in the text, also where there is a fence around it, as models put it that know no answer schema; null where
    /// there is none.
    pub fn json(&self) -> Value {
        let text = self.text();
        let inner = text.find('{').zip(text.rfind('}')).and_then(|(from, to)| serde_json::from_str(text.get(from..=to)?).ok());
        inner.unwrap_or_default()
    }
}

/// Wait before the first retry; each later one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);
/// Times a request is made again on which the endpoint breaks.
const BREAKS: u32 = 2;
/// Longest wait, also where the endpoint asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl Endpoint {
    /// An endpoint. Errors where the address is none.
    pub fn new(options: &Options) -> Result<Endpoint> {
        let base = options.url.trim_end_matches('/');
        let address = match options.api {
            Api::Openai => format!("{base}/chat/completions"),
            Api::Anthropic => format!("{base}/messages"),
        };
        reqwest::Url::parse(&address).map_err(|e| Error::Usage(format!("`{}` is no address of an endpoint: {e}", options.url)))?;
        crate::tls::provide();
        let client = reqwest::Client::builder().timeout(options.timeout).build().map_err(|e| Error::Model(plain(&e)))?;
        let key = std::env::var(&options.key_env).ok().filter(|key| !key.is_empty());
        Ok(Endpoint { client, address, model: options.model.clone(), api: options.api, key, retries: options.retries })
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Asks, again after 429, 5xx and broken connections; none where the budget is spent.
    ///
    /// Errors with [`Error::Refused`] where the endpoint takes no such request (400, 413, 422) or breaks on it each time (500), and
    /// with [`Error::Model`] where it fails otherwise, after all retries. No error holds the key.
    pub async fn ask(&self, request: &Request, budget: &Budget) -> Result<Option<Reply>> {
        if !budget.take() {
            return Ok(None);
        }
        let body = match self.api {
            Api::Openai => self.body(request),
            Api::Anthropic => anthropic::body(&self.model, request),
        };
        let mut wait = FIRST_WAIT;
        for attempt in 0.. {
            match self.once(&body, request).await {
                Ok(reply) => {
                    budget.note(reply.prompt_tokens, reply.answer_tokens);
                    return Ok(Some(reply));
                }
                Err(failure) if failure.refused || (failure.broke && attempt >= self.retries.min(BREAKS)) => {
                    return Err(Error::Refused(failure.told));
                }
                Err(failure) if attempt >= self.retries || !failure.passing => return Err(Error::Model(failure.told)),
                Err(failure) => {
                    tokio::time::sleep(failure.wait.unwrap_or(wait).min(LONGEST_WAIT)).await;
                    wait *= 2;
                }
            }
        }
        Ok(None)
    }

    fn body(&self, request: &Request) -> Value {
        let mut body = json!({
            "model": self.model, "messages": request.messages,
            "temperature": request.temperature, "max_tokens": request.max_tokens,
        });
        if !request.tools.is_empty() {
            body["tools"] = json!(request.tools);
        }
        if let Some((name, schema)) = &request.answer {
            body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": true}});
        }
        if let Some(seed) = request.seed {
            body["seed"] = json!(seed);
        }
        body
    }

    async fn once(&self, body: &Value, asked: &Request) -> Result<Reply, Failure> {
        let mut request = self.client.post(&self.address).json(body);
        if self.api == Api::Anthropic {
            request = request.header("anthropic-version", anthropic::VERSION);
        }
        if let Some(key) = &self.key {
            request = if self.api == Api::Anthropic { request.header("x-api-key", key) } else { request.bearer_auth(key) };
        }
        let response = request.send().await.map_err(|e| Failure { passing: true, told: plain(&e), ..Failure::default() })?;
        let status = response.status();
        let wait = response.headers().get("retry-after").and_then(|v| v.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let text = response.text().await.map_err(|e| Failure { passing: true, told: plain(&e), ..Failure::default() })?;
        if !status.is_success() {
            let passing = status.as_u16() == 429 || status.is_server_error();
            let told = format!("the endpoint answered {status}: {}", shorten(&self.hide(&text), 300));
            let refused = matches!(status.as_u16(), 400 | 413 | 422);
            return Err(Failure { passing, refused, broke: status.as_u16() == 500, wait, told });
        }
        let no_reply = || Failure { told: format!("no chat completion: {}", shorten(&self.hide(&text), 300)), ..Failure::default() };
        let value: Value = serde_json::from_str(&text).map_err(|_| no_reply())?;
        if self.api == Api::Anthropic {
            return anthropic::read(&value, asked).ok_or_else(no_reply);
        }
        let choice = value.pointer("/choices/0").filter(|c| c["message"].is_object()).ok_or_else(no_reply)?;
        let tokens = |name: &str| value["usage"][name].as_u64().unwrap_or_default();
        Ok(Reply {
            message: choice["message"].clone(),
            finish: choice["finish_reason"].as_str().unwrap_or_default().to_owned(),
            prompt_tokens: tokens("prompt_tokens"),
            answer_tokens: tokens("completion_tokens"),
        })
    }

    fn hide(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| text.replace(key.as_str(), "…"))
    }
}

/// A request that failed.
#[derive(Default)]
struct Failure {
    /// Whether it may work another time.
    passing: bool,
    /// Whether the request itself is at fault.
    refused: bool,
    /// Whether the endpoint broke on it, which some do on each request that leads a model to the same words.
    broke: bool,
    /// How long the endpoint asks to wait.
    wait: Option<Duration>,
    told: String,
}

/// An error of the client without the address, which may hold a key.
fn plain(error: &reqwest::Error) -> String {
    let kind = match error {
        e if e.is_timeout() => "no answer in time",
        e if e.is_connect() => "the endpoint can't be reached",
        e if e.is_body() || e.is_decode() => "the answer broke off",
        _ => "the request failed",
    };
    let cause = std::iter::successors(std::error::Error::source(error), |e| e.source()).last();
    cause.map_or(kind.to_owned(), |cause| format!("{kind}: {cause}"))
}
