//! Sessions, whatever door they came in by. They can't see each other, and there is an end to how many there are, how long one
//! may be idle and how much it may keep.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::reward::grade_by;
use crate::serve::task::{Offer, ServedTask};
use crate::serve::tools::{SUBMIT, Toolset};
use crate::simulator::generate::Generator;
use crate::simulator::live::Backing;
use crate::simulator::{Answer, Answering, Session, SimCall};

/// Where the calls of sessions are collected, to be committed by whoever serves.
pub type Log = Arc<Mutex<Vec<SimCall>>>;

/// Calls that a session keeps before they go to the log.
const KEPT: usize = 256;

/// Limits of what clients may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Most sessions at once.
    pub sessions: usize,
    /// Time without a call after which a session ends.
    pub idle: Duration,
    /// Largest body of a request, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { sessions: 1024, idle: Duration::from_secs(900), body: 4 << 20 }
    }
}

/// All sessions.
pub struct Hub {
    /// What is served.
    pub offer: Offer,
    /// What sessions may answer with.
    answering: Answering,
    /// Limits.
    pub limits: Limits,
    prefix: String,
    counter: AtomicU64,
    turn: AtomicU64,
    count: Arc<AtomicUsize>,
    named: Mutex<HashMap<String, Arc<Live>>>,
    log: Log,
    behind: Behind,
}

/// What answers where nothing recorded does.
#[derive(Debug, Clone, Default)]
pub struct Behind {
    /// Real servers.
    pub backing: Option<Arc<Backing>>,
    /// A model.
    pub generator: Option<Arc<Generator>>,
}

/// One session.
pub struct Live {
    /// Its id, as in `sim_call`.
    pub id: String,
    /// Its task.
    pub task: Option<Arc<ServedTask>>,
    /// Its tools.
    pub tools: Arc<Toolset>,
    inner: Mutex<Inner>,
    count: Arc<AtomicUsize>,
    log: Log,
}

struct Inner {
    session: Session,
    touched: Instant,
    steps: u64,
    reward: Option<f64>,
    replays: Vec<(String, String)>,
}

/// What a call gave.
pub enum Turn {
    /// The answer to the task was handed in; its reward.
    Submitted(f64),
    /// A recorded call answered, or none.
    Answered(Answer),
}

impl Turn {
    /// The CallToolResult.
    pub fn reply(&self) -> Value {
        match self {
            Turn::Submitted(reward) => {
                let result = json!({"reward": reward});
                json!({"content": [{"type": "text", "text": result.to_string()}], "structuredContent": result})
            }
            Turn::Answered(answer) => answer.value(),
        }
    }

    /// How it came about.
    pub fn about(&self) -> About<'_> {
        let Turn::Answered(answer) = self else { return About::default() };
        let matched = answer.matched().map(|(episode_id, call_index)| Matched { episode_id, call_index });
        About { verdict: Some(answer.verdict.name()), distance: answer.distance, matched }
    }

    /// The same as members of a `_meta`.
    pub fn meta(&self) -> Map<String, Value> {
        crate::json::members(&json!(self.about()))
    }

    /// The reward, where an answer was handed in.
    pub fn reward(&self) -> Option<f64> {
        if let Turn::Submitted(reward) = self { Some(*reward) } else { None }
    }
}

/// How a reply came about, as it stands in its `_meta`. Nothing of it is there where an answer was handed in.
#[derive(Debug, Default, Serialize)]
pub struct About<'a> {
    #[serde(rename = "firefly/verdict", skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(rename = "firefly/distance", skip_serializing_if = "Option::is_none")]
    distance: Option<f64>,
    #[serde(rename = "firefly/matched", skip_serializing_if = "Option::is_none")]
    matched: Option<Matched<'a>>,
}

#[derive(Debug, Serialize)]
struct Matched<'a> {
    episode_id: &'a str,
    call_index: i64,
}

impl About<'_> {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.verdict.is_none()
    }
}

/// Why there is no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// There are as many as there may be.
    Full,
    /// No task has this id.
    NoTask,
    /// No session is called so.
    Unknown,
    /// A session is called so already.
    Taken,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refused::Full => "there are as many sessions as this server takes",
            Refused::NoTask => "the snapshot has no such task",
            Refused::Unknown => "no such session",
            Refused::Taken => "this session is open already",
        })
    }
}

impl Hub {
    /// Sessions over `offer`; their ids begin with `prefix`.
    pub fn new(offer: Offer, answering: Answering, limits: Limits, prefix: String, log: Log, behind: Behind) -> Arc<Hub> {
        let (counter, turn) = (AtomicU64::new(0), AtomicU64::new(0));
        let (count, named) = (Arc::new(AtomicUsize::new(0)), Mutex::default());
        Arc::new(Hub { offer, answering, limits, prefix, counter, turn, count, named, log, behind })
    }

    /// The task that a session is for: the one asked for, else the one that is served.
    pub fn task(&self, asked: Option<&str>) -> Result<Option<Arc<ServedTask>>, Refused> {
        match asked {
            None => Ok(self.offer.task.clone()),
            Some(task_id) => self.offer.find(task_id).cloned().map(Some).ok_or(Refused::NoTask),
        }
    }

