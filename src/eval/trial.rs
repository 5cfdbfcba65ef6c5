//! One trial: a task, the tools on offer, and a session with the simulator in which calls are answered and counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::eval::task::EvalTask;
use crate::eval::tools::Offered;
use crate::json::canonical;
use crate::llm::Spent;
use crate::simulator::live::Backing;
use crate::simulator::{RecordedWorld, Session, SimCall};
use crate::text::shorten;

/// Longest result that an agent is shown, in characters: what is beyond fills contexts and answers nothing.
const RESULT: usize = 20_000;
/// Equal calls, or rounds of calls, one after the other that make a loop.
const LOOP: usize = 3;
/// Most calls in a round that is looked for.
const ROUND: usize = 3;
/// Verdict of a call whose arguments are no JSON object.
pub const UNREADABLE: &str = "unreadable";

/// Limits of one trial.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limits {
    /// Most requests to the model.
    pub turns: usize,
    /// Most tool calls.
    pub calls: usize,
    /// Most tokens of one reply of the model.
    pub reply_tokens: u32,
    /// Most tokens, prompts and replies together.
    pub tokens: Option<u64>,
    /// Longest time.
    pub time: Duration,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// With an answer of the agent's own accord.
    Answered,
    /// Without one.
    NoAnswer,
    /// At a limit, whether an answer came then or not.
    Limit,
    /// The same call was made again and again.
    Loop,
    /// The endpoint takes no such request: too long, for instance.
    Refused,
}

impl Status {
    /// Its name in the `status` column.
    pub fn name(self) -> &'static str {
        match self {
            Status::Answered => "answered",
            Status::NoAnswer => "no_answer",
            Status::Limit => "limit",
            Status::Loop => "loop",
            Status::Refused => "refused",
        }
    }
}

/// One tool call of a trial.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// Id of the call in the transcript.
    pub id: String,
    /// Name that was called.
    pub name: String,
    /// The simulator's verdict, or [`UNREADABLE`].
    pub verdict: &'static str,
    /// Its index in `sim_call`, where it reached the simulator.
    pub call_index: Option<i64>,
    #[serde(skip)]
    call: String,
}

/// A trial in the making.
pub struct Trial {
    /// The task.
    pub task: Arc<EvalTask>,
    /// Number of the trial, from 0.
    pub number: usize,
    /// Its seed.
    pub seed: u64,
    /// Tools on offer.
    pub offered: Arc<Vec<Offered>>,
    /// The recorded world.
    pub world: Arc<RecordedWorld>,
    /// Everything that was said, in OpenAI's form.
    pub messages: Vec<Value>,
    /// Calls so far.
    pub steps: Vec<Step>,
    /// What the model cost.
    pub spent: Spent,
    /// Time it took.
    pub model_time: Duration,
    /// When the trial began.
    pub started: Instant,
    session: Session,
    reached: i64,
}

/// What an agent is told of a call, and what it came to.
pub struct Told {
    /// The result as text.
    pub text: String,
    /// The CallToolResult; none for a call that could not be read.
    pub reply: Option<Value>,
}

impl Trial {
    /// A trial from fresh state, against real servers where there is a `backing`. `session_id` names it in `sim_call`.
    pub fn new(
        task: Arc<EvalTask>,
        number: usize,
        seed: u64,
        offered: Arc<Vec<Offered>>,
        world: Arc<RecordedWorld>,
        session_id: String,
        backing: Option<&Arc<Backing>>,
    ) -> Trial {
        let session = Session::new(session_id, Some(task.task_id.clone()), world.clone()).backed(backing);
        Trial {
            task,
            number,
            seed,
            offered,
            world,
            messages: Vec::new(),
            steps: Vec::new(),
            spent: Spent::default(),
            model_time: Duration::ZERO,
            started: Instant::now(),
            session,
            reached: 0,
        }
    }

    /// Answers a call of the tool offered as `name`, whose arguments came as text.
    pub fn call(&mut self, id: &str, name: &str, arguments: &str) -> Told {
        // No arguments at all is how some models call a tool that takes none.
        let text = if arguments.trim().is_empty() { "{}" } else { arguments };
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(arguments) => self.call_with(id, name, &arguments),
            Err(wrong) => {
                self.note(id, name, UNREADABLE, None, arguments.to_owned());
                Told { text: format!("The arguments of the call are no JSON object: {wrong}"), reply: None }
            }
        }
    }

    /// The same, with arguments that were read.
    pub fn call_with(&mut self, id: &str, name: &str, arguments: &Map<String, Value>) -> Told {
        let known = self.offered.iter().find(|o| o.name == name);
        // A name that was not offered reaches the simulator as a tool of no server, and is refused there.
        let (server, tool) = known.map_or((String::new(), name.to_owned()), |o| (o.server.clone(), o.tool.clone()));
        let reply = self.session.call(&server, &tool, arguments);
        let index = Some(self.reached);
        self.reached += 1;
        self.note(id, name, reply.verdict.name(), index, canonical(&Value::Object(arguments.clone())));
        Told { text: shorten(&text_of(&reply.reply), RESULT), reply: Some(reply.reply) }
    }

    fn note(&mut self, id: &str, name: &str, verdict: &'static str, call_index: Option<i64>, arguments: String) {
        self.steps.push(Step { id: id.into(), name: name.into(), verdict, call_index, call: format!("{name} {arguments}") });
    }

    /// Whether the last calls were the same again and again, or the same few in a round.
    pub fn loops(&self) -> bool {
        let round = |period: usize| {
            let last = &self.steps[self.steps.len().saturating_sub(LOOP * period)..];
            last.len() == LOOP * period && last.iter().zip(&last[period..]).all(|(a, b)| a.call == b.call)
        };
        (1..=ROUND).any(round)
    }

    /// The rows of `sim_call`.
    pub fn take_log(&mut self) -> Vec<SimCall> {
        self.session.take_log()
    }
}

/// A CallToolResult as a model reads it: its texts, else its structured content.
fn text_of(reply: &Value) -> String {
    let blocks = reply["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<&str> = blocks.iter().filter_map(|block| block["text"].as_str()).collect();
    match (texts.is_empty(), reply.get("structuredContent")) {
        (true, Some(structured)) => structured.to_string(),
        (true, None) => Value::from(blocks).to_string(),
        (false, _) => texts.join("\n"),
    }
}
