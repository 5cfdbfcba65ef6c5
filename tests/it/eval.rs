//! Evaluation: reference agents score what they must, a model behind an endpoint is asked as it should be, and no finished
//! trial is lost.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use firefly::lake::{Lake, Output};
use serde_json::{Value, json};

use crate::support::{Done, firefly, made_or_skip, ok, python, root, rows, run};

/// A copy of the made lake, to write to.
pub fn copied(made: &Path, folder: &Path) -> std::path::PathBuf {
    let lake = folder.join("lake");
    assert!(std::process::Command::new("cp").arg("-r").arg(made).arg(&lake).status().unwrap().success());
    lake
}

#[test]
fn reference_agents_score_what_they_must() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    for agent in ["gold", "empty", "random", "shortcut"] {
        ok(firefly(&lake).args(["eval", "--agent", agent, "--run", agent, "--split", "all", "--trials", "3", "--distractors", "4"]));
    }
    let tasks = rows(&lake, "SELECT count(*) AS n FROM verified_task")[0]["n"].as_i64().unwrap();
    let found = rows(
        &lake,
        "SELECT run_id, count(*) AS n, avg(reward) AS reward, max(calls) AS calls FROM eval_result GROUP BY run_id ORDER BY run_id",
    );
    let of = |name: &str| found.iter().find(|row| row["run_id"] == name).unwrap().clone();
    assert!(found.iter().all(|row| row["n"] == json!(3 * tasks)), "{found:?}");
    assert_eq!(of("gold")["reward"], 1.0);
    assert_eq!(of("empty")["reward"], 0.0);
    assert!(of("random")["reward"].as_f64() < Some(0.2) && of("random")["calls"].as_i64() > Some(1), "{found:?}");
    assert!(of("shortcut")["reward"].as_f64() < Some(0.2) && of("shortcut")["calls"] == 0, "{found:?}");
    // Simulated replies stand where nobody takes them for real ones.
    let logged = rows(&lake, "SELECT count(*) AS n FROM sim_call WHERE session_id LIKE 'gold/%'")[0]["n"].clone();
    let calls = rows(&lake, "SELECT sum(calls)::BIGINT AS n FROM eval_result WHERE run_id = 'gold'")[0]["n"].clone();
    assert_eq!(logged, calls);
    let before = rows(&made.lake, "SELECT (SELECT count(*) FROM call) AS calls, (SELECT count(*) FROM episode) AS episodes");
    assert_eq!(before, rows(&lake, "SELECT (SELECT count(*) FROM call) AS calls, (SELECT count(*) FROM episode) AS episodes"));
    // The same command again has nothing to do; the same seed elsewhere gives the same transcripts.
    let again =
        run(firefly(&lake).args(["eval", "--agent", "random", "--run", "random", "--split", "all", "--trials", "3", "--distractors", "4"]));
    assert!(again.err.contains(" 0 trials now"), "{}", again.err);
    ok(firefly(&lake).args(["eval", "--agent", "random", "--run", "other", "--split", "all", "--trials", "3", "--distractors", "4"]));
    let differ = rows(
        &lake,
        "SELECT count(*) AS n FROM eval_result AS a INNER JOIN eval_result AS b USING (task_id, trial)
         WHERE a.run_id = 'random' AND b.run_id = 'other' AND (a.transcript <> b.transcript OR a.answer IS DISTINCT FROM b.answer)",
    );
    assert_eq!(differ[0]["n"], 0);
    let wrong = run(firefly(&lake).args(["eval", "--agent", "gold", "--run", "random", "--split", "all"]));
    assert!(wrong.code == 2 && wrong.err.contains("other settings"), "{}", wrong.err);
}