    /// Whether a call may wait for a real server or a model.
    pub fn waits(&self) -> bool {
        self.behind.backing.is_some() || self.behind.generator.is_some()
    }

    /// A fresh session that nobody else can name.
    pub fn open(&self, task: Option<Arc<ServedTask>>) -> Result<Arc<Live>, Refused> {
        if self.count.fetch_add(1, Ordering::Relaxed) >= self.limits.sessions {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(Refused::Full);
        }
        // In the order in which they were opened, so that the log's older rows need not be looked at again.
        let id = format!("{}-{:09}", self.prefix, self.counter.fetch_add(1, Ordering::Relaxed));
        let task_id = task.as_ref().map(|t| t.task_id.clone());
        let session = Session::new(id.clone(), task_id, self.offer.world.clone())
            .with(self.answering.clone())
            .backed(self.behind.backing.as_ref())
            .written_by(self.behind.generator.as_ref());
        let inner = Mutex::new(Inner { session, touched: Instant::now(), steps: 0, reward: None, replays: Vec::new() });
        let tools = self.offer.toolset(task.as_deref());
        Ok(Arc::new(Live { id, task, tools, inner, count: self.count.clone(), log: self.log.clone() }))
    }

    /// A fresh session called `name` from here on.
    pub fn open_named(&self, name: &str, task: Option<Arc<ServedTask>>) -> Result<Arc<Live>, Refused> {
        let mut named = self.named();
        if named.contains_key(name) {
            return Err(Refused::Taken);
        }
        let live = self.open(task)?;
        named.insert(name.to_owned(), live.clone());
        Ok(live)
    }

    /// The session called `name`.
    pub fn find(&self, name: &str) -> Result<Arc<Live>, Refused> {
        self.named().get(name).cloned().ok_or(Refused::Unknown)
    }

    /// The session called `name`, opened for the served task if there is none.
    pub fn find_or_open(&self, name: &str) -> Result<Arc<Live>, Refused> {
        match self.open_named(name, self.offer.task.clone()) {
            Err(Refused::Taken) => self.find(name),
            other => other,
        }
    }

    /// Ends the session called `name`; whether there was one.
    pub fn close(&self, name: &str) -> bool {
        self.named().remove(name).is_some()
    }

    /// Ends the sessions that were idle for too long.
    pub fn reap(&self) {
        let idle = self.limits.idle;
        self.named().retain(|_, live| live.inner().touched.elapsed() < idle);
    }

    /// Ends all sessions.
    pub fn close_all(&self) {
        self.named().clear();
    }

    /// A number that comes once.
    pub fn next(&self) -> u64 {
        self.turn.fetch_add(1, Ordering::Relaxed)
    }

    /// A name that can't be guessed.
    pub fn secret(&self) -> String {
        let mut bytes = [0u8; 16];
        rand::fill(&mut bytes);
        crate::text::hex(&bytes)
    }

    fn named(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one call.
    pub fn call(&self, name: &str, arguments: &Map<String, Value>) -> Turn {
        let mut inner = self.inner();
        inner.touched = Instant::now();
        inner.steps += 1;
        if let (SUBMIT, Some(task)) = (name, &self.task) {
            let answer = arguments.get("answer").unwrap_or(&Value::Null);
            // Which field is wrong is not said: an agent could try each in turn.
            let reward = reward_of(task, answer);
            inner.reward = Some(reward);
            return Turn::Submitted(reward);
        }
        let (server, tool) = self.tools.find(name).unwrap_or(("", name));
        let answer = inner.session.answer(server, tool, arguments);
        if inner.session.logged() >= KEPT {
            let calls = inner.session.take_log();
            drop(inner);
            self.log.lock().unwrap_or_else(PoisonError::into_inner).extend(calls);
        }
        Turn::Answered(answer)
    }

    /// Shows that its client is still there.
    pub fn touch(&self) {
        self.inner().touched = Instant::now();
    }

    /// Calls made so far.
    pub fn steps(&self) -> u64 {
        self.inner().steps
    }

    /// The reward of the last answer handed in.
    pub fn reward(&self) -> Option<f64> {
        self.inner().reward
    }

    /// What was said to the request called `id`, so that one that comes again is not made again.
    pub fn replay(&self, id: &str) -> Option<String> {
        self.inner().replays.iter().find(|(known, _)| known == id).map(|(_, said)| said.clone())
    }

    /// Keeps what was said to the request called `id` for a while.
    pub fn keep(&self, id: String, said: String) {
        const REPLAYS: usize = 4;
        let mut inner = self.inner();
        if inner.replays.len() >= REPLAYS {
            inner.replays.remove(0);
        }
        inner.replays.push((id, said));
    }
}

/// The reward of an answer: JSON, or text with JSON in it.
pub fn reward_of(task: &ServedTask, answer: &Value) -> f64 {
    let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
    grade_by(&text, &task.answer, &task.answer_schema).reward()
}

impl Drop for Live {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).append(&mut inner.session.take_log());
    }
}
