//! Who works on a task: a model behind an endpoint, or a reference agent.

use std::sync::Arc;

use serde_json::json;

use crate::error::Result;
use crate::eval::chat::Chat;
use crate::eval::reference::{self, Guesses};
use crate::eval::trial::{Limits, Status, Told, Trial};

/// Who is evaluated.
#[derive(Clone)]
pub enum Agent {
    /// A model.
    Model(Arc<Chat>),
    /// Makes the gold calls and reads the answer from their results: scores 1.
    Gold,
    /// Answers nothing: scores 0.
    Empty,
    /// Calls tools at random and answers with what it came across.
    Random,
    /// Calls nothing, and guesses from the question and from the answers to other tasks.
    Shortcut(Arc<Guesses>),
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// In which way.
    pub status: Status,
    /// Which limit, or what the endpoint said.
    pub reason: Option<String>,
    /// The answer, where there is one.
    pub answer: Option<String>,
}

impl Ended {
    /// With an answer of the agent's own accord.
    pub fn answered(answer: String) -> Ended {
        Ended { status: Status::Answered, reason: None, answer: Some(answer) }
    }
}

impl Agent {
    /// Its name in `eval_run.agent`.
    pub fn name(&self) -> &'static str {
        match self {
            Agent::Model(_) => "model",
            Agent::Gold => "gold",
            Agent::Empty => "empty",
            Agent::Random => "random",
            Agent::Shortcut(_) => "shortcut",
        }
    }

    /// The model, where it is one.
    pub fn chat(&self) -> Option<&Chat> {
        match self {
            Agent::Model(chat) => Some(chat),
            _ => None,
        }
    }

    /// Works on the task of `trial` until it has an answer or a limit is met.
    ///
    /// Errors where the endpoint fails after all retries or the budget of the run is spent: the run ends there.
    pub async fn work(&self, trial: &mut Trial, limits: &Limits) -> Result<Ended> {
        match self {
            Agent::Model(chat) => chat.work(trial, limits).await,
            Agent::Gold => Ok(reference::gold(trial)),
            Agent::Empty => Ok(reference::empty(trial)),
            Agent::Random => Ok(reference::random(trial, limits)),
            Agent::Shortcut(guesses) => Ok(reference::shortcut(trial, guesses)),
        }
    }
}

impl Trial {
    /// The question as the user's message.
    pub fn question(&mut self) {
        let question = json!({"role": "user", "content": self.task.question});
        self.messages.push(question);
    }

    /// The id of the call that is made `ahead` of the next one. Results are matched by ids of ours: endpoints draw them by chance,
    /// and the same trial would have another transcript each time. Mistral takes nine letters or digits.
    pub fn call_id(&self, ahead: usize) -> String {
        format!("call{:05}", self.steps.len() + ahead)
    }

    /// A call that a reference agent makes, told as a model's would be.
    pub fn make(&mut self, server: &str, tool: &str, arguments: &serde_json::Map<String, serde_json::Value>) -> Told {
        let offered = self.offered.iter().find(|o| o.server == server && o.tool == tool);
        let name = offered.map_or_else(|| tool.to_owned(), |o| o.name.clone());
        let id = self.call_id(0);
        let function = json!({"name": name, "arguments": json!(arguments).to_string()});
        let call = json!({"id": id, "type": "function", "function": function});
        self.messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
        let told = self.call_with(&id, &name, arguments);
        self.messages.push(json!({"role": "tool", "tool_call_id": id, "content": told.text}));
        told
    }

    /// The last message of a reference agent.
    pub fn answer(&mut self, answer: &serde_json::Value) -> Ended {
        let answer = answer.to_string();
        self.messages.push(json!({"role": "assistant", "content": answer}));
        Ended::answered(answer)
    }
}
