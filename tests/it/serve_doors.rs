//! Each door with the client that people use it with, as a process of its own: gold calls and the label earn the reward, and
//! a wrong answer does not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{firefly, made_or_skip, ok, root, rows, run};

/// `firefly serve` over HTTP, ended when dropped.
pub struct Served {
    pub child: Child,
    /// `http://HOST:PORT`
    pub url: String,
    /// Where its clients may leave something.
    folder: TempDir,
}

impl Served {
    pub fn start(lake: &Path, arguments: &[&str]) -> Served {
        Served::with(firefly(lake).args(["serve", "--mcp", "http", "--port", "0", "--no-log"]).args(arguments))
    }

    fn with(command: &mut Command) -> Served {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|w| w.starts_with("http://")).unwrap_or_else(|| panic!("{line}"));
        let end = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
        let url = url[..end].trim_end_matches([';', ',']).to_owned();
        Served { child, url, folder: tempfile::tempdir().unwrap() }
    }

    /// Sends one HTTP request as it is written; status and body.
    fn raw(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        // A server may answer, and close, before it has read all.
        let _ = stream.write_all(request.as_bytes());
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let status = reply.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, reply.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        self.raw(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ))
    }

    fn get(&self, path: &str, headers: &str) -> (u16, String) {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python with the client called `name`, as `tests/clients/install.sh` installs it; the reason where there is none.
fn python(name: &str) -> Result<PathBuf, String> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|h| h.join(".cache")));
    let python = base.ok_or("there is no home folder")?.join("firefly/serve-clients").join(name).join("bin/python");
    let probe = Command::new(&python).args(["-c", &format!("import {name}")]).output();
    match probe {
        Ok(output) if output.status.success() => Ok(python),
        _ => Err(format!("the client `{name}` is not installed: `tests/clients/install.sh` installs it")),
    }
}

macro_rules! client_or_skip {
    ($name:expr) => {
        match python($name) {
            Ok(python) => python,
            Err(reason) => {
                eprintln!("SKIPPED {}: {reason}", module_path!());
                return;
            }
        }
    };
}

/// Some tasks in a file, for clients to work on.
fn some_tasks(lake: &Path) -> (TempDir, PathBuf) {
    let tasks = rows(lake, "SELECT task_id, question, answer, gold_calls FROM verified_task ORDER BY servers DESC, task_id LIMIT 4");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tasks.json");
    std::fs::write(&path, Value::from(tasks).to_string()).unwrap();
    (folder, path)
}

/// Runs a client on some tasks, and checks what it reports.
fn works(python: &Path, script: &str, target: &str, tasks: &Path) -> Value {
    let mut command = Command::new(python);
    command.arg(root().join("tests/clients/serve").join(script)).arg(target).arg(tasks);
    let done = run(command.env("PYTHONPATH", root().join("clients/python")).env("no_proxy", "*"));
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let report: Value = serde_json::from_str(done.out.lines().last().unwrap()).unwrap();
    let rewards = report["rewards"].as_array().unwrap();
    assert!(rewards.len() >= 4, "{report}");
    for pair in rewards {
        assert_eq!(pair[1], if pair[0] == true { 1.0 } else { 0.0 }, "{report}");
    }
    let verdicts = report["verdicts"].as_array().unwrap();
    assert!(!verdicts.is_empty() && verdicts.iter().all(|v| v == "exact" || v == "canonical"), "{report}");
    report
}

#[test]
fn verifiers_plays_nemo_gym_episodes() {
    let python = client_or_skip!("verifiers");
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::start(&made.lake, &[]);
    works(&python, "verifiers_client.py", &served.url, &tasks);
}

#[test]
fn openreward_plays_its_episodes() {
    let python = client_or_skip!("openreward");
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::start(&made.lake, &[]);
    let report = works(&python, "openreward_client.py", &served.url, &tasks);
    assert!(report["finished"].as_array().unwrap().iter().all(|f| f == true));
}

#[test]
fn trl_takes_data_environments_and_rewards() {
    let python = client_or_skip!("openreward");
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::start(&made.lake, &[]);
    works(&python, "trl_client.py", &served.url, &tasks);
}

#[test]
fn openenv_plays_its_episodes() {
    let python = client_or_skip!("openenv");
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::start(&made.lake, &[]);
    works(&python, "openenv_client.py", &format!("{}/openenv", served.url), &tasks);
    let alone = Served::start(&made.lake, &["--door", "openenv"]);
    works(&python, "openenv_client.py", &alone.url, &tasks);
}

