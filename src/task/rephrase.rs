//! A model puts the questions into its own words, and what it wrote is kept only where it still asks for the same: every given
//! value stands in it, no answer does, and somebody who reads it alone picks the same tools.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::Result;
use crate::lake::{Lake, Lineage, Output, Session};
use crate::llm::{Budget, Endpoint, Gathered, Request, Spent, gather};
use crate::mention::Text;
use crate::sql;
use crate::text::{fill, shorten};

const REPHRASE: &str = include_str!("../../prompts/rephrase.md");
const BACKTRANSLATE: &str = include_str!("../../prompts/backtranslate.md");
/// The sentence that says what form the answer has; it stays as it is.
const TEMPLATE: &str = " Answer with a JSON object";
/// Questions that are committed together.
const GROUP: usize = 32;
/// Tokens of a rewritten question.
const ANSWER: u32 = 700;

#[derive(Debug, Deserialize)]
struct Open {
    task_id: String,
    question: String,
    given: Vec<String>,
    answers: Vec<String>,
    gold: Vec<String>,
    offered: Vec<Offered>,
}

#[derive(Debug, Deserialize)]
struct Offered {
    tool: String,
    about: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Phrasing {
    task_id: String,
    model: String,
    language: String,
    original_hash: String,
    original: String,
    question: Option<String>,
    kept: bool,
    reason: Option<String>,
}

/// What was asked and kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Questions put to the model, now or before.
    pub asked: usize,
    /// Of them, those whose new words were kept.
    pub kept: usize,
    /// What it cost now.
    pub spent: Spent,
}

/// Rewrites the questions of all tasks, as far as the budget goes. What was asked before in the same words is not asked again, and what
/// was paid for is kept also where the run ends early.
pub async fn rephrase(lake: &Lake, endpoint: &Endpoint, budget: &Budget, jobs: usize, language: &str) -> Result<Report> {
    let session = lake.session()?;
    let open: Vec<Open> = session.rows(sql::get("stages/task_to_phrase.sql"))?;
    let own = |p: &Phrasing| p.model == endpoint.model() && p.language == language;
    let known: Vec<Phrasing> = session.table::<Phrasing>("phrasing")?.into_iter().filter(own).collect();
    let asked_before: BTreeSet<(String, String)> = known.iter().map(|p| (p.task_id.clone(), p.original_hash.clone())).collect();
    let fresh: Vec<&Open> = open.iter().filter(|o| !asked_before.contains(&(o.task_id.clone(), hash(&o.question)))).collect();
    let mut all = known;
    let mut report = Report::default();
    let bar = crate::progress::bar("rephrase", fresh.len());
    let mut failure = None;
    for group in fresh.chunks(GROUP) {
        let answers = group.iter().map(|task| write(task, endpoint, budget, language));
        let Gathered { said, spent, failure: failed } = gather(answers, jobs).await;
        failure = failed;
        bar.inc(said.len() as u64);
        if !said.is_empty() {
            let session = lake.session()?;
            session.put("phrasing", &said)?;
            lake.commit(&session, lineage(&session, endpoint, language), &[Output::append("phrasing")])?;
            all.extend(said);
        }
        if spent || failure.is_some() {
            break;
        }
    }
    bar.finish_and_clear();
    report.asked = all.len();
    report.kept = all.iter().filter(|p| p.kept).count();
    report.spent = budget.spent();
    apply(lake, endpoint, language, &all)?;
    failure.map_or(Ok(report), Err)
}

/// Puts what was kept in the place of the grammar's questions.
fn apply(lake: &Lake, endpoint: &Endpoint, language: &str, all: &[Phrasing]) -> Result<()> {
    let session = lake.session()?;
    let kept: HashMap<(&str, &str), &str> =
        all.iter().filter(|p| p.kept).filter_map(|p| Some(((p.task_id.as_str(), p.original.as_str()), p.question.as_deref()?))).collect();
    let mut tasks: Vec<serde_json::Map<String, Value>> = session.table("task")?;
    for task in &mut tasks {
        let text = |name: &str| task.get(name).and_then(Value::as_str).unwrap_or_default();
        if let Some(question) = kept.get(&(text("task_id"), text("question"))) {
            task.insert("question".into(), json!(question));
        }
    }
    session.put("task", &tasks)?;
    lake.commit(&session, lineage(&session, endpoint, language), &[Output::replace("task")])?;
    Ok(())
}