/// An endpoint that speaks OpenAI's chat completions, whose replies a function makes from the requests.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<Value>>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Endpoint {
    fn start(reply: impl Fn(&Value, usize) -> (u16, Value) + Send + Sync + 'static) -> Endpoint {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let asked: Arc<Mutex<Vec<Value>>> = Arc::default();
        let (seen, reply) = (asked.clone(), Arc::new(reply));
        let answer = move |axum::Json(request): axum::Json<Value>| async move {
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(request.clone());
                seen.len() - 1
            };
            let (status, body) = reply(&request, number);
            let body = match status {
                200 => {
                    json!({"choices": [{"message": body, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5}})
                }
                _ => body,
            };
            (axum::http::StatusCode::from_u16(status).unwrap(), [("retry-after", "0")], axum::Json(body))
        };
        let router = axum::Router::new().route("/v1/chat/completions", axum::routing::post(answer));
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Endpoint { url, asked, runtime: Some(runtime) }
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The tasks of a lake by their question, with gold calls and answer.
fn known(lake: &Path) -> HashMap<String, (Vec<Value>, Value)> {
    let parsed = |row: &Value, name: &str| -> Value { serde_json::from_str(row[name].as_str().unwrap()).unwrap() };
    rows(lake, "SELECT question, answer, gold_calls FROM verified_task")
        .iter()
        .map(|row| {
            let gold = parsed(row, "gold_calls").as_array().unwrap().clone();
            (row["question"].as_str().unwrap().to_owned(), (gold, parsed(row, "answer")))
        })
        .collect()
}

/// What a model says that knows the gold calls: the next of them, natively, and then the answer.
fn oracle(known: &HashMap<String, (Vec<Value>, Value)>, request: &Value) -> Value {
    let messages = request["messages"].as_array().unwrap();
    let Some((gold, answer)) = messages.iter().find_map(|m| known.get(m["content"].as_str()?)) else {
        let function = json!({"name": request["tools"][0]["function"]["name"], "arguments": "{\"city\": \"Oslo\"}"});
        return json!({"role": "assistant", "content": null, "tool_calls": [{"id": "probe", "type": "function", "function": function}]});
    };
    let made = messages.iter().filter(|m| m["role"] == "tool").count();
    let (name, arguments) = match gold.get(made) {
        Some(call) => (format!("{}__{}", call["server"].as_str().unwrap(), call["tool"].as_str().unwrap()), &call["arguments"]),
        None => ("submit_answer".to_owned(), answer),
    };
    // No id: some endpoints give none.
    let function = json!({"name": name, "arguments": arguments.to_string()});
    json!({"role": "assistant", "content": "", "tool_calls": [{"id": "", "type": "function", "function": function}]})
}

fn evaluate(lake: &Path, endpoint: &Endpoint, more: &[&str]) -> Done {
    let mut command = firefly(lake);
    command.args(["eval", "--model", "scripted", "--llm-url", &endpoint.url, "--split", "all"]).args(more);
    run(&mut command)
}

#[test]
fn the_same_seed_gives_the_same_transcripts_whatever_ids_an_endpoint_draws() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    let tasks = known(&lake);
    let endpoint = Endpoint::start(move |request, number| {
        let mut said = oracle(&tasks, request);
        said["tool_calls"][0]["id"] = json!(format!("drawn-{number}"));
        (200, said)
    });
    for run in ["first", "second"] {
        assert_eq!(evaluate(&lake, &endpoint, &["--run", run, "--tasks", "6", "--distractors", "3"]).code, 0);
    }
    let pairs = rows(
        &lake,
        "SELECT count(*) AS n, count(*) FILTER (a.transcript = b.transcript) AS same
         FROM eval_result AS a INNER JOIN eval_result AS b USING (task_id, trial) WHERE a.run_id = 'first' AND b.run_id = 'second'",
    );
    assert_eq!((&pairs[0]["n"], &pairs[0]["same"]), (&json!(6), &json!(6)));
}

