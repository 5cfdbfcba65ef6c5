//! One task, from the calls that are to make it.

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::json::{canonical, scalar_text};
use crate::mention::Text;
use crate::task::ask::{Asked, choose_fields};
use crate::task::gold::{Candidate, Gold};
use crate::task::lines::Dull;
use crate::task::named::{Named, name_fields};
use crate::task::persona::Persona;
use crate::task::phrase::{self, Told};
use crate::task::set::Set;
use crate::task::source::Source;
use crate::task::worth::is_yes_or_no;
use crate::text::short_id;

/// A row of `task`.
#[derive(Debug, Clone, Serialize)]
pub struct TaskRow {
    task_id: String,
    episode_id: String,
    question: String,
    answer: String,
    answer_schema: String,
    gold_calls: String,
    calls: i64,
    servers: i64,
    flows: i64,
    depth: i64,
    fan_in: i64,
    derived: i64,
    distractors: i64,
    difficulty: &'static str,
    split: Option<String>,
}

/// A row of `provenance`.
#[derive(Debug, Clone, Serialize)]
pub struct ProvenanceRow {
    task_id: String,
    field: String,
    call_index: i64,
    pointer: String,
    expression: Option<&'static str>,
    other_call: Option<i64>,
    other_pointer: Option<String>,
    key: Option<String>,
    label: Option<String>,
    wanted: Option<String>,
}

/// A task with where its answer comes from.
#[derive(Debug, Clone)]
pub struct Written {
    /// The task.
    pub task: TaskRow,
    /// Its answer fields.
    pub fields: Vec<ProvenanceRow>,
}

/// Writes tasks from the lake's episodes.
pub struct Writer<'a> {
    /// The episodes.
    pub sources: &'a [Source],
    /// Labels of texts that say nothing.
    pub dull: Dull,
    /// Who asks.
    pub persona: &'a Persona,
    /// Seed of everything drawn by chance.
    pub seed: u64,
}

/// Most things that a field may be said to be of: "the text of the first link of the order" is of two.
const MOST_OWNERS: usize = 2;
/// Longest question, in characters: nobody reads more.
const LONGEST: usize = 2_000;