fn lineage(session: &Session, endpoint: &Endpoint, language: &str) -> Lineage {
    let parameters = json!({"model": endpoint.model(), "language": language});
    Lineage::of(session, "synthesize", &[sql::get("stages/task_to_phrase.sql")], parameters, None)
}

fn hash(text: &str) -> String {
    format!("{:032x}", xxh3_128(text.as_bytes()))
}

/// One question in the model's words, judged; none where the budget is spent.
async fn write(task: &Open, endpoint: &Endpoint, budget: &Budget, language: &str) -> Result<Option<Phrasing>> {
    let (body, template) = task.question.split_at(task.question.rfind(TEMPLATE).unwrap_or(task.question.len()));
    let values = task.given.iter().map(|v| format!("“{v}”")).collect::<Vec<_>>().join(", ");
    let values = if values.is_empty() { "(none)".to_owned() } else { values };
    let asked = fill(REPHRASE, &[("{language}", language), ("{question}", body), ("{values}", &values)]);
    let schema =
        json!({"type": "object", "properties": {"request": {"type": "string"}}, "required": ["request"], "additionalProperties": false});
    let Some(reply) = ask(endpoint, budget, asked, schema).await? else { return Ok(None) };
    let mut row = Phrasing {
        task_id: task.task_id.clone(),
        model: endpoint.model().to_owned(),
        language: language.to_owned(),
        original_hash: hash(&task.question),
        original: task.question.clone(),
        question: None,
        kept: false,
        reason: None,
    };
    let Some(text) = reply["request"].as_str().map(str::trim).filter(|t| !t.is_empty()) else {
        row.reason = Some("the answer held no request".into());
        return Ok(Some(row));
    };
    let question = format!("{text}{template}");
    row.question = Some(question.clone());
    let said = Text::of(text);
    if let Some(lost) = task.given.iter().find(|v| !said.mentions(v)) {
        row.reason = Some(format!("it lost the value {}", shorten(lost, 80)));
    } else if let Some(leaked) = task.answers.iter().find(|a| said.gives_away(a)) {
        row.reason = Some(format!("it gives away {}", shorten(leaked, 80)));
    } else {
        let Some(picked) = back(task, &question, endpoint, budget).await? else { return Ok(None) };
        row.kept = picked == task.gold;
        row.reason =
            (!row.kept).then(|| format!("a reader picks {}", if picked.is_empty() { "nothing".into() } else { picked.join(", ") }));
    }
    Ok(Some(row))
}

/// The tools that the model picks when it reads nothing but the question.
async fn back(task: &Open, question: &str, endpoint: &Endpoint, budget: &Budget) -> Result<Option<Vec<String>>> {
    let line =
        |(at, o): (usize, &Offered)| format!("{}. {}: {}", at + 1, o.tool, shorten(o.about.as_deref().unwrap_or_default().trim(), 160));
    let tools: Vec<String> = task.offered.iter().enumerate().map(line).collect();
    let asked = fill(BACKTRANSLATE, &[("{question}", question), ("{tools}", &tools.join("\n"))]);
    let schema = json!({
        "type": "object",
        "properties": {"actions": {"type": "array", "items": {"type": "integer"}}},
        "required": ["actions"],
        "additionalProperties": false,
    });
    let Some(reply) = ask(endpoint, budget, asked, schema).await? else { return Ok(None) };
    let numbers = reply["actions"].as_array().into_iter().flatten().filter_map(Value::as_u64);
    Ok(Some(numbers.filter_map(|n| task.offered.get((n as usize).checked_sub(1)?)).map(|o| o.tool.clone()).collect()))
}

async fn ask(endpoint: &Endpoint, budget: &Budget, question: String, schema: Value) -> Result<Option<Value>> {
    let request = Request {
        messages: vec![json!({"role": "user", "content": question})],
        answer: Some(("answer".into(), schema)),
        max_tokens: ANSWER,
        seed: Some(0),
        ..Request::default()
    };
    Ok(endpoint.ask(&request, budget).await?.map(|reply| reply.json()))
}