#[test]
fn a_model_that_knows_is_rewarded_through_retries() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    let tasks = known(&lake);
    let count = tasks.len();
    let endpoint = Endpoint::start(move |request, number| match number {
        1 => (429, json!({"error": "slow down"})),
        2 => (503, json!({"error": "later"})),
        _ => (200, oracle(&tasks, request)),
    });
    let done =
        evaluate(&lake, &endpoint, &["--run", "m", "--trials", "2", "--distractors", "5", "--llm-prices", "1,2", "--temperature", "0.7"]);
    assert_eq!(done.code, 0, "{}", done.err);
    let found = rows(&lake, "FROM eval_result ORDER BY task_id, trial");
    assert_eq!(found.len(), 2 * count);
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    for row in &found {
        assert_eq!((row["reward"].as_f64(), text(row, "status")), (Some(1.0), "answered".into()), "{row}");
        let turns = row["turns"].as_i64().unwrap();
        assert_eq!((turns, row["prompt_tokens"].as_i64()), (row["calls"].as_i64().unwrap() + 1, Some(10 * turns)));
        assert!((row["cost"].as_f64().unwrap() - turns as f64 * 20e-6).abs() < 1e-12);
        // Each result of a tool belongs to a call with an id of its own.
        let messages: Vec<Value> = serde_json::from_str(&text(row, "transcript")).unwrap();
        let ids: Vec<&Value> = messages.iter().filter(|m| m["role"] == "tool").map(|m| &m["tool_call_id"]).collect();
        assert_eq!(ids.iter().map(|id| id.to_string()).collect::<HashSet<_>>().len(), ids.len());
    }
    // What was asked: the task's tools and five more under allowed names, temperature, and a seed a trial.
    let asked: Vec<Value> = endpoint.asked().into_iter().skip(3).collect();
    for request in &asked {
        let names: HashSet<&str> = request["tools"].as_array().unwrap().iter().map(|t| t["function"]["name"].as_str().unwrap()).collect();
        assert!(names.len() >= 7 && names.contains("submit_answer"), "{names:?}");
        assert!(names.iter().all(|n| n.len() <= 64 && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')), "{names:?}");
        assert_eq!(request["temperature"], 0.7);
    }
    let seeds: HashSet<String> = asked.iter().map(|request| request["seed"].to_string()).collect();
    assert_eq!(seeds.len(), 2 * count);
    // Rewarded transcripts are there for training, each once.
    let sft = rows(&lake, "SELECT count(*) AS n, count(tools) AS tools FROM eval_sft");
    assert!(sft[0]["n"].as_i64() >= Some(count as i64) && sft[0]["tools"] == sft[0]["n"], "{sft:?}");
    // A second run of the same command has nothing to do; one with more trials adds those.
    let more =
        evaluate(&lake, &endpoint, &["--run", "m", "--trials", "3", "--distractors", "5", "--llm-prices", "1,2", "--temperature", "0.7"]);
    assert!(more.err.contains(&format!("{count} trials now, {} before", 2 * count)), "{}", more.err);
}

#[test]
fn trials_end_at_their_limits() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    let tool = |request: &Value, arguments: Value| {
        let name = request["tools"][0]["function"]["name"].clone();
        json!({"role": "assistant", "content": null, "tool_calls": [{"id": "a", "type": "function", "function": {"name": name, "arguments": arguments.to_string()}}]})
    };
    let statuses = |run: &str| rows(&lake, &format!("SELECT DISTINCT status, reason, reward FROM eval_result WHERE run_id = '{run}'"));
    // The same call again and again.
    let endpoint = Endpoint::start(move |request, _| match request["tools"].is_array() {
        true => (200, tool(request, json!({"again": 1}))),
        false => (200, json!({"role": "assistant", "content": "{}"})),
    });
    assert_eq!(evaluate(&lake, &endpoint, &["--run", "loops", "--tasks", "3"]).code, 0);
    assert_eq!(statuses("loops"), [json!({"status": "loop", "reward": 0.0})]);
    let last = endpoint.asked().pop().unwrap();
    assert!(last["response_format"]["json_schema"]["schema"]["properties"].is_object() && last["tools"].is_null(), "{last}");
    // Another call each time, up to the limit of turns, and of calls.
    let endpoint = Endpoint::start(move |request, number| match request["tools"].is_array() {
        true => (200, tool(request, json!({"number": number}))),
        false => (200, json!({"role": "assistant", "content": "none"})),
    });
    for (name, limit) in [("turns", "--max-turns"), ("calls", "--max-calls")] {
        assert_eq!(evaluate(&lake, &endpoint, &["--run", name, "--tasks", "2", limit, "4"]).code, 0);
        assert_eq!(statuses(name), [json!({"status": "limit", "reason": name, "reward": 0.0})]);
    }
    assert_eq!(evaluate(&lake, &endpoint, &["--run", "tokens", "--tasks", "2", "--trial-tokens", "40"]).code, 0);
    assert_eq!(statuses("tokens"), [json!({"status": "limit", "reason": "tokens", "reward": 0.0})]);
    // The budget of the run: what was finished is kept, and said.
    let spent =
        evaluate(&lake, &endpoint, &["--run", "budget", "--tasks", "4", "--max-turns", "2", "--max-requests", "8", "--llm-jobs", "1"]);
    assert!(spent.code == 1 && spent.err.contains("budget"), "{}", spent.err);
    assert!(!statuses("budget").is_empty());
    // A request that is refused ends its trial, and nothing else.
    let endpoint = Endpoint::start(|request, number| match number {
        0 => (200, oracle(&HashMap::new(), request)),
        _ => (400, json!({"error": {"message": "the context is too long"}})),
    });
    assert_eq!(evaluate(&lake, &endpoint, &["--run", "refused", "--tasks", "2"]).code, 0);
    let refused = statuses("refused");
    assert!(
        refused.len() == 1 && refused[0]["status"] == "refused" && refused[0]["reason"].as_str().unwrap().contains("too long"),
        "{refused:?}"
    );
    // So does one on which the endpoint breaks each time; where it breaks on all, the run ends and keeps none.
    let broken = |first: usize| {
        Endpoint::start(move |request, number| match number {
            n if n >= first => (500, json!({"error": "no such syntax"})),
            0 => (200, oracle(&HashMap::new(), request)),
            _ => (200, json!({"role": "assistant", "content": "{\"none\": 1}"})),
        })
    };
    assert_eq!(evaluate(&lake, &broken(2), &["--run", "broke", "--tasks", "3", "--llm-jobs", "1"]).code, 0);
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM eval_result WHERE run_id = 'broke' AND status = 'refused'")[0]["n"], 2);
    let down = evaluate(&lake, &broken(1), &["--run", "down", "--trials", "8"]);
    assert!(down.code == 1 && down.err.contains("8 trials in a row") && statuses("down").is_empty(), "{}", down.err);
    // Every failed trial has one class.
    let classes = rows(&lake, "SELECT run_id, list(DISTINCT class) AS class FROM eval_failure GROUP BY run_id ORDER BY run_id");
    let of = |name: &str| classes.iter().find(|c| c["run_id"] == name).unwrap()["class"].clone();
    assert_eq!((of("loops"), of("turns"), of("refused")), (json!(["loop"]), json!(["limit hit"]), json!(["limit hit"])));
    let missing = rows(
        &lake,
        "SELECT count(*) AS n FROM eval_trial AS t ANTI JOIN eval_failure AS f USING (run_id, task_id, trial) WHERE t.reward < 1",
    );
    assert_eq!(missing[0]["n"], 0);
}

