//! Misses by round: a scripted agent that varies its arguments works on 500 tasks, what it missed is asked of the real servers, and it
//! works again, with the same seed and with the next. `make bench BENCH=curve`; `FIREFLY_BENCH_LAKE` and `FIREFLY_CONFIG` (with
//! `FIREFLY_DATA`) name another lake and its servers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use firefly::json::{members, parse};
use firefly::lake::Lake;
use firefly::simulator::{Answering, RecordedWorld, Session, Verdict, commit};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::measure::Report;

/// Sessions of a round.
const SESSIONS: usize = 500;
const ROUNDS: u64 = 5;
/// Calls beside the gold calls, with other values.
const ASIDES: usize = 2;

#[derive(Deserialize)]
struct Task {
    task_id: String,
    gold_calls: String,
}

#[derive(Deserialize)]
struct Known {
    server: String,
    tool: String,
    arguments: String,
}

#[derive(Deserialize)]
struct Unsteady {
    server: String,
}

pub fn run(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = std::env::var_os("FIREFLY_CONFIG").map_or_else(|| root.join("demo/servers.json"), PathBuf::from);
    let lake = folder.path().join("lake");
    match std::env::var_os("FIREFLY_BENCH_LAKE").map(PathBuf::from) {
        Some(from) => assert!(Command::new("cp").arg("-r").arg(from).arg(&lake).status().is_ok_and(|s| s.success()), "the lake is copied"),
        None => match crate::eval::made(folder.path()) {
            Some(made) => assert!(made == lake),
            None => return report.skipped("curve", "the demo's servers do not start: `make packages`, and once with network"),
        },
    }
    let agent = Agent::new(&lake);
    println!("      round  seed  calls  exact  nearest  miss  missed on steady servers");
    let mut shares = Vec::new();
    for round in 0..ROUNDS {
        let first = agent.works(&lake, round, &format!("r{round}"));
        first.say(round, round);
        shares.push(first.missed());
        let mut command = Command::new(env!("CARGO_BIN_EXE_firefly"));
        let data = std::env::var_os("FIREFLY_DATA").map_or_else(|| folder.path().join("data"), PathBuf::from);
        command
            .env_remove("FIREFLY_LAKE")
            .env("FIREFLY_DATA", data)
            .arg("--lake")
            .arg(&lake)
            .args(["--quiet", "explore", "--misses", "--config"])
            .arg(&config);
        assert!(command.status().is_ok_and(|status| status.success()), "misses are explored");
        let again = agent.works(&lake, round, &format!("a{round}"));
        again.say(round, round);
        report.row(&format!("curve: round {round}, same seed again, share not exact on steady servers"), again.missed(), 0.0, "");
    }
    let (first, last) = (shares.first().copied().unwrap_or(0.0), shares.last().copied().unwrap_or(1.0));
    report.row("curve: share not exact with a new seed, last round by first", last / first, 0.8, &format!("{shares:.3?}"));
}

/// Replies of a round.
#[derive(Default)]
struct Round {
    calls: usize,
    verdicts: BTreeMap<&'static str, usize>,
    steady: usize,
    open: usize,
}

impl Round {
    /// Share of the replies of steady servers that were neither recorded nor refused by the schema.
    fn missed(&self) -> f64 {
        self.open as f64 / self.steady.max(1) as f64
    }

    fn say(&self, round: u64, seed: u64) {
        let of = |name: &str| self.verdicts.get(name).copied().unwrap_or(0) as f64 / self.calls.max(1) as f64;
        println!(
            "      {round:5}  {seed:4}  {:5}  {:.3}  {:7.3}  {:.3}  {:.3}",
            self.calls,
            of("exact") + of("canonical"),
            of("nearest"),
            of("miss"),
            self.missed()
        );
    }
}

