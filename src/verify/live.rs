//! Live re-execution: the gold calls of a task, made again on fresh servers, still lead to its label.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::json::{canonical, members, parse};
use crate::lake::diff::Diff;
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::mcp::{Fleet, Limits, LiveServer, ServerConfig, may_share, reading};
use crate::reward::grade_by;
use crate::state::takes_path;
use crate::text::shorten;
use crate::verify::{GateRow, Task, load};
use crate::{progress, sql};

/// Name in `gate.gate`.
pub const GATE: &str = "live";

/// Which tasks are made again, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Most tasks; those that come first in an order drawn by `seed`.
    pub tasks: Option<usize>,
    /// Only tasks that rest on tools which changed since this snapshot.
    pub since: Option<Snapshot>,
    /// Seed of the order.
    pub seed: u64,
    /// Tasks at once.
    pub jobs: usize,
    /// Time limits.
    pub limits: Limits,
    /// Folder of fixtures.
    pub fixtures: Option<std::path::PathBuf>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Tasks made again.
    pub tasks: usize,
    /// Of them, those with the same answer.
    pub same: usize,
    /// Those that were not judged, because a server did not start.
    pub not_started: usize,
    /// Why, of the first of them.
    pub first_error: Option<String>,
}

#[derive(Deserialize)]
struct ToolRow {
    server: String,
    tool: String,
    input_schema: String,
    reads: bool,
}

/// What has to be known of a tool: whether it reads, and whether it takes a path.
type Tools = BTreeMap<(String, String), (bool, bool)>;

/// Makes the gold calls of tasks that passed every other gate again, and adds or replaces their row of the gate `live`. Nothing is deleted: a
/// task that drifted stays, and the row says how.
pub async fn verify(lake: &Lake, configs: &[ServerConfig], options: &Options) -> Result<(Snapshot, Report)> {
    let session = lake.session()?;
    let wanted = wanted(&session, lake, options)?;
    let tasks: Vec<Task> = {
        let mut known: HashMap<String, Task> = load(&session)?.into_iter().map(|t| (t.task_id.clone(), t)).collect();
        wanted.iter().filter_map(|id| known.remove(id)).collect()
    };
    if tasks.is_empty() {
        return Err(Error::Empty { what: "no task is to be made again".into(), hint: "`firefly verify` says which tasks hold".into() });
    }
    let rows: Vec<ToolRow> = session.rows(sql::get("stages/sim_tool.sql"))?;
    let tools: Tools = rows.into_iter().map(|t| ((t.server, t.tool), (t.reads, takes_path(&parse(&t.input_schema))))).collect();
    let fleet = Fleet::new(configs, options.fixtures.clone(), options.limits);
    let bar = progress::bar("verify live", tasks.len());
    let mut report = Report::default();
    let mut judged: BTreeMap<String, GateRow> = BTreeMap::new();
    let mut runs = futures::stream::iter(&tasks)
        .map(|task| {
            let (fleet, tools) = (&fleet, &tools);
            async move { (task, again(task, fleet, tools).await) }
        })
        .buffer_unordered(options.jobs.max(1));
    while let Some((task, outcome)) = runs.next().await {
        bar.inc(1);
        let reason = match outcome {
            Ok(reason) => reason,
            Err(error) => {
                report.not_started += 1;
                report.first_error.get_or_insert_with(|| error.to_string());
                continue;
            }
        };
        report.tasks += 1;
        report.same += usize::from(reason.is_none());
        let row = GateRow { task_id: task.task_id.clone(), gate: GATE.into(), passed: reason.is_none(), reason };
        judged.insert(task.task_id.clone(), row);
    }
    drop(runs);
    bar.finish_and_clear();
    let mut gates: Vec<GateRow> = session.table("gate")?;
    gates.retain(|g| g.gate != GATE || !judged.contains_key(&g.task_id));
    gates.extend(judged.into_values());
    session.put("gate", &gates)?;
    let lineage = Lineage::of(&session, "verify", &[], json!({"live": true, "tasks": options.tasks}), Some(options.seed));
    Ok((lake.commit(&session, lineage, &[Output::replace("gate")])?, report))
}

/// The ids of the tasks to be made again, in order.
fn wanted(session: &Session, lake: &Lake, options: &Options) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Row {
        task_id: String,
    }
    session.set("seed", options.seed.to_string())?;
    let mut wanted: Vec<String> = session.rows::<Row>(sql::get("stages/live_task.sql"))?.into_iter().map(|r| r.task_id).collect();
    if let Some(since) = &options.since {
        let diff = Diff::open(lake, since.clone(), lake.snapshot(None)?)?;
        let touched: BTreeSet<String> = diff.invalidated()?.into_iter().map(|i| i.task_id).collect();
        wanted.retain(|id| touched.contains(id));
    }
    wanted.truncate(options.tasks.unwrap_or(usize::MAX));
    Ok(wanted)
}

/// Makes the calls of a task again. None where they lead to the label, else what became of them. Errors where a server does not start.
async fn again(task: &Task, fleet: &Fleet, tools: &Tools) -> Result<Option<String>> {
    let calls: Vec<(String, String, Map<String, Value>, i64)> = task
        .gold_calls
        .iter()
        .map(|call| {
            let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("server"), text("tool"), members(&call["arguments"]), call["call_index"].as_i64().unwrap_or(-1))
        })
        .collect();
    let called = calls.iter().map(|(server, tool, ..)| {
        // What is not known of a tool is the worst.
        let (reads, path) = tools.get(&(server.clone(), tool.clone())).copied().unwrap_or((false, true));
        (server.as_str(), reads, path)
    });
    let world = Arc::new(fleet.world()?);
    let mut live: BTreeMap<&str, Arc<LiveServer>> = BTreeMap::new();
    for (server, ..) in &calls {
        if !live.contains_key(server.as_str()) {
            let started = if may_share(server, called.clone()) { fleet.shared(server).await? } else { fleet.fresh(server, &world).await? };
            live.insert(server, started);
        }
    }
    let mut results: HashMap<i64, Value> = HashMap::new();
    for (server, tool, arguments, index) in &calls {
        let Some(process) = live.get(server.as_str()) else { continue };
        let outcome = process.call(tool, arguments).await;
        if let Some(error) = outcome.error {
            return Ok(Some(format!("drift: {server}.{tool} now fails: {}", shorten(&error.text, 300))));
        }
        results.insert(*index, outcome.reply.as_ref().map(reading::value_of).unwrap_or_default());
    }
    let answer: Map<String, Value> = task.fields.iter().map(|f| (f.field.clone(), f.read(&results).unwrap_or(Value::Null))).collect();
    if grade_by(&Value::Object(answer.clone()).to_string(), &task.answer, &task.answer_schema).reward() == 1.0 {
        return Ok(None);
    }
    let label = members(&task.answer);
    let differing: Map<String, Value> = answer
        .iter()
        .filter(|(name, value)| label.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), json!({"was": label.get(name), "is": value})))
        .collect();
    Ok(Some(format!("drift: {}", shorten(&canonical(&Value::Object(differing)), 2000))))
}