#[test]
fn a_model_without_native_calls_works_by_steps() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    let tasks = known(&lake);
    let endpoint = Endpoint::start(move |request, _| {
        let mut said = oracle(&tasks, request);
        let text = |content: &str| (200, json!({"role": "assistant", "content": content}));
        let messages = request["messages"].as_array().unwrap();
        if request["response_format"].is_null() {
            return text("It may rain.");
        }
        // The same, as steps: results stand in messages of the user.
        let made = messages.iter().filter(|m| m["content"].as_str().is_some_and(|c| c.starts_with("Result of"))).count();
        let (gold, answer) = messages.iter().find_map(|m| tasks.get(m["content"].as_str()?)).unwrap();
        said = match gold.get(made) {
            Some(call) => {
                json!({"tool": format!("{}__{}", call["server"].as_str().unwrap(), call["tool"].as_str().unwrap()), "arguments": call["arguments"]})
            }
            None => json!({"answer": answer, "was": said.is_object()}),
        };
        text(&format!("```json\n{}\n```", json!({"step": said})))
    });
    assert_eq!(evaluate(&lake, &endpoint, &["--run", "steps", "--distractors", "2"]).code, 0);
    let found = rows(
        &lake,
        "SELECT avg(reward) AS reward, any_value(settings) AS settings FROM eval_result INNER JOIN eval_run USING (run_id) WHERE run_id = 'steps'",
    );
    assert!(found[0]["reward"] == 1.0 && found[0]["settings"].as_str().unwrap().contains("\"calls\":\"json\""), "{found:?}");
    let request = endpoint.asked().pop().unwrap();
    let steps = request["response_format"]["json_schema"]["schema"]["properties"]["step"]["anyOf"].as_array().unwrap().len();
    assert!(steps >= 4 && request["tools"].is_null());
}

