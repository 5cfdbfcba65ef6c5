//! Rows of `eval_run`, `eval_result` and `eval_grade`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::eval::agent::Ended;
use crate::eval::grading::{Graded, graded};
use crate::eval::trial::Trial;

/// A row of `eval_run`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// The run.
    pub run_id: String,
    /// `model`, or the reference agent.
    pub agent: String,
    /// The model.
    pub model: Option<String>,
    /// Split of the tasks.
    pub split: String,
    /// Snapshot that was read.
    pub snapshot: i64,
    /// Number of tasks.
    pub tasks: i64,
    /// Trials of each.
    pub trials: i64,
    /// Tools beside those of the task.
    pub distractors: i64,
    /// Temperature.
    pub temperature: f64,
    /// The seed.
    pub seed: i64,
    /// The rest of what was set, as JSON.
    pub settings: String,
    /// System prompt.
    pub prompt: Option<String>,
    /// When it was first started.
    pub started_at: String,
}

/// A row of `eval_result`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResultRow {
    /// The run.
    pub run_id: String,
    /// The task.
    pub task_id: String,
    /// Number of the trial.
    pub trial: i64,
    /// Reward, 0 to 1.
    pub reward: f64,
    /// Share of the fields that are right.
    pub field_score: f64,
    /// How it ended.
    pub status: String,
    /// Which limit, or what the endpoint said.
    pub reason: Option<String>,
    /// The answer.
    pub answer: Option<String>,
    /// Grades of the fields, as JSON.
    pub fields: String,
    /// Requests to the model.
    pub turns: i64,
    /// Tool calls.
    pub calls: i64,
    /// The calls with their verdicts, as JSON.
    pub steps: String,
    /// Tokens of prompts.
    pub prompt_tokens: i64,
    /// Tokens of replies.
    pub answer_tokens: i64,
    /// What they cost.
    pub cost: f64,
    /// The seed.
    pub seed: i64,
    /// Tools on offer, as JSON.
    pub tools: String,
    /// Messages in OpenAI's form, as JSON.
    pub transcript: String,
    /// Microseconds that the endpoint took.
    pub model_us: i64,
    /// Microseconds that the trial took.
    pub wall_us: i64,
    /// When it ended.
    pub ended_at: String,
}

/// A row of `eval_grade`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GradeRow {
    /// The run.
    pub run_id: String,
    /// The task.
    pub task_id: String,
    /// Number of the trial.
    pub trial: i64,
    /// Number of the grading, from 1.
    pub grading: i64,
    /// Reward, 0 to 1.
    pub reward: f64,
    /// Share of the fields that are right.
    pub field_score: f64,
    /// Grades of the fields, as JSON.
    pub fields: String,
    /// Version that graded.
    pub firefly: String,
    /// When.
    pub graded_at: String,
}

/// A finished trial, as it waits for its commit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Finished {
    /// The run it is of.
    pub run: RunRow,
    /// Its row.
    pub result: ResultRow,
    /// Its rows of `sim_call`.
    pub calls: Vec<Value>,
}

impl Finished {
    /// What has become of `trial`, which `ended` so, in `run`.
    pub fn new(run: &RunRow, trial: &mut Trial, ended: Ended, prices: (f64, f64)) -> Finished {
        let Graded { reward, field_score, fields } = graded(&trial.task, ended.answer.as_deref());
        let micros = |time: std::time::Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let result = ResultRow {
            run_id: run.run_id.clone(),
            task_id: trial.task.task_id.clone(),
            trial: trial.number as i64,
            reward,
            field_score,
            status: ended.status.name().into(),
            reason: ended.reason,
            answer: ended.answer,
            fields: json!(fields).to_string(),
            turns: trial.spent.requests as i64,
            calls: trial.steps.len() as i64,
            steps: json!(trial.steps).to_string(),
            prompt_tokens: trial.spent.prompt_tokens as i64,
            answer_tokens: trial.spent.answer_tokens as i64,
            cost: trial.spent.cost(prices),
            seed: trial.seed as i64,
            tools: json!(*trial.offered).to_string(),
            transcript: Value::Array(std::mem::take(&mut trial.messages)).to_string(),
            model_us: micros(trial.model_time),
            wall_us: micros(trial.started.elapsed()),
            ended_at: chrono::Utc::now().naive_utc().to_string(),
        };
        let calls = trial.take_log().iter().map(|call| json!(call)).collect();
        Finished { run: run.clone(), result, calls }
    }
}
