//! Exploration: what firefly adds to the servers' own time, beside a bare rmcp loop that makes the same calls; and a run
//! that is killed again and again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use firefly::explore::{self, Options};
use firefly::lake::Lake;
use firefly::mcp::{Limits, ServerConfig, World, config};
use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::TokioChildProcess;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::measure::Report;

/// Servers of the run that is killed, and times it is.
const KILLED: (usize, usize) = (10, 20);

/// A recorded call.
#[derive(Deserialize)]
struct Call {
    episode_id: String,
    call_index: i64,
    server: String,
    tool: String,
    arguments: String,
    repeat_of: Option<i64>,
    is_error: bool,
}

type Client = rmcp::service::RunningService<rmcp::RoleClient, ()>;

pub fn run(report: &mut Report) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let prepared = Command::new(root.join("demo/prepare.sh")).arg(&data).stdout(Stdio::null()).status();
    if !prepared.is_ok_and(|p| p.success()) {
        return report.skipped("exploration", "the demo's fixtures could not be made");
    }
    let configs = config::read(&root.join("demo/servers.json")).expect("the demo's config");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let configs: Vec<ServerConfig> = configs.into_iter().filter(|c| runtime.block_on(starts(c, &data))).collect();
    if configs.len() < KILLED.0 {
        return report.skipped("exploration", "the demo's servers do not start: `make packages`, and once with network");
    }
    runtime.block_on(overhead(report, &configs, &data, folder.path()));
    killed(report, &configs[..KILLED.0], &data, folder.path());
}

async fn starts(config: &ServerConfig, data: &Path) -> bool {
    // Once with firefly, which fetches what is missing, then bare.
    let world = Arc::new(World::new(Some(data)).expect("a world"));
    let limits = Limits { contained: false, ..Limits::default() };
    firefly::mcp::LiveServer::start(config, &world, limits).await.is_ok() && bare(config, &world).await.is_some()
}

/// The server as rmcp alone starts it.
async fn bare(config: &ServerConfig, world: &World) -> Option<Client> {
    let data = world.data();
    let lookup = |name: &str| if name == "FIREFLY_DATA" { Some(data.to_string_lossy().into_owned()) } else { std::env::var(name).ok() };
    let config::Launch::Stdio { command, args, env } = config.expand(&lookup).ok()? else { return None };
    let mut process = tokio::process::Command::new(command);
    process.args(args).envs(env).env("UV_OFFLINE", "1").env("npm_config_offline", "true").env("TZ", "UTC");
    process.current_dir(world.enter(&config.name).ok()?);
    let (transport, _) = TokioChildProcess::builder(process).stderr(Stdio::null()).spawn().ok()?;
    tokio::time::timeout(Duration::from_secs(60), ().serve(transport)).await.ok()?.ok()
}

async fn overhead(report: &mut Report, configs: &[ServerConfig], data: &Path, folder: &Path) {
    let lake = Lake::init(folder.join("lake")).expect("a lake");
    let limits = Limits { contained: false, ..Limits::default() };
    let options = firefly::ingest::mcp::Options { jobs: 4, limits, fixtures: Some(data.into()), retries: None };
    firefly::ingest::mcp::ingest(&lake, configs, &options).await.expect("ingested");
    firefly::sample::survey(&lake, 7).expect("walks");
    let options = Options {
        model: None,
        shape: None,
        episodes: usize::MAX,
        seed: 7,
        jobs: 1,
        attempts: explore::value_flow::ATTEMPTS,
        limits,
        fixtures: Some(data.into()),
    };
    let started = Instant::now();
    let done = explore::explore(&lake, configs, &options).await.expect("explored");
    let ours = started.elapsed().saturating_sub(done.starting);
    let calls: Vec<Call> = lake.session().and_then(|s| s.table("call")).expect("calls");
    let peer = replay(&calls, configs, data).await;
    let how = format!(
        "{} calls to {} servers, one at a time: firefly {ours:.1?}, bare rmcp {peer:.1?}; starts not counted",
        calls.len(),
        configs.len()
    );
    report.row("explore: time beside a bare rmcp loop", ours.as_secs_f64() / peer.as_secs_f64(), 1.10, &how);
}