impl Writer<'_> {
    /// The task that `candidate` of the episode `source` makes; none where its results hold nothing worth asking for.
    pub fn write(&self, source: &Source, candidate: &Candidate) -> Option<Written> {
        let set = Set::of(source, &candidate.calls);
        let gold = &set.gold;
        if phrase::leads_far(&set) {
            return None;
        }
        let signature: Vec<String> = gold.iter().map(|c| format!("{}\u{1}{}\u{1}{}", c.server, c.tool, c.arguments_text)).collect();
        let draw = format!("{}\u{1}{}", self.seed, signature.join("\u{2}"));
        let mut rng = ChaCha8Rng::seed_from_u64(xxh3_64(draw.as_bytes()));
        let mut asked = choose_fields(&set, &self.dull, &mut rng)?;
        let (names, question) = loop {
            let names = name_fields(&asked, gold);
            let told = Told { set: &set, asked: &asked, names: &names };
            let question = phrase::question(&told, self.persona, &mut rng.clone());
            let before = asked.len();
            let said = Text::of(&question);
            // Two fields of one result that are called the same can't be told apart.
            let mut called = BTreeSet::new();
            let good = |(a, n): &(Asked<'_>, &Named)| {
                n.phrase.matches(" of ").count() <= MOST_OWNERS
                    && called.insert((a.call.index, n.phrase.clone()))
                    && (a.leaf.value.is_boolean() || !said.gives_away(&a.leaf.text()))
            };
            asked = asked.into_iter().zip(&names).filter(good).map(|(a, _)| a).collect();
            if asked.len() == before || asked.is_empty() {
                break (names, question);
            }
        };
        // Each call that nothing stands on still has to be asked about, and at most half of them by no more than true or false:
        // that could be guessed.
        let sinks = set.sinks();
        let told = |tells: fn(&Value) -> bool| sinks.iter().filter(|s| asked.iter().any(|a| a.reads(s) && tells(&a.leaf.value))).count();
        let idle = told(|_| true) < sinks.len() || 2 * told(|value| !is_yes_or_no(value)) < sinks.len();
        let long = question.chars().count() > LONGEST;
        // Two calls with the same news: either could be left out.
        let whole = !asked.is_empty() && !idle && set.proves(&asked) && !said_twice(gold, &asked);
        (whole && !long).then(|| self.row(source, &set, &asked, &names, question))
    }

    fn row(&self, source: &Source, set: &Set<'_>, asked: &[Asked<'_>], names: &[Named], question: String) -> Written {
        let gold = &set.gold;
        let answer: Map<String, Value> = asked.iter().zip(names).map(|(a, n)| (n.field.clone(), a.leaf.value.clone())).collect();
        let answer = canonical(&Value::Object(answer));
        let gold_calls: Vec<Value> =
            gold.iter().map(|c| json!({"call_index": c.index, "server": c.server, "tool": c.tool, "arguments": c.arguments})).collect();
        let servers: BTreeSet<&str> = gold.iter().map(|c| c.server.as_str()).collect();
        let tools: BTreeSet<(&str, &str)> = gold.iter().map(|c| (c.server.as_str(), c.tool.as_str())).collect();
        let gold_text = canonical(&json!(gold_calls));
        let task_id = short_id(&[&source.episode_id, &gold_text, &answer]);
        let fields = asked.iter().zip(names).map(|(a, n)| {
            let derived = a.derived.as_ref();
            let other = derived.and_then(|d| d.other.as_ref());
            ProvenanceRow {
                task_id: task_id.clone(),
                field: n.field.clone(),
                call_index: a.call.index,
                pointer: a.leaf.pointer.clone(),
                expression: a.expression(),
                other_call: other.map(|(call, _)| call.index),
                other_pointer: other.map(|(_, pointer)| pointer.clone()),
                key: derived.and_then(|d| d.key.clone()),
                label: derived.and_then(|d| d.label.clone()),
                wanted: derived.and_then(|d| d.wanted.clone()),
            }
        });
        let fields: Vec<ProvenanceRow> = fields.collect();
        let (depth, fan_in) = (set.depth(), set.fan_in());
        let derived = fields.iter().filter(|f| f.expression.is_some()).count();
        let task = TaskRow {
            episode_id: source.episode_id.clone(),
            question,
            answer,
            answer_schema: canonical(&phrase::answer_schema(asked, names)),
            gold_calls: gold_text,
            calls: gold.len() as i64,
            servers: servers.len() as i64,
            flows: set.flows.len() as i64,
            depth: depth as i64,
            fan_in: fan_in as i64,
            derived: derived as i64,
            distractors: source.tools_beside(&tools) as i64,
            difficulty: difficulty(gold.len() + depth + 2 * (servers.len() - 1) + derived.min(2)),
            split: None,
            task_id,
        };
        Written { task, fields }
    }
}

/// Whether a copied answer of one call stands in the result of another: the one could be left out.
fn said_twice(gold: &Gold<'_>, asked: &[Asked<'_>]) -> bool {
    let twice = |a: &Asked<'_>| {
        let text = scalar_text(&a.leaf.value);
        // That something else is true as well says nothing of this.
        !is_yes_or_no(&a.leaf.value) && gold.iter().any(|c| c.index != a.call.index && c.says(&text))
    };
    // A call is needed where at least one thing is had from it alone.
    gold.iter().any(|call| {
        let mut own = asked.iter().filter(|a| a.reads(call)).peekable();
        own.peek().is_some() && own.all(|a| a.derived.is_none() && twice(a))
    })
}

fn difficulty(points: usize) -> &'static str {
    match points {
        0..=5 => "easy",
        6..=9 => "medium",
        _ => "hard",
    }
}
