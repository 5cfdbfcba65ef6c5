//! The simulator over MCP: an ordinary client finishes tasks against it, offline.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rmcp::model::{CallToolRequestParams, CallToolResult, ClientConfig};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::{RoleClient, ServiceExt};
use serde_json::{Value, json};

use crate::support::{firefly, made_or_skip, rows};

type Client = RunningService<RoleClient, ClientConfig>;

fn me() -> ClientConfig {
    ClientConfig::default()
}

async fn call(client: &Client, name: &str, arguments: &Value) -> CallToolResult {
    let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments.as_object().unwrap().clone());
    client.call_tool(params).await.unwrap()
}

/// Makes the gold calls of `task` and hands in its answer; the reward.
async fn finish(client: &Client, task: &Value) -> f64 {
    let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
    for step in gold.as_array().unwrap() {
        let name = format!("{}__{}", step["server"].as_str().unwrap(), step["tool"].as_str().unwrap());
        let reply = call(client, &name, &step["arguments"]).await;
        let meta = serde_json::to_value(reply.meta).unwrap();
        assert_eq!(meta["firefly/verdict"], "exact", "{name}");
        assert_ne!(reply.is_error, Some(true));
    }
    let answer: Value = serde_json::from_str(task["answer"].as_str().unwrap()).unwrap();
    let wrong = call(client, "submit_answer", &json!({"answer": {}})).await;
    assert_eq!(wrong.structured_content.unwrap()["reward"], 0.0);
    let graded = call(client, "submit_answer", &json!({"answer": answer})).await;
    graded.structured_content.unwrap()["reward"].as_f64().unwrap()
}

fn a_task(lake: &std::path::Path) -> Value {
    rows(lake, "SELECT task_id, question, answer, gold_calls FROM verified_task ORDER BY servers DESC, task_id LIMIT 1").remove(0)
}

#[tokio::test]
async fn a_client_finishes_a_task_over_stdio() {
    let made = made_or_skip!();
    let task = a_task(&made.lake);
    let mut child = tokio::process::Command::from(firefly(&made.lake));
    child.args(["serve", "--mcp", "stdio", "--strict", "--task", task["task_id"].as_str().unwrap()]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let client = me().serve((child.stdout.take().unwrap(), child.stdin.take().unwrap())).await.unwrap();
    let told = client.peer_info().unwrap();
    assert!(told.instructions.as_ref().unwrap().starts_with(task["question"].as_str().unwrap()));
    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.iter().any(|t| t.name == "submit_answer") && tools.len() >= 2);
    assert_eq!(finish(&client, &task).await, 1.0);
    client.cancel().await.unwrap();
    assert!(child.wait().await.unwrap().success());
    // Every reply was logged with its verdict.
    let logged = rows(&made.lake, "SELECT DISTINCT verdict FROM sim_call WHERE task_id IS NOT NULL");
    assert!(logged.contains(&json!({"verdict": "exact"})), "{logged:?}");
}

#[tokio::test]
async fn sessions_over_http_are_apart_and_misses_are_honest() {
    let made = made_or_skip!();
    let task = a_task(&made.lake);
    let mut command = firefly(&made.lake);
    command.args(["serve", "--mcp", "http", "--port", "0", "--no-log", "--task", task["task_id"].as_str().unwrap()]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|w| w.starts_with("http://")).unwrap().trim_end_matches([',', ';']).to_owned();
    firefly::tls::provide();
    let connect = || async { me().serve(StreamableHttpClientTransport::from_uri(url.clone())).await.unwrap() };
    let (a, b) = (connect().await, connect().await);
    assert_eq!(finish(&a, &task).await, 1.0);
    assert_eq!(finish(&b, &task).await, 1.0);
    let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
    let first = &gold[0];
    let name = format!("{}__{}", first["server"].as_str().unwrap(), first["tool"].as_str().unwrap());
    let verdict = |reply: CallToolResult| serde_json::to_value(reply.meta).unwrap()["firefly/verdict"].clone();
    let reply = call(&a, &name, &json!({"no_such_parameter_7": "x"})).await;
    assert_eq!(reply.is_error, Some(true));
    let said = verdict(reply);
    assert!(said == "miss" || said == "invalid", "{said}");
    assert_eq!(verdict(call(&a, "nobody__nothing", &json!({})).await), "invalid");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_task_that_is_not_there_is_an_error() {
    let made = made_or_skip!();
    let done = crate::support::run(firefly(&made.lake).args(["serve", "--task", "nothing"]));
    assert!(done.code == 1 && done.err.contains("has no task `nothing`"), "{}", done.err);
}
