//! Evaluation: what the harness adds to an endpoint's own time, and a thousand trials of the gold agent.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use firefly::eval::agent::Agent;
use firefly::eval::chat::{Calls, Chat};
use firefly::eval::task::Split;
use firefly::eval::trial::Limits;
use firefly::eval::{self, Options};
use firefly::lake::Lake;
use firefly::llm::{Api, Budget, Endpoint};
use serde_json::{Value, json};

use crate::measure::Report;

/// Servers that start fast and give tasks.
const SERVERS: [&str; 5] = ["ecommerce", "calc-mcp", "gnu-units", "lucide-icons", "time"];
/// What a local model takes for a reply, about.
const REPLY: Duration = Duration::from_millis(100);
/// Trials of the gold agent.
const GOLD: usize = 1000;

pub fn run(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(path) = made(folder.path()) else {
        return report.skipped("evaluation", "the demo's servers do not start: `make packages`, and once with network");
    };
    let lake = Lake::open(&path).expect("the lake opens");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tasks = lake.session().and_then(|s| s.count("SELECT count(*) FROM verified_task")).expect("tasks") as usize;
    let trials = GOLD.div_ceil(tasks);
    let started = Instant::now();
    let done = runtime.block_on(eval::run(&lake, &Agent::Gold, &options("gold", trials, 4))).expect("gold trials");
    let seconds = started.elapsed().as_secs_f64();
    let all = done.rewarded == done.done && done.done >= GOLD;
    report.row(
        "gold trials: seconds for 1000, commits included",
        seconds * 1000.0 / done.done as f64,
        10.0,
        if all { "each scores 1" } else { "SOME SCORE 0" },
    );
    report.at_least("gold trials: share that scores 1", done.rewarded as f64 / done.done.max(1) as f64, 1.0, "");

    let (url, _listening) = endpoint(&runtime);
    let asked = firefly::llm::Options {
        url,
        api: Api::Openai,
        model: "scripted".into(),
        key_env: "NO_SUCH_KEY".into(),
        timeout: Duration::from_secs(10),
        retries: 0,
    };
    let done = runtime.block_on(async {
        let chat = Chat::new(Endpoint::new(&asked)?, Arc::new(Budget::default()), 0.0, Calls::Native, None).await?;
        eval::run(&lake, &Agent::Model(Arc::new(chat)), &Options { distractors: 10, ..options("slow", 2, 4) }).await
    });
    let done = done.expect("trials of the model");
    let over = 100.0 * (done.trial_time.as_secs_f64() / done.model_time.as_secs_f64() - 1.0);
    report.row(
        "harness: percent beside the endpoint's own time",
        over,
        3.0,
        &format!("{} trials of 4 calls, {} ms a reply", done.done, REPLY.as_millis()),
    );
}

fn options(name: &str, trials: usize, jobs: usize) -> Options {
    let limits = Limits { turns: 20, calls: 30, reply_tokens: 1024, tokens: None, time: Duration::from_secs(600) };
    Options {
        name: Some(name.into()),
        split: Split::All,
        only: Vec::new(),
        tasks: usize::MAX,
        trials,
        distractors: 0,
        limits,
        seed: 7,
        jobs,
        backing: None,
    }
}

/// A lake with tasks, made by the pipeline.
pub fn made(folder: &Path) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lake = folder.join("lake");
    let mut command = Command::new(env!("CARGO_BIN_EXE_firefly"));
    command
        .arg("--lake")
        .arg(&lake)
        .args(["--seed", "7", "--quiet", "run", "--tasks", "30", "--config"])
        .arg(root.join("demo/servers.json"))
        .arg("--data")
        .arg(folder.join("data"))
        .stdout(std::process::Stdio::null());
    std::fs::create_dir_all(folder.join("data")).expect("a folder");
    SERVERS.iter().for_each(|name| {
        command.args(["--server", name]);
    });
    command.status().ok().filter(|status| status.success()).map(|_| lake)
}

/// An endpoint that takes its time, makes four calls and gives an answer.
fn endpoint(runtime: &tokio::runtime::Runtime) -> (String, tokio::task::JoinHandle<()>) {
    let answer = |axum::Json(request): axum::Json<Value>| async move {
        tokio::time::sleep(REPLY).await;
        let calls = request["messages"].as_array().map_or(0, |all| all.iter().filter(|m| m["role"] == "tool").count());
        let name = if calls < 4 { request["tools"][0]["function"]["name"].clone() } else { json!("submit_answer") };
        let call = json!({"id": "", "type": "function", "function": {"name": name, "arguments": json!({"number": calls}).to_string()}});
        let message = json!({"role": "assistant", "content": null, "tool_calls": [call]});
        axum::Json(json!({"choices": [{"message": message}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}))
    };
    let router = axum::Router::new().route("/v1/chat/completions", axum::routing::post(answer));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let serving = runtime.spawn(async move {
        // It ends with the program.
        let _ = axum::serve(listener, router).await;
    });
    (url, serving)
}
