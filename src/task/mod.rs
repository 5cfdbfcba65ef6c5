//! Synthesis: tasks written backward from what was observed, with provenance for every answer field.

mod phrase;
mod select;
mod source;
pub mod wording;

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{Error, Result};
use crate::json::canonical;
use crate::lake::{Lake, Lineage, Output, Snapshot};
use crate::mention::gives_away;
use crate::sql;
use crate::task::phrase::Named;
use crate::task::select::{Asked, Gold, choose_fields, flows_within, gold_sets};
use crate::task::source::{Flow, Source};
use crate::text::short_id;

/// Most tasks from one episode.
const PER_EPISODE: usize = 4;
/// Most tasks with the same tools in the same order.
const PER_PATH: usize = 4;

/// A row of `task`.
#[derive(Debug, Serialize)]
struct TaskRow {
    task_id: String,
    episode_id: String,
    question: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
    calls: i64,
    servers: i64,
    flows: i64,
    difficulty: &'static str,
    split: Option<String>,
}

/// A row of `provenance`.
#[derive(Debug, Serialize)]
struct ProvenanceRow {
    task_id: String,
    field: String,
    call_index: i64,
    pointer: String,
    expression: Option<&'static str>,
}

/// Writes the tasks that the lake's episodes hold. They take the place of the tasks that were there: the
/// same episodes and seed give the same tasks.
pub fn synthesize(lake: &Lake, seed: u64) -> Result<(Snapshot, usize)> {
    let session = lake.session()?;
    let sources = source::load(&session)?;
    if sources.is_empty() {
        return Err(Error::Empty { what: "the lake has no episodes".into(), hint: "make some with `firefly explore`".into() });
    }
    let mut known = Known::default();
    let (mut tasks, mut provenance) = (Vec::new(), Vec::new());
    for source in &sources {
        for (task, fields) in from_episode(source, seed, &mut known) {
            tasks.push(task);
            provenance.extend(fields);
        }
    }
    session.put("task", &tasks)?;
    session.put("provenance", &provenance)?;
    session.put::<()>("gate", &[])?;
    let files = [sql::get("stages/usable_call.sql"), sql::get("views/volatile_field.sql")];
    let lineage = Lineage::of(&session, "synthesize", &files, json!({}), Some(seed));
    let outputs = [Output::replace("task"), Output::replace("provenance"), Output::replace("gate")];
    Ok((lake.commit(&session, lineage, &outputs)?, tasks.len()))
}

/// What keeps tasks different from each other.
#[derive(Default)]
struct Known {
    gold: BTreeSet<String>,
    paths: BTreeMap<String, usize>,
}

fn from_episode(source: &Source, seed: u64, known: &mut Known) -> Vec<(TaskRow, Vec<ProvenanceRow>)> {
    let mut out = Vec::new();
    let mut sets = gold_sets(source);
    // Longer tasks first: a survey holds many short ones.
    sets.sort_by_key(|gold| std::cmp::Reverse(gold.len()));
    let most = if source.survey { PER_EPISODE * 3 } else { PER_EPISODE };
    for gold in sets {
        if out.len() >= most {
            break;
        }
        let signature: Vec<String> = gold.iter().map(|c| format!("{}\u{1}{}\u{1}{}", c.server, c.tool, c.arguments_text)).collect();
        let path: String = gold.iter().map(|c| format!("{}\u{1}{}\u{2}", c.server, c.tool)).collect();
        if known.gold.contains(&signature.join("\u{2}")) || known.paths.get(&path).is_some_and(|n| *n >= PER_PATH) {
            continue;
        }
        let draw = format!("{seed}\u{1}{}", signature.join("\u{2}"));
        let mut rng = ChaCha8Rng::seed_from_u64(xxh3_64(draw.as_bytes()));
        let flows = flows_within(source, &gold);
        let Some(mut asked) = choose_fields(&gold, &flows, &mut rng) else { continue };
        let (names, question) = loop {
            let names = phrase::name_fields(&asked);
            let question = phrase::question(&gold, &flows, &asked, &names, &mut rng.clone());
            let before = asked.len();
            asked.retain(|a| a.leaf.value.is_boolean() || !gives_away(&question, &a.leaf.text()));
            if asked.len() == before {
                break (names, question);
            }
        };
        // Each call that nothing flows out of still has to be asked about.
        let sinks = gold.iter().filter(|c| !flows.iter().any(|f| f.src_call == c.index));
        if asked.is_empty() || sinks.into_iter().any(|s| !asked.iter().any(|a| a.call.index == s.index)) {
            continue;
        }
        out.push(write(source, &gold, &flows, &asked, &names, question));
        known.gold.insert(signature.join("\u{2}"));
        *known.paths.entry(path).or_default() += 1;
    }
    out
}

fn write(
    source: &Source,
    gold: &Gold<'_>,
    flows: &[&Flow],
    asked: &[Asked<'_>],
    names: &[Named],
    question: String,
) -> (TaskRow, Vec<ProvenanceRow>) {
    let answer: Map<String, Value> = asked.iter().zip(names).map(|(a, n)| (n.field.clone(), a.leaf.value.clone())).collect();
    let answer = canonical(&Value::Object(answer));
    let gold_calls: Vec<Value> =
        gold.iter().map(|c| json!({"call_index": c.index, "server": c.server, "tool": c.tool, "arguments": c.arguments})).collect();
    let servers: BTreeSet<&str> = gold.iter().map(|c| c.server.as_str()).collect();
    let gold_text = canonical(&json!(gold_calls));
    let task_id = short_id(&[&source.episode_id, &gold_text, &answer]);
    let fields = asked.iter().zip(names).map(|(a, n)| ProvenanceRow {
        task_id: task_id.clone(),
        field: n.field.clone(),
        call_index: a.call.index,
        pointer: a.leaf.pointer.clone(),
        expression: a.expression,
    });
    let fields = fields.collect();
    let row = TaskRow {
        task_id,
        episode_id: source.episode_id.clone(),
        question,
        answer,
        answer_schema: canonical(&phrase::answer_schema(asked, names)),
        gold_calls: gold_text,
        calls: gold.len() as i64,
        servers: servers.len() as i64,
        flows: flows.len() as i64,
        difficulty: difficulty(gold.len(), flows.len(), servers.len()),
        split: None,
    };
    (row, fields)
}

fn difficulty(calls: usize, flows: usize, servers: usize) -> &'static str {
    match calls + flows + 2 * (servers - 1) {
        0..=4 => "easy",
        5..=7 => "medium",
        _ => "hard",
    }
}
