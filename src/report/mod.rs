//! Reports: one self-contained page of evaluation runs, or of a lake.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::lake::Session;
use crate::sql;

const PAGE: &str = include_str!("../../assets/report.html");
/// The libraries of the page: Observable Plot, and D3 that it stands on.
const LIBRARIES: [&str; 2] = [include_str!("../../assets/d3.min.js"), include_str!("../../assets/plot.min.js")];

/// What a report shows.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Runs with their trials; the lake, with figures of all runs, where none is named.
    pub runs: Vec<String>,
    /// Most transcripts of a run, those of failed trials first: a page is read in one go.
    pub transcripts: usize,
}

/// The report as one page, which needs nothing from elsewhere.
///
/// Errors with [`Error::Empty`] where the lake has no trials of a run that is named.
pub fn page(session: &Session, wanted: &Wanted) -> Result<String> {
    let mut data = json!({"snapshot": session.snapshot().id, "version": env!("CARGO_PKG_VERSION")});
    let runs = figures(session, "stats/topics/eval/runs.sql", &wanted.runs)?;
    if let Some(missing) = wanted.runs.iter().find(|name| runs.iter().all(|run| run["run_id"] != **name)) {
        return Err(crate::eval::regrade::no_run(missing));
    }
    data["runs"] = json!(runs);
    for part in ["pass", "parts", "verdicts", "failures"] {
        data[part] = json!(figures(session, &format!("stats/topics/eval/{part}.sql"), &wanted.runs)?);
    }
    data["settings"] = json!(of_runs(session.table("eval_run")?, &wanted.runs));
    if wanted.runs.is_empty() {
        data["lake"] = lake(session)?;
    } else {
        trials(session, wanted, &mut data)?;
    }
    // Nothing that a server or a model said must end the script it stands in.
    let data = data.to_string().replace('<', "\\u003c");
    let (head, rest) = PAGE.split_once("/*LIBRARIES*/").unwrap_or((PAGE, ""));
    let (middle, tail) = rest.split_once("/*DATA*/").unwrap_or((rest, ""));
    Ok([head, &LIBRARIES.join("\n"), middle, &data, tail].concat())
}

fn of_runs(rows: Vec<Value>, runs: &[String]) -> Vec<Value> {
    let wanted = |row: &Value| runs.is_empty() || runs.iter().any(|run| row["run_id"] == **run);
    rows.into_iter().filter(wanted).collect()
}

fn figures(session: &Session, path: &str, runs: &[String]) -> Result<Vec<Value>> {
    Ok(of_runs(session.rows(sql::get(path))?, runs))
}

/// What the lake holds.
fn lake(session: &Session) -> Result<Value> {
    let mut lake = Map::new();
    let parts = [
        ("stages", "stats/topics/lake.sql"),
        ("tiers", "stats/topics/graph/tiers.sql"),
        ("servers", "stats/topics/servers.sql"),
        ("gates", "stats/topics/gates.sql"),
        ("splits", "report/split.sql"),
    ];
    for (name, path) in parts {
        lake.insert(name.into(), json!(session.rows::<Value>(sql::get(path))?));
    }
    if lake["stages"].as_array().is_none_or(Vec::is_empty) {
        return Err(Error::Empty { what: "the lake is empty".into(), hint: "`firefly run` fills it".into() });
    }
    Ok(Value::Object(lake))
}

type Key = (String, String, i64);

fn key(row: &Value) -> Key {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    (text("run_id"), text("task_id"), row["trial"].as_i64().unwrap_or_default())
}

/// Trials with their answer fields, and as many transcripts as are wanted.
fn trials(session: &Session, wanted: &Wanted, data: &mut Value) -> Result<()> {
    let mut trials = figures(session, "report/trial.sql", &wanted.runs)?;
    let mut shown: BTreeSet<Key> = BTreeSet::new();
    for run in &wanted.runs {
        let mut own: Vec<&Value> = trials.iter().filter(|trial| trial["run_id"] == **run).collect();
        own.sort_by(|a, b| a["reward"].as_f64().unwrap_or_default().total_cmp(&b["reward"].as_f64().unwrap_or_default()));
        shown.extend(own.into_iter().take(wanted.transcripts).map(key));
    }
    let mut more: BTreeMap<Key, Map<String, Value>> = BTreeMap::new();
    for row in figures(session, "report/transcript.sql", &wanted.runs)? {
        if shown.contains(&key(&row)) {
            let parsed = |name: &str| row[name].as_str().map(crate::json::parse).unwrap_or_default();
            let entry = more.entry(key(&row)).or_default();
            entry.insert("transcript".into(), parsed("transcript"));
            entry.insert("steps".into(), parsed("steps"));
        }
    }
    for (name, path) in [("graded", "report/field.sql"), ("made", "report/published_call.sql")] {
        for mut row in figures(session, path, &wanted.runs)? {
            let key = key(&row);
            if !shown.contains(&key) {
                continue;
            }
            if let Some(members) = row.as_object_mut() {
                ["run_id", "task_id", "trial"].iter().for_each(|name| drop(members.shift_remove(*name)));
            }
            let list = more.entry(key).or_default().entry(name).or_insert_with(|| json!([]));
            list.as_array_mut().into_iter().for_each(|list| list.push(row.take()));
        }
    }
    for trial in &mut trials {
        let (Some(more), Some(members)) = (more.remove(&key(trial)), trial.as_object_mut()) else { continue };
        members.extend(more);
    }
    let asked: BTreeSet<&str> = trials.iter().filter_map(|trial| trial["task_id"].as_str()).collect();
    let mut tasks: Vec<Value> = session.rows(sql::get("report/task.sql"))?;
    tasks.retain(|task| task["task_id"].as_str().is_some_and(|id| asked.contains(id)));
    data["tasks"] = json!(tasks);
    data["trials"] = json!(trials);
    Ok(())
}
