//! Rows of `eval_run`, `eval_result` and `eval_grade`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::eval::agent::Ended;
use crate::eval::grading::{Graded, graded};
use crate::eval::trial::Trial;

/// A row of `eval_run`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RunRow {
    pub run_id: String,
    pub agent: String,
    pub model: Option<String>,
    pub split: String,
    pub snapshot: i64,
    pub tasks: i64,
    pub trials: i64,
    pub distractors: i64,
    pub temperature: f64,
    pub seed: i64,
    pub settings: String,
    pub prompt: Option<String>,
    pub started_at: String,
}

/// A row of `eval_result`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct ResultRow {
    pub run_id: String,
    pub task_id: String,
    pub trial: i64,
    pub reward: f64,
    pub field_score: f64,
    pub status: String,
    pub reason: Option<String>,
    pub answer: Option<String>,
    pub fields: String,
    pub turns: i64,
    pub calls: i64,
    pub steps: String,
    pub prompt_tokens: i64,
    pub answer_tokens: i64,
    pub cost: f64,
    pub seed: i64,
    pub tools: String,
    pub transcript: String,
    pub model_us: i64,
    pub wall_us: i64,
    pub ended_at: String,
}

/// A row of `eval_grade`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GradeRow {
    pub run_id: String,
    pub task_id: String,
    pub trial: i64,
    pub grading: i64,
    pub reward: f64,
    pub field_score: f64,
    pub fields: String,
    pub firefly: String,
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
