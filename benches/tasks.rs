//! Synthesis and verification: what a lake of many servers takes, and that it grows as its tasks do.

use std::path::Path;
use std::time::Instant;

use firefly::lake::{Lake, Lineage, Output};
use firefly::{task, verify};
use serde_json::json;

use crate::measure::Report;

/// Copies of the recorded servers, and how many times as many the larger lake has.
const COPIES: (u64, u64) = (20, 5);
/// Tasks for which a limit in seconds is given.
const TASKS: f64 = 10_000.0;

/// What the rows of a copy are called by.
const EPISODE: &str = "md5(episode_id || copy) AS episode_id";
const DAG: &str = "md5(dag_id || copy) AS dag_id";
const SERVER: &str = "server || '-' || copy AS server";
/// What a copy is made of, and what is its own.
const TABLES: [(&str, &[&str]); 8] = [
    ("tool", &[SERVER]),
    ("dag", &[DAG]),
    ("episode", &[EPISODE, DAG]),
    ("call", &[EPISODE, SERVER]),
    ("flow", &[EPISODE]),
    ("argument", &[EPISODE]),
    ("probe", &[EPISODE]),
    ("ablation", &[EPISODE]),
];

pub fn run(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(recorded) = crate::eval::made(folder.path()) else {
        return report.skipped("synthesis", "the demo's servers do not start: `make packages`, and once with network");
    };
    let recorded = Lake::open(&recorded).expect("the lake opens");
    let few = made(&recorded, &folder.path().join("few"), COPIES.0);
    let many = made(&recorded, &folder.path().join("many"), COPIES.0 * COPIES.1);
    let how = format!("{} tasks in {:.1} s, {} in {:.1} s", few.0, few.1, many.0, many.1);
    let each = |(tasks, seconds): (usize, f64)| seconds / tasks as f64;
    report.row("tasks: seconds to synthesize and verify 10,000", TASKS * each(many), 60.0, &how);
    report.row(
        &format!("tasks: time of a task where there are {:.1} times as many", many.0 as f64 / few.0 as f64),
        each(many) / each(few),
        1.2,
        "1 is linear",
    );
}

/// Tasks of a lake with `copies` of what `recorded` holds, and the seconds it took to write and verify them.
fn made(recorded: &Lake, path: &Path, copies: u64) -> (usize, f64) {
    let lake = Lake::init(path).expect("a lake");
    let (from, into) = (recorded.session().expect("a session"), lake.session().expect("a session"));
    let mut commit = lake.begin(&into, Lineage::of(&into, "bench", &[], json!({}), None));
    for (table, own) in TABLES {
        let query = format!("SELECT * EXCLUDE (copy) REPLACE ({}) FROM {table}, range({copies}) AS n (copy)", own.join(", "));
        let (_, batches) = from.batches(&query).expect("the recorded rows");
        into.fill(table, batches.into_iter().map(Ok)).expect("the rows are taken");
        commit.add(&Output::append(table)).expect("the rows are written");
    }
    commit.finish().expect("the commit lands");
    let started = Instant::now();
    let (_, tasks) = task::synthesize(&lake, &task::Options::new(7)).expect("tasks");
    verify::verify(&lake).expect("gates");
    (tasks, started.elapsed().as_secs_f64())
}