#[test]
fn the_mcp_sdk_works_over_http_and_stdio() {
    let python = client_or_skip!("mcp");
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::start(&made.lake, &["--distractors", "3"]);
    let report = works(&python, "mcp_client.py", &json!(format!("{}/mcp", served.url)).to_string(), &tasks);
    assert_eq!(report["protocols"], json!(["2025-11-25", "2026-07-28"]));
    let command = [env!("CARGO_BIN_EXE_firefly"), "--lake", &made.lake.to_string_lossy(), "serve", "--strict", "--no-log"];
    works(&python, "mcp_client.py", &json!(command).to_string(), &tasks);
}

#[test]
fn the_python_client_needs_nothing_but_python() {
    let made = made_or_skip!();
    let (_folder, tasks) = some_tasks(&made.lake);
    let served = Served::with(
        firefly(&made.lake).args(["serve", "--mcp", "http", "--port", "0", "--no-log", "--token-env", "A_TOKEN"]).env("A_TOKEN", "sesame"),
    );
    let (status, _) = served.get("/splits", "");
    assert_eq!(status, 401);
    works(Path::new("python3"), "own_client.py", &served.url, &tasks);
}

#[test]
fn what_the_page_shows_works() {
    let made = made_or_skip!();
    let task = rows(&made.lake, "SELECT task_id FROM verified_task ORDER BY task_id LIMIT 1").remove(0);
    let served = Served::start(&made.lake, &[]);
    let page = std::fs::read_to_string(root().join("docs/serve.md")).unwrap();
    let blocks: Vec<&str> = page.split("```python\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 6);
    let folder = tempfile::tempdir().unwrap();
    for block in blocks {
        assert!(block.lines().count() < 10, "{block}");
        let with = ["openreward", "verifiers", "openenv", "mcp"].into_iter().find(|name| {
            block.contains(&format!("import {name}"))
                || block.contains(&format!("from {name}"))
                || (*name == "openreward" && block.contains("from trl"))
        });
        let python = match with.map(python) {
            Some(Err(reason)) => {
                eprintln!("SKIPPED a block of docs/serve.md: {reason}");
                continue;
            }
            Some(Ok(python)) => python,
            None => "python3".into(),
        };
        let text = block.replace("http://127.0.0.1:8765", &served.url).replace("TASK_ID", task["task_id"].as_str().unwrap());
        let mut command = Command::new(python);
        command.args(["-c", &text]).current_dir(folder.path()).env("PYTHONPATH", root().join("clients/python"));
        let done = run(command.env("no_proxy", "*"));
        assert_eq!(done.code, 0, "{text}\n{}\n{}", done.out, done.err);
    }
}

#[test]
fn the_inspector_lists_and_calls_tools() {
    let made = made_or_skip!();
    // The inspector reads what looks like a number as one, even where a text is wanted.
    let asks_plainly = |task: &Value| {
        let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
        let texts = gold[0]["arguments"].as_object().unwrap().values().filter_map(Value::as_str);
        texts.into_iter().all(|text| serde_json::from_str::<Value>(text).is_err())
    };
    let tasks = rows(&made.lake, "SELECT task_id, gold_calls FROM verified_task ORDER BY task_id");
    let task = tasks.into_iter().find(asks_plainly).expect("a task whose first call takes no number as a text");
    let served = Served::start(&made.lake, &[]);
    let url = format!("{}/mcp?task={}", served.url, task["task_id"].as_str().unwrap());
    let inspect = |arguments: &[&str]| {
        let mut command = Command::new("npx");
        command.args(["-y", "@modelcontextprotocol/inspector@2.12.0", "--cli", &url, "--transport", "http", "--method"]).args(arguments);
        run(&mut command)
    };
    let listed = inspect(&["tools/list"]);
    if listed.code != 0 && (listed.err.contains("npm error") || listed.err.contains("ENOTFOUND")) {
        eprintln!("SKIPPED {}: the inspector can't be had on this machine: {}", module_path!(), listed.err);
        return;
    }
    assert!(listed.code == 0 && listed.out.contains("submit_answer"), "{}\n{}", listed.out, listed.err);
    let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
    let name = format!("{}__{}", gold[0]["server"].as_str().unwrap(), gold[0]["tool"].as_str().unwrap());
    let given: Vec<String> = gold[0]["arguments"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| format!("{k}={}", v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
        .collect();
    let mut arguments = vec!["tools/call", "--tool-name", &name];
    given.iter().for_each(|pair| arguments.extend(["--tool-arg", pair]));
    let called = inspect(&arguments);
    assert!(called.code == 0 && called.out.contains("firefly/verdict"), "{}\n{}", called.out, called.err);
}

/// The protocol's own tests, those that any server with tools has to pass; the others ask for tools that only its example server has.
#[test]
fn the_conformance_suite_is_passed() {
    let made = made_or_skip!();
    let served = Served::start(&made.lake, &[]);
    for scenario in ["server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"] {
        let mut command = Command::new("npx");
        command.args([
            "-y",
            "-p",
            "node@22",
            "-p",
            "@modelcontextprotocol/conformance@0.1.16",
            "conformance",
            "server",
            "--url",
            &format!("{}/mcp", served.url),
        ]);
        let done = run(command.args(["--scenario", scenario]).current_dir(served.folder.path()));
        if done.err.contains("npm error") {
            eprintln!("SKIPPED {}: the conformance suite can't be had on this machine: {}", module_path!(), done.err);
            return;
        }
        assert!(done.code == 0 && done.out.contains("0 failed"), "{scenario}: {}\n{}", done.out, done.err);
    }
}

#[test]
fn mcp_atlas_lists_and_calls_tools() {
    let made = made_or_skip!();
    let task = rows(&made.lake, "SELECT gold_calls FROM verified_task ORDER BY task_id LIMIT 1").remove(0);
    let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
    let served = Served::start(&made.lake, &["--door", "mcp-atlas"]);
    let (status, body) = served.post("/list-tools", "", "");
    assert_eq!(status, 200, "{body}");
    let tools: Value = serde_json::from_str(&body).unwrap();
    let name = format!("{}_{}", gold[0]["server"].as_str().unwrap(), gold[0]["tool"].as_str().unwrap());
    let listed = tools.as_array().unwrap().iter().find(|tool| tool["name"] == name.as_str()).unwrap();
    assert!(listed["inputSchema"].is_object());
    let call = json!({"tool_name": name, "tool_args": gold[0]["arguments"], "use_cache": false});
    let (status, body) = served.post("/call-tool", "", &call.to_string());
    assert_eq!(status, 200, "{body}");
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()[0]["type"], "text");
    let (status, body) = served.post("/call-tool", "", &json!({"tool_name": "no", "tool_args": {}}).to_string());
    assert!(status == 500 && body.contains("Unknown tool"), "{status} {body}");
}

#[test]
fn rude_clients_get_errors_and_the_server_lives() {
    let made = made_or_skip!();
    let served = Served::start(&made.lake, &["--max-body", "20000", "--max-sessions", "3"]);
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let nested = format!("{{\"tool_name\": \"x\", \"tool_args\": {}1{}}}", "{\"a\":".repeat(1000), "}".repeat(1000));
    let paths = ["/seed_session", "/verify", "/create", "/call", "/tasks", "/call-tool", "/openenv/mcp", "/openenv/step", "/mcp"];
    for path in paths {
        for body in ["", "{", "null", "[]", "\u{0}", "{\"task_id\": 7}", "{\"jsonrpc\": \"2.0\", \"method\": 3}", &nested, &deep[..9000]] {
            let headers = "X-Session-ID: a\r\nAccept: application/json, text/event-stream\r\n";
            let (status, said) = served.post(path, headers, body);
            let is_rpc_error = path == "/openenv/mcp" && said.contains("error");
            assert!(
                (400..500).contains(&status) || is_rpc_error || status == 500 && path == "/call-tool",
                "{path} {body:.40}: {status} {said}"
            );
            assert!(!said.contains("panicked"));
        }
        let (status, _) = served.post(path, "Accept: application/json, text/event-stream\r\n", &" ".repeat(30_000));
        assert!(status == 413 || status == 400 || status == 0 || path == "/openenv/mcp" && status == 200, "{path}: {status}");
    }
    for number in 0..6 {
        let open = json!({"jsonrpc": "2.0", "id": 1, "method": "openenv/session/create"});
        let (_, said) = served.post("/openenv/mcp", "", &open.to_string());
        assert_eq!(said.contains("as many sessions"), number >= 3, "{number}: {said}");
    }
    // By another name than its own, as a page in a browser would reach it.
    let (status, _) = served.raw("GET /health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(status, 403);
    let (status, _) = served.get("/health", "");
    assert_eq!(status, 200);
}

#[test]
fn it_listens_to_others_only_with_a_token() {
    let made = made_or_skip!();
    let done = run(firefly(&made.lake).args(["serve", "--mcp", "http", "--listen", "0.0.0.0", "--token-env", "NOT_SET_ANYWHERE"]));
    assert!(done.code == 2 && done.err.contains("NOT_SET_ANYWHERE"), "{}", done.err);
    let wrong = run(firefly(&made.lake).args(["serve", "--verdicts", "exact,perhaps"]));
    assert!(wrong.code == 2 && wrong.err.contains("perhaps"), "{}", wrong.err);
    let help = ok(firefly(&made.lake).args(["serve", "--help"]));
    assert!(help.contains("--max-distance") && help.contains("--door"));
}
