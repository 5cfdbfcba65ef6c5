//! The one place where answers are graded.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::eval::task::EvalTask;
use crate::reward::{FieldGrade, grade_by};

/// The grade of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct Graded {
    /// Reward, 0 to 1.
    pub reward: f64,
    /// Share of the fields that are right.
    pub field_score: f64,
    /// Each field of the label.
    pub fields: Vec<GradedField>,
}

/// The grade of one answer field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradedField {
    /// The field.
    pub field: String,
    /// Whether it is right.
    pub right: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

/// Grades an answer to `task`; none is wrong in every field.
pub fn graded(task: &EvalTask, answer: Option<&str>) -> Graded {
    let grade = grade_by(answer.unwrap_or_default(), &task.answer, &task.answer_schema);
    let field = |f: &FieldGrade| GradedField { field: f.name.clone(), right: f.wrong.is_none(), why: f.wrong.clone() };
    Graded { reward: grade.reward(), field_score: grade.field_score(), fields: grade.fields.iter().map(field).collect() }
}

/// The JSON object that `text` is, without the fence that models like to put around one; none where it is something else.
pub fn object_in(text: &str) -> Option<Value> {
    let bare = text.trim();
    let bare = bare.strip_prefix("```json").or_else(|| bare.strip_prefix("```")).unwrap_or(bare);
    serde_json::from_str(bare.trim().trim_end_matches("```").trim()).ok().filter(Value::is_object)
}
