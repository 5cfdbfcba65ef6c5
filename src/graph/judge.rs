//! A model's word on edges whose evidence leaves most open. It is asked within a budget, once a question, and what it
//! said is committed as it comes in: a run that ends early goes on where it ended.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::Result;
use crate::graph::read;
use crate::graph::side::Catalogue;
use crate::graph::weights::Weights;
use crate::lake::{Lake, Lineage, Output};
use crate::llm::{Budget, Endpoint, Gathered, Request, Spent, gather};
use crate::sql;
use crate::text::{fill, shorten};

/// The question, with names in braces.
const PROMPT: &str = include_str!("../../prompts/judge.md");
/// Verdicts that are committed together.
const GROUP: usize = 64;
/// Tokens of an answer.
const ANSWER: u32 = 120;

#[derive(Debug, Deserialize)]
struct Open {
    src_server: String,
    src_tool: String,
    src_about: String,
    src_field: String,
    dst_server: String,
    dst_tool: String,
    dst_about: String,
    dst_param: String,
    dst_field: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Verdict {
    src_server: String,
    src_tool: String,
    dst_server: String,
    dst_tool: String,
    dst_param: String,
    model: String,
    asked_hash: String,
    feeds: Option<bool>,
    why: Option<String>,
}

/// What was asked and said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Edges whose score leaves it open.
    pub open: usize,
    /// Edges judged before in the same words.
    pub known: usize,
    /// Verdicts for.
    pub yes: usize,
    /// Verdicts against.
    pub no: usize,
    /// Answers that could not be read.
    pub unread: usize,
    /// What it cost.
    pub spent: Spent,
}

/// Asks about the edges between the tiers low and high, until all are judged or the budget is spent.
pub async fn judge(lake: &Lake, endpoint: &Endpoint, budget: &Budget, jobs: usize) -> Result<Report> {
    let session = lake.session()?;
    let weights = Weights::current();
    session.set("least", (weights.low + weights.medium) / 2.0)?;
    session.set("most", weights.high)?;
    let open: Vec<Open> = session.rows(sql::get("graph/uncertain.sql"))?;
    let (catalogue, ..) = read::read(&session)?;
    let known: BTreeSet<String> =
        session.table::<Verdict>("verdict")?.into_iter().filter(|v| v.model == endpoint.model()).map(|v| v.asked_hash).collect();
    let mut report = Report { open: open.len(), ..Report::default() };
    let asked: Vec<(Open, String, String)> = open
        .into_iter()
        .map(|edge| {
            let question = question(&catalogue, &edge);
            let hash = format!("{:032x}", xxh3_128(question.as_bytes()));
            (edge, question, hash)
        })
        .filter(|(_, _, hash)| !known.contains(hash))
        .collect();
    report.known = report.open - asked.len();
    let bar = crate::progress::bar("judge", asked.len());
    for group in asked.chunks(GROUP) {
        let answers = group.iter().map(|(edge, question, hash)| async move {
            let reply = endpoint.ask(&request(question), budget).await?;
            Ok(reply.map(|reply| verdict(edge, hash, endpoint.model(), &reply.json())))
        });
        let Gathered { said, spent, failure } = gather(answers, jobs).await;
        for verdict in &said {
            match verdict.feeds {
                Some(true) => report.yes += 1,
                Some(false) => report.no += 1,
                None => report.unread += 1,
            }
        }
        bar.inc(said.len() as u64);
        // What was paid for is kept, also where the next request failed.
        if !said.is_empty() {
            let session = lake.session()?;
            session.put("verdict", &said)?;
            let lineage = Lineage::of(&session, "judge", &[sql::get("graph/uncertain.sql")], json!({"model": endpoint.model()}), None);
            lake.commit(&session, lineage, &[Output::append("verdict")])?;
        }
        report.spent = budget.spent();
        if let Some(error) = failure {
            return Err(error);
        }
        if spent {
            break;
        }
    }
    bar.finish_and_clear();
    Ok(report)
}

fn question(catalogue: &Catalogue, edge: &Open) -> String {
    let find = |server: &str, tool: &str| catalogue.place(server, tool).map(|at| &catalogue.tools[at as usize]);
    let fields: Vec<&str> =
        find(&edge.src_server, &edge.src_tool).map(|t| t.fields.iter().take(20).map(|f| f.pattern.as_str()).collect()).unwrap_or_default();
    let fields = match fields.as_slice() {
        [] => "What its results hold is not known.".to_owned(),
        known => format!("Fields of its results: {}. The best match is `{}`.", known.join(", "), edge.src_field),
    };
    let param = find(&edge.dst_server, &edge.dst_tool).and_then(|t| t.params.iter().find(|p| p.pattern == edge.dst_field));
    let (kind, about) =
        param.map_or(("any".to_owned(), String::new()), |p| (format!("{:?}", p.scalar).to_lowercase(), p.description.clone()));
    let parts = [
        ("{src_tool}", format!("{} of {}", edge.src_tool, edge.src_server)),
        ("{src_about}", shorten(edge.src_about.trim(), 600)),
        ("{src_fields}", fields),
        ("{dst_tool}", format!("{} of {}", edge.dst_tool, edge.dst_server)),
        ("{dst_about}", shorten(edge.dst_about.trim(), 600)),
        ("{param_kind}", kind),
        ("{param_about}", if about.trim().is_empty() { "not said".into() } else { shorten(about.trim(), 300) }),
        ("{param}", edge.dst_field.trim_start_matches('/').to_owned()),
    ];
    let parts = parts.each_ref().map(|(name, value)| (*name, value.as_str()));
    fill(PROMPT, &parts)
}

fn request(question: &str) -> Request {
    let schema = json!({
        "type": "object",
        "properties": {"why": {"type": "string"}, "feeds": {"type": "boolean"}},
        "required": ["why", "feeds"],
        "additionalProperties": false,
    });
    Request {
        messages: vec![json!({"role": "user", "content": question})],
        answer: Some(("verdict".into(), schema)),
        max_tokens: ANSWER,
        seed: Some(0),
        ..Request::default()
    }
}

fn verdict(edge: &Open, hash: &str, model: &str, json: &Value) -> Verdict {
    Verdict {
        src_server: edge.src_server.clone(),
        src_tool: edge.src_tool.clone(),
        dst_server: edge.dst_server.clone(),
        dst_tool: edge.dst_tool.clone(),
        dst_param: edge.dst_param.clone(),
        model: model.to_owned(),
        asked_hash: hash.to_owned(),
        feeds: json["feeds"].as_bool(),
        why: json["why"].as_str().map(|why| shorten(why, 300)),
    }
}