/// Makes a task's gold calls, and others like them.
struct Agent {
    tasks: Vec<Task>,
    /// Values that each parameter was seen with, over all servers.
    values: BTreeMap<(String, String, String), Vec<Value>>,
    unsteady: BTreeSet<String>,
}

impl Agent {
    fn new(lake: &Path) -> Agent {
        let session = Lake::open(lake).and_then(|lake| lake.session()).expect("the lake opens");
        let tasks = session.query("SELECT task_id, gold_calls::VARCHAR AS gold_calls FROM verified_task ORDER BY task_id").expect("tasks");
        let text =
            "SELECT DISTINCT server, tool, arguments::VARCHAR AS arguments FROM call WHERE NOT is_error AND source = 'live' ORDER BY ALL";
        let mut values: BTreeMap<(String, String, String), Vec<Value>> = BTreeMap::new();
        for known in session.query::<Known>(text).expect("calls") {
            for (name, value) in members(&parse(&known.arguments)) {
                let all = values.entry((known.server.clone(), known.tool.clone(), name)).or_default();
                if !all.contains(&value) {
                    all.push(value);
                }
            }
        }
        // A server one of whose tools does not repeat itself can't be asked for the same world twice.
        let unsteady: Vec<Unsteady> =
            session.query("SELECT DISTINCT server FROM tool_profile WHERE NOT coalesce(deterministic, true)").expect("profiles");
        Agent { tasks, values, unsteady: unsteady.into_iter().map(|u| u.server).collect() }
    }

    /// Works on the tasks in turn, each in a session of its own that is logged.
    fn works(&self, lake: &Path, seed: u64, name: &str) -> Round {
        let lake = Lake::open(lake).expect("the lake opens");
        let read = lake.session().expect("a session");
        let world = RecordedWorld::load(&read).expect("recorded calls");
        world.learn_volatile(&read).expect("volatile fields");
        let world = Arc::new(world);
        let (mut round, mut log) = (Round::default(), Vec::new());
        for (number, task) in self.tasks.iter().cycle().take(SESSIONS).enumerate() {
            let mut rng = ChaCha8Rng::seed_from_u64(seed << 32 | number as u64);
            let mut session = Session::new(format!("{name}-{number}"), Some(task.task_id.clone()), world.clone()).with(Answering::near());
            let gold = parse(&task.gold_calls);
            for call in gold.as_array().into_iter().flatten() {
                let (server, tool) = (call["server"].as_str().unwrap_or_default(), call["tool"].as_str().unwrap_or_default());
                let arguments = members(&call["arguments"]);
                let mut all = vec![arguments.clone()];
                all.extend((0..ASIDES).map(|_| self.varied(server, tool, &arguments, &mut rng)));
                for arguments in all {
                    let verdict = session.call(server, tool, &arguments).verdict;
                    round.calls += 1;
                    *round.verdicts.entry(verdict.name()).or_default() += 1;
                    if !self.unsteady.contains(server) {
                        round.steady += 1;
                        round.open += usize::from(matches!(verdict, Verdict::Nearest | Verdict::Miss));
                    }
                }
            }
            log.extend(session.take_log());
        }
        commit(&lake, &log).expect("a commit");
        round
    }

    /// The arguments with one of them changed: to what another call had, or to a number near by.
    fn varied(&self, server: &str, tool: &str, arguments: &Map<String, Value>, rng: &mut ChaCha8Rng) -> Map<String, Value> {
        let mut out = arguments.clone();
        let names: Vec<&String> = arguments.keys().collect();
        let Some(name) = names.choose(rng) else { return out };
        let known = self.values.get(&(server.to_owned(), tool.to_owned(), (*name).clone()));
        let near = arguments[*name].as_i64().filter(|_| rng.random_bool(0.5)).map(|n| Value::from(n + rng.random_range(1..=20)));
        let value = near.or_else(|| known.and_then(|all| all.choose(rng)).cloned());
        if let Some(value) = value {
            out.insert((*name).clone(), value);
        }
        out
    }
}