/// Time that the same calls take in the same order with nothing else around them.
async fn replay(calls: &[Call], configs: &[ServerConfig], data: &Path) -> Duration {
    let mut episodes: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
    calls.iter().for_each(|call| episodes.entry(&call.episode_id).or_default().push(call));
    let mut spent = Duration::ZERO;
    for episode in episodes.values_mut() {
        episode.sort_by_key(|call| call.call_index);
        let world = World::new(Some(data)).expect("a world");
        let mut clients: BTreeMap<&str, Client> = BTreeMap::new();
        // Where an episode that wrote was made once more, its servers were fresh.
        let firsts: Vec<i64> = episode.iter().filter(|c| c.repeat_of.is_none() && !c.is_error).map(|c| c.call_index).collect();
        let tail: Vec<i64> = episode.iter().rev().take(firsts.len()).rev().filter_map(|c| c.repeat_of).collect();
        let again = if tail == firsts { episode.len() - firsts.len() } else { usize::MAX };
        for (place, call) in episode.iter().enumerate() {
            if place == again {
                clients.clear();
            }
            if clients.get(call.server.as_str()).is_none_or(|c| c.is_closed()) {
                let config = configs.iter().find(|c| c.name == call.server).expect("a known server");
                let Some(client) = bare(config, &world).await else { continue };
                clients.insert(&call.server, client);
            }
            let mut arguments: Value = serde_json::from_str(&call.arguments).expect("recorded arguments");
            world.to_real(&mut arguments);
            let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
            let client = &clients[call.server.as_str()];
            let params = CallToolRequestParams::new(call.tool.clone()).with_arguments(arguments);
            let started = Instant::now();
            let _ = tokio::time::timeout(Duration::from_secs(30), client.call_tool_once(params)).await;
            spent += started.elapsed();
        }
    }
    spent
}

/// A run over ten servers that is killed twenty times leaves each episode once, and no process.
fn killed(report: &mut Report, configs: &[ServerConfig], data: &Path, folder: &Path) {
    let (lake, scratch): (PathBuf, PathBuf) = (folder.join("killed"), folder.join("scratch"));
    std::fs::create_dir(&scratch).expect("a folder");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/servers.json");
    let firefly = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firefly"));
        command.env_remove("FIREFLY_LAKE").env("FIREFLY_DATA", data).env("TMPDIR", &scratch);
        command.args(["--quiet", "--lake"]).arg(&lake).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let named: Vec<&str> = configs.iter().flat_map(|c| ["--server", c.name.as_str()]).collect();
    let config = demo.to_string_lossy().into_owned();
    firefly(&["init"]).status().expect("firefly runs");
    firefly(&[&["ingest", "mcp", "--config", &config], named.as_slice()].concat()).status().expect("firefly runs");
    firefly(&["sample", "--survey"]).status().expect("firefly runs");
    firefly(&["graph"]).status().expect("firefly runs");
    firefly(&["sample", "--count", "60"]).status().expect("firefly runs");
    let explore = [&["explore", "--resume", "--jobs", "2", "--config", &config], named.as_slice()].concat();
    let (mut kills, mut orphans) = (0, 0);
    for round in 0..KILLED.1 {
        let mut child = firefly(&explore).spawn().expect("firefly runs");
        std::thread::sleep(Duration::from_millis(700 + 150 * (round as u64 * 7 % 11)));
        if child.try_wait().expect("a child").is_none() {
            child.kill().expect("a kill");
            kills += 1;
        }
        let _ = child.wait();
        orphans += left(&scratch);
    }
    firefly(&explore).status().expect("firefly runs");
    orphans += left(&scratch);
    let session = Lake::open(&lake).and_then(|lake| lake.session()).expect("the lake opens");
    #[derive(Deserialize)]
    struct Row {
        dag_id: String,
    }
    let walked: Vec<Row> = session.table("episode").expect("episodes");
    let drawn: Vec<Row> = session.table("dag").expect("sub-DAGs");
    let once: BTreeSet<&str> = walked.iter().map(|r| r.dag_id.as_str()).collect();
    let all: BTreeSet<&str> = drawn.iter().map(|r| r.dag_id.as_str()).collect();
    let how = format!("of {} sub-DAGs on {} servers, after {kills} kills", all.len(), configs.len());
    report.row("explore: killed, sub-DAGs without an episode", all.difference(&once).count() as f64, 0.0, &how);
    report.row("explore: killed, episodes that are there twice", (walked.len() - once.len()) as f64, 0.0, &how);
    report.row("explore: killed, processes left behind", orphans as f64, 0.0, "a second after each kill at the latest");
}

/// Processes that still live in `scratch` a while after their parent's end.
fn left(scratch: &Path) -> usize {
    let name = scratch.to_string_lossy().into_owned();
    let holds = |id: &std::ffi::OsStr| {
        let text = std::fs::read(Path::new("/proc").join(id).join("environ")).unwrap_or_default();
        String::from_utf8_lossy(&text).contains(&name)
    };
    let mut found = 0;
    for _ in 0..40 {
        let own = std::process::id().to_string();
        found = std::fs::read_dir("/proc").expect("processes").flatten().filter(|e| e.file_name() != *own && holds(&e.file_name())).count();
        if found == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    found
}
