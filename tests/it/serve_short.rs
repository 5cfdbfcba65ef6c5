//! Calls that `firefly serve` answers itself get what rmcp would have said, and end with their session.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::serve_doors::Served;
use crate::support::{made_or_skip, rows};

/// An MCP session over HTTP whose requests are written by hand.
struct Hand<'a> {
    served: &'a Served,
    session: String,
    query: String,
    calls: i64,
}

/// Status, head in lower case and body.
type Reply = (u16, String, String);

impl<'a> Hand<'a> {
    fn open(served: &'a Served, query: &str) -> Hand<'a> {
        let mut hand = Hand { served, session: String::new(), query: query.into(), calls: 0 };
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "hand", "version": "1"}}});
        let (status, head, _) = hand.send("POST", &hello.to_string());
        assert_eq!(status, 200);
        hand.session = head.lines().find_map(|line| line.strip_prefix("mcp-session-id: ")).expect("a session").to_owned();
        hand.send("POST", &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        hand
    }

    fn send(&self, method: &str, body: &str) -> Reply {
        let mut stream = TcpStream::connect(self.served.url.trim_start_matches("http://")).unwrap();
        let session = if self.session.is_empty() { String::new() } else { format!("Mcp-Session-Id: {}\r\n", self.session) };
        let (query, length) = (&self.query, body.len());
        let request = format!(
            "{method} /mcp{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n{session}Content-Length: {length}\r\n\r\n{body}"
        );
        let _ = stream.write_all(request.as_bytes());
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head.to_lowercase(), body.to_owned())
    }

    /// Makes a call; with `meta` in its parameters it is not a plain one. Whether one message came back, and it.
    fn call(&mut self, name: &str, arguments: &Value, meta: bool) -> (bool, Value) {
        self.calls += 1;
        let mut params = json!({"name": name, "arguments": arguments});
        if meta {
            params["_meta"] = json!({});
        }
        let call = json!({"jsonrpc": "2.0", "id": self.calls, "method": "tools/call", "params": params});
        let (status, head, body) = self.send("POST", &call.to_string());
        assert_eq!(status, 200, "{body}");
        let (from, to) = (body.find('{').expect("a message"), body.rfind('}').expect("a message"));
        (head.contains("content-type: application/json"), serde_json::from_str(&body[from..=to]).unwrap())
    }
}

#[test]
fn the_short_way_says_what_rmcp_says() {
    let made = made_or_skip!();
    let tasks = rows(&made.lake, "SELECT task_id, answer, gold_calls FROM verified_task ORDER BY task_id LIMIT 25");
    let served = Served::start(&made.lake, &[]);
    let (mut short, mut compared) = (0, 0);
    for task in &tasks {
        let query = format!("?task={}", task["task_id"].as_str().unwrap());
        let (mut one, mut other) = (Hand::open(&served, &query), Hand::open(&served, &query));
        let gold: Value = serde_json::from_str(task["gold_calls"].as_str().unwrap()).unwrap();
        let mut calls: Vec<(String, Value)> = Vec::new();
        for step in gold.as_array().unwrap() {
            let name = format!("{}__{}", step["server"].as_str().unwrap(), step["tool"].as_str().unwrap());
            calls.push((name.clone(), step["arguments"].clone()));
            calls.push((name, json!({"no_such_parameter_7": [1, "é\u{0}\"", null]})));
        }
        calls.push(("nobody__nothing".into(), json!({})));
        calls.push(("submit_answer".into(), json!({"answer": {}})));
        calls.push(("submit_answer".into(), json!({"answer": serde_json::from_str::<Value>(task["answer"].as_str().unwrap()).unwrap()})));
        for (name, arguments) in &calls {
            let ((plain, said), (streamed, told)) = (one.call(name, arguments, false), other.call(name, arguments, true));
            assert_eq!(said, told, "{name} {arguments}");
            // A session becomes known with its first call.
            assert!(plain || one.calls == 1);
            assert!(!streamed);
            (short, compared) = (short + usize::from(plain), compared + 1);
        }
    }
    assert!(short > tasks.len() && compared > 4 * tasks.len(), "{short} of {compared}");
}

#[test]
fn the_short_way_ends_with_its_session() {
    let made = made_or_skip!();
    let served = Served::start(&made.lake, &["--max-body", "4096"]);
    let mut hand = Hand::open(&served, "");
    for _ in 0..3 {
        hand.call("nobody__nothing", &json!({}), false);
    }
    let call =
        json!({"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": {"name": "nobody__nothing", "arguments": {}}}).to_string();
    assert_eq!(hand.send("POST", &format!("{call}{}", " ".repeat(5000))).0, 413);
    assert_eq!(hand.send("POST", &call).0, 200);
    for broken in ["", "{", "[]", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}"] {
        assert!(hand.send("POST", broken).0 >= 400, "{broken}");
    }
    assert!(hand.send("DELETE", "").0 < 300);
    assert_eq!(hand.send("POST", &call).0, 404);
    hand.session = "nobody's".into();
    assert_eq!(hand.send("POST", &call).0, 404);
}
