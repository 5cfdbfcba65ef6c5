//! The reward: one function, called by the SQL functions `reward` and `reward_fields`, the server's scorer and the proofs.
//!
//! An answer is compared with the label field by field, each by the comparator that the answer's schema names
//! (`docs/reward.md` lists what a schema can say). It is binary, as in the paper: 1 where every field is right, else 0.

mod compare;
mod date;
mod number;
mod read;
mod text;
mod unit;

use serde_json::Value;

pub use compare::property;
pub use read::MAX_ANSWER;

/// Tool with which an agent hands in its answer, at every door and in evaluations.
pub const SUBMIT: &str = "submit_answer";
/// Relative tolerance of numbers that are not whole, where the schema names none.
pub const TOLERANCE: f64 = 1e-4;

/// Whether a model has a say in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// None: the comparators decided.
    No,
    /// The field is declared free text (`x-judge`) and differs from the label in its words. It counts as wrong until a judge is
    /// asked.
    Needed,
    /// The judge that was given decided.
    Asked,
}

impl Judged {
    /// Name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Judged::No => "no",
            Judged::Needed => "needed",
            Judged::Asked => "asked",
        }
    }
}

/// How one field of the label was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldGrade {
    /// The field.
    pub name: String,
    /// Why it is wrong, in one line; none where it is right. It may hold the label: not for the eyes of who is graded.
    pub wrong: Option<String>,
    /// Whether a model has a say in it.
    pub judged: Judged,
}

/// How an answer was graded.
#[derive(Debug, Clone, PartialEq)]
pub struct Grade {
    /// Each field of the label.
    pub fields: Vec<FieldGrade>,
}

impl Grade {
    /// 1 where every field is right, else 0. A label without fields gives 0.
    pub fn reward(&self) -> f64 {
        let right = !self.fields.is_empty() && self.fields.iter().all(|f| f.wrong.is_none());
        if right { 1.0 } else { 0.0 }
    }

    /// Share of the fields that are right.
    pub fn field_score(&self) -> f64 {
        let right = self.fields.iter().filter(|f| f.wrong.is_none()).count();
        right as f64 / self.fields.len().max(1) as f64
    }

    /// The fields that are wrong, and why.
    pub fn wrong(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|f| Some((f.name.as_str(), f.wrong.as_deref()?)))
    }
}

/// Says whether a text, the first, means what the label, the second, does. Only asked about fields with `x-judge`.
pub type Judge<'a> = &'a mut dyn FnMut(&str, &str) -> bool;

/// [`grade_by`] without a schema: each field is compared by the type of its label.
pub fn grade(answer: &str, label: &Value) -> Grade {
    grade_by(answer, label, &Value::Null)
}

/// Grades `answer`, the final message of an agent, against `label`, an object of answer fields, by the
/// comparators that `schema`, the JSON Schema of the answer, names. Members that the label does not have are no
/// matter. The answer is JSON, or text with one JSON object in it.
pub fn grade_by(answer: &str, label: &Value, schema: &Value) -> Grade {
    graded(answer, label, schema, None)
}

/// [`grade_by`] with a judge of fields that are declared free text.
pub fn grade_with(answer: &str, label: &Value, schema: &Value, judge: Judge<'_>) -> Grade {
    graded(answer, label, schema, Some(judge))
}

fn graded(answer: &str, label: &Value, schema: &Value, mut judge: Option<Judge<'_>>) -> Grade {
    let given = read::answer(answer, label);
    let expected = label.as_object().into_iter().flatten();
    let fields = expected.map(|(name, want)| {
        // Lent anew for each field.
        let judge: Option<Judge<'_>> = match &mut judge {
            Some(judge) => Some(&mut **judge),
            None => None,
        };
        let mut free = compare::FreeText { judge, judged: Judged::No };
        let wrong = match &given {
            Err(reason) => Some((*reason).to_owned()),
            Ok(answer) => match answer.get(name) {
                None => Some("is missing".to_owned()),
                Some(got) => compare::compare(got, want, property(schema, name), &mut free).err().map(|w| w.to_string()),
            },
        };
        FieldGrade { name: name.clone(), wrong, judged: free.judged }
    });
    Grade { fields: fields.collect() }
}

/// Whether two values are the same answer where no schema says more.
pub fn same(got: &Value, want: &Value) -> bool {
    compare::compare(got, want, &Value::Null, &mut compare::FreeText::none()).is_ok()
}