/// Killed in the middle, a run goes on with the same command: no finished trial is asked again, and none is missing.
#[test]
fn finished_trials_survive_a_kill() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    let tasks = known(&lake);
    let count = tasks.len();
    let (tell, told) = std::sync::mpsc::channel();
    let tell = Mutex::new(tell);
    let endpoint = Endpoint::start(move |request, number| {
        // The test may no longer listen.
        let _ = tell.lock().unwrap().send(number);
        (200, oracle(&tasks, request))
    });
    let args = [
        "eval",
        "--model",
        "scripted",
        "--llm-url",
        &endpoint.url,
        "--split",
        "all",
        "--trials",
        "4",
        "--llm-jobs",
        "2",
        "--run",
        "k",
        "--calls",
        "native",
    ];
    for stop in [40, 100] {
        let mut child = firefly(&lake).args(args).stderr(std::process::Stdio::null()).spawn().unwrap();
        let before = endpoint.asked().len();
        while told.recv().unwrap() < before + stop {}
        child.kill().unwrap();
        child.wait().unwrap();
        while told.try_recv().is_ok() {}
    }
    ok(firefly(&lake).args(args));
    let found = rows(&lake, "SELECT count(*) AS n, avg(reward) AS reward FROM eval_result WHERE run_id = 'k'");
    assert_eq!(found, [json!({"n": 4 * count, "reward": 1.0})]);
    // Last requests hand in the answer: one a trial, and one more for each that was in flight when it was killed.
    let mut last: HashMap<String, usize> = HashMap::new();
    for request in endpoint.asked() {
        let first = request["messages"].as_array().unwrap().iter().all(|m| m["role"] != "tool");
        *last.entry(request["seed"].to_string()).or_default() += usize::from(first);
    }
    assert_eq!(last.len(), 4 * count);
    assert!(last.values().sum::<usize>() <= 4 * count + 2 * 2, "{last:?}");
    assert!(std::fs::read_dir(lake.join("spool")).unwrap().next().is_none());
}

#[test]
fn runs_are_compared_and_graded_again() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = copied(&made.lake, folder.path());
    for agent in ["gold", "empty"] {
        ok(firefly(&lake).args(["eval", "--agent", agent, "--run", agent, "--split", "all", "--trials", "2"]));
    }
    let tasks = known(&lake).len();
    let row = |args: &[&str]| -> Vec<Value> { serde_json::from_str(&ok(firefly(&lake).args(args).args(["--format", "json"]))).unwrap() };
    let compared = row(&["eval", "compare", "empty", "gold"]);
    assert_eq!(
        (compared[0]["difference"].as_f64(), compared[0]["low"].as_f64(), compared[0]["better"].as_u64()),
        (Some(1.0), Some(1.0), Some(tasks as u64))
    );
    assert!(compared[0]["p"].as_f64() < Some(0.01), "{compared:?}");
    let flipped = row(&["eval", "compare", "gold", "empty", "--tasks"]);
    assert!(flipped.len() == tasks && flipped.iter().all(|t| t["flipped"] == "lost"));
    let same = row(&["eval", "compare", "gold", "gold"]);
    assert_eq!((same[0]["difference"].as_f64(), same[0]["p"].as_f64()), (Some(0.0), Some(1.0)));
    assert_eq!(run(firefly(&lake).args(["eval", "compare", "gold", "nothing"])).code, 1);
    // Nothing has changed: nothing is graded otherwise.
    let again = ok(firefly(&lake).args(["eval", "regrade", "gold"]));
    assert!(again.starts_with(&format!("0 of {} trials", 2 * tasks)), "{again}");
    // A grade that a former reward gave: the new one stands beside it.
    let open = Lake::open(&lake).unwrap();
    let session = open.session().unwrap();
    let text = "CREATE TEMP TABLE new_eval_grade AS SELECT run_id, task_id, trial, 1 AS grading, 0.0 AS reward, 0.0 AS field_score, fields, '0' AS firefly, ended_at AS graded_at FROM eval_result WHERE run_id = 'gold'";
    session.execute("a former grade", text).unwrap();
    let lineage = firefly::lake::Lineage::of(&session, "test", &[], json!({}), None);
    open.commit(&session, lineage, &[Output::append("eval_grade")]).unwrap();
    let was = rows(&lake, "SELECT avg(reward) AS reward, avg(first_reward) AS first FROM eval_trial WHERE run_id = 'gold'");
    assert_eq!(was, [json!({"reward": 0.0, "first": 1.0})]);
    let regraded = ok(firefly(&lake).args(["eval", "regrade", "gold"]));
    assert!(regraded.contains(&format!("{} gained, 0 lost; mean reward 1.0000, before 0.0000", 2 * tasks)), "{regraded}");
    let kept = rows(&lake, "SELECT count(*) AS n, count(DISTINCT grading) AS gradings FROM eval_grade");
    assert_eq!(kept, [json!({"n": 4 * tasks, "gradings": 2})]);
}

