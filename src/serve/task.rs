//! What is served: the recorded world, and the tasks that can be worked on in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::json::parse;
use crate::lake;
use crate::serve::tools::Toolset;
use crate::simulator::RecordedWorld;

/// What is served.
#[derive(Debug)]
pub struct Offer {
    /// The recorded world that answers.
    pub world: Arc<RecordedWorld>,
    /// The tasks, sorted by split, then by id.
    pub tasks: Vec<Arc<ServedTask>>,
    /// The task that a session is for which asks for none.
    pub task: Option<Arc<ServedTask>>,
    distractors: usize,
    toolsets: Mutex<HashMap<Option<String>, Arc<Toolset>>>,
}

/// A task as a session knows it.
#[derive(Debug, Default)]
pub struct ServedTask {
    /// Its id.
    pub task_id: String,
    /// The question.
    pub question: String,
    /// The label; it never leaves the server.
    pub answer: Value,
    /// JSON Schema of the answer.
    pub answer_schema: Value,
    /// Server and tool of each gold call, once each.
    pub tools: Vec<(String, String)>,
    /// `easy`, `medium` or `hard`.
    pub difficulty: String,
    /// Number of gold calls.
    pub calls: i64,
    /// Number of servers they cross.
    pub servers: i64,
    /// `train`, `test` or another; `train` where the lake's tasks are not split.
    pub split: String,
}

#[derive(Deserialize)]
struct Row {
    task_id: String,
    question: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
    difficulty: String,
    calls: i64,
    servers: i64,
    split: String,
}

impl From<Row> for ServedTask {
    fn from(row: Row) -> ServedTask {
        let gold = parse(&row.gold_calls);
        let text = |call: &Value, name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut tools: Vec<_> = gold.as_array().into_iter().flatten().map(|c| (text(c, "server"), text(c, "tool"))).collect();
        tools.sort();
        tools.dedup();
        ServedTask {
            task_id: row.task_id,
            question: row.question,
            answer: parse(&row.answer),
            answer_schema: parse(&row.answer_schema),
            tools,
            difficulty: row.difficulty,
            calls: row.calls,
            servers: row.servers,
            split: row.split,
        }
    }
}

impl ServedTask {
    /// What is public of it, flat: a row of a trainer's data set.
    pub fn spec(&self) -> Value {
        json!({
            "task_id": self.task_id,
            "question": self.question,
            "difficulty": self.difficulty,
            "calls": self.calls,
            "servers": self.servers,
        })
    }

    /// What an agent is told: the question, and how the answer is handed in.
    pub fn prompt(&self) -> String {
        let schema = &self.answer_schema;
        format!("{}\n\nHand in the answer with the tool `{}`, as a JSON object of this schema: {schema}", self.question, super::SUBMIT)
    }
}

impl Offer {
    /// The snapshot's recorded calls and verified tasks; `task_id` names the task of sessions that ask for none, and
    /// `distractors` is the number of other tools that a task's sessions get besides its own.
    pub fn load(session: &lake::Session, task_id: Option<&str>, distractors: usize) -> Result<Offer> {
        let world = Arc::new(RecordedWorld::load(session)?);
        session.set("task_id", task_id)?;
        let rows: Vec<Row> = session.rows(crate::sql::get("stages/served_task.sql"))?;
        let mut tasks: Vec<Arc<ServedTask>> = rows.into_iter().map(|row| Arc::new(row.into())).collect();
        tasks.sort_by(|a, b| (&a.split, &a.task_id).cmp(&(&b.split, &b.task_id)));
        let task = tasks.iter().find(|task| Some(task.task_id.as_str()) == task_id).cloned();
        if let (Some(task_id), None) = (task_id, &task) {
            let hint = "`firefly sql \"SELECT task_id, question FROM verified_task\"` shows those there are".into();
            return Err(Error::Empty { what: format!("the snapshot has no task `{task_id}`"), hint });
        }
        Ok(Offer { world, tasks, task, distractors, toolsets: Mutex::default() })
    }

    /// The recorded world alone, without tasks.
    pub fn of(world: Arc<RecordedWorld>) -> Offer {
        Offer { world, tasks: Vec::new(), task: None, distractors: 0, toolsets: Mutex::default() }
    }

    /// The same with one task, which every session is for.
    pub fn with(self, task: ServedTask) -> Offer {
        let task = Arc::new(task);
        Offer { tasks: vec![task.clone()], task: Some(task), ..self }
    }

    /// The task called `task_id`.
    pub fn find(&self, task_id: &str) -> Option<&Arc<ServedTask>> {
        self.tasks.iter().find(|task| task.task_id == task_id)
    }

    /// Names of the splits, sorted.
    pub fn splits(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tasks.iter().map(|task| task.split.as_str()).collect();
        names.dedup();
        names
    }

    /// The tasks of a split, in order.
    pub fn split<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<ServedTask>> {
        self.tasks.iter().filter(move |task| task.split == name)
    }

    /// The tools of a task's sessions: those of its gold calls, and distractors. All tools without a task.
    pub fn toolset(&self, task: Option<&ServedTask>) -> Arc<Toolset> {
        let key = task.map(|task| task.task_id.clone());
        if let Some(known) = self.toolsets.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        let names = match task {
            None => self.world.tools().map(|t| (t.server.clone(), t.tool.clone())).collect(),
            Some(task) => {
                let mut names = task.tools.clone();
                names.extend(self.distract(task));
                names
            }
        };
        let made = Arc::new(Toolset::new(&self.world, &names, task));
        self.toolsets.lock().unwrap_or_else(PoisonError::into_inner).insert(key, made.clone());
        made
    }

    /// Tools that the task does not need: the same ones each time, and only such as answer something.
    fn distract(&self, task: &ServedTask) -> Vec<(String, String)> {
        if self.distractors == 0 {
            return Vec::new();
        }
        let own = |t: &(String, String)| task.tools.contains(t);
        let called = self.world.tools().filter(|t| t.is_recorded());
        let mut others: Vec<_> = called.map(|t| (t.server.clone(), t.tool.clone())).filter(|t| !own(t)).collect();
        others.sort_by_key(|(server, tool)| xxh3_64(format!("{}\u{1}{server}\u{1}{tool}", task.task_id).as_bytes()));
        others.truncate(self.distractors);
        others
    }
}