/// Published runs go through the same figures, and NumPy and SciPy compute the same: 50 tasks of τ-bench with 4 trials each.
#[test]
fn figures_agree_with_scipy_on_published_runs() {
    let runs = root().join("../shared/data/tau-bench");
    let python = match python("numpy, scipy") {
        Ok(python) if runs.exists() => python,
        Ok(_) => return eprintln!("SKIPPED figures_agree_with_scipy_on_published_runs: {} is not there", runs.display()),
        Err(reason) => return eprintln!("SKIPPED figures_agree_with_scipy_on_published_runs: {reason}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).arg("init"));
    ok(firefly(&lake).arg("ingest").arg(&runs));
    let scores = rows(&lake, "SELECT task_id, trials, passed FROM eval_score ORDER BY task_id");
    assert_eq!((scores.len(), scores.iter().map(|s| s["trials"].as_i64().unwrap()).sum::<i64>()), (50, 200));
    // Two halves of the trials as two runs, for the paired figures.
    let pairs = rows(
        &lake,
        "SELECT avg(reward) FILTER (trial < 2) AS a, avg(reward) FILTER (trial >= 2) AS b FROM eval_trial GROUP BY task_id ORDER BY task_id",
    );
    let paired: Vec<Value> = pairs.iter().map(|p| json!([p["a"], p["b"]])).collect();
    let mut command = std::process::Command::new(python);
    command.arg(root().join("tests/clients/eval_figures.py")).stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    serde_json::to_writer(child.stdin.take().unwrap(), &json!({"scores": scores, "pairs": paired})).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let peer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let out = ok(firefly(&lake).args(["stats", "eval/pass", "--format", "json"]));
    let own: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(own.len(), 4);
    let near = |a: &Value, b: &Value, most: f64| {
        let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
        assert!((a - b).abs() <= most, "{a} and {b}");
    };
    for (own, peer) in own.iter().zip(peer["pass"].as_array().unwrap()) {
        near(&own["pass_at_k"], &peer["at"], 1e-6);
        near(&own["pass_hat_k"], &peer["hat"], 1e-6);
        // Other draws: percentiles of 10,000 differ by about a hundredth.
        for (side, place) in [("low", 0), ("high", 1)] {
            near(&own[format!("at_{side}")], &peer["at_interval"][place], 0.015);
            near(&own[format!("hat_{side}")], &peer["hat_interval"][place], 0.015);
        }
    }
    let differences: Vec<String> = pairs.iter().map(|p| (p["b"].as_f64().unwrap() - p["a"].as_f64().unwrap()).to_string()).collect();
    let list = differences.join(", ");
    let paired =
        rows(&lake, &format!("SELECT bootstrap_interval([{list}]::DOUBLE[], 7) AS bounds, sign_flip_p([{list}]::DOUBLE[], 7) AS p"));
    near(&paired[0]["bounds"][0], &peer["interval"][0], 0.015);
    near(&paired[0]["bounds"][1], &peer["interval"][1], 0.015);
    near(&paired[0]["p"], &peer["p"], 0.02);
    // The report takes them as well.
    let page = folder.path().join("report.html");
    ok(firefly(&lake).args(["report", "tau-bench/gpt-4o-airline", "--out"]).arg(&page));
    assert!(std::fs::read_to_string(&page).unwrap().contains("\"run_id\":\"tau-bench/gpt-4o-airline\""));
}
