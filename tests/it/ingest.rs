//! Ingest of files: real catalogues, traces and benchmarks with exact counts, and each format in small.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{firefly, ok, root, rows, run};

/// Real data, which is kept beside the checkout; the reason where it is not there.
pub fn data(path: &str) -> Option<PathBuf> {
    let data = std::env::var_os("FIREFLY_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from).join("data").join(path);
    if !data.exists() {
        eprintln!("SKIPPED {}: {} is not here", module_path!(), data.display());
    }
    data.exists().then_some(data)
}

fn count(lake: &Path, query: &str) -> i64 {
    rows(lake, &format!("SELECT count(*) AS n FROM {query}"))[0]["n"].as_i64().unwrap()
}

/// What the only file of a lake came to.
fn counts(lake: &Path, path: &str) -> Value {
    let all = rows(lake, &format!("SELECT counts FROM source WHERE path LIKE '%{path}'"));
    assert_eq!(all.len(), 1, "{path}: {all:?}");
    serde_json::from_str(all[0]["counts"].as_str().unwrap()).unwrap()
}

fn ingest(lake: &Path, path: &Path) -> String {
    let done = run(firefly(lake).arg("ingest").arg(path));
    assert_eq!(done.code, 0, "{}", done.err);
    done.err
}

#[test]
fn real_traces_come_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path();
    let (Some(tau), Some(live), Some(atlas)) = (
        data("tau-bench/historical_trajectories/gpt-4o-airline.json"),
        data("LiveMCPBench/baseline/output"),
        data("mcp-atlas/services/mcp_eval/sample_tasks.csv"),
    ) else {
        return;
    };
    ingest(lake, &tau);
    let found = counts(lake, "gpt-4o-airline.json");
    assert_eq!((&found["records"], &found["episodes"], &found["calls"]), (&json!(200), &json!(200), &json!(1164)), "{found}");
    assert_eq!(found["call ids used twice"], 73, "{found}");
    assert_eq!(found.get("results without a call"), None, "{found}");
    assert_eq!(count(lake, "call WHERE server = 'airline' AND result IS NOT NULL"), 1164);
    assert_eq!(count(lake, "trace WHERE reward = 1 AND episode_id IN (SELECT episode_id FROM call)"), 80);
    ingest(lake, &live);
    let found = counts(lake, "Qwen3-Embedding-0.6B.json");
    assert_eq!((&found["records"], &found["episodes"], &found["calls"]), (&json!(67), &json!(65), &json!(318)), "{found}");
    assert!(count(lake, "call WHERE source = 'LiveMCPBench' AND error_kind = 'timeout'") > 0);
    ingest(lake, &atlas);
    let found = counts(lake, "sample_tasks.csv");
    assert_eq!((&found["records"], &found["episodes"], &found["calls"]), (&json!(10), &json!(10), &json!(46)), "{found}");
    assert_eq!(count(lake, "benchmark_task WHERE benchmark = 'MCP-Atlas' AND json_array_length(answer) > 0"), 10);
    assert_eq!(count(lake, "call"), 1164 + 318 + 46);
    // What flowed is the same at both ends, and no user said it.
    let wrong = rows(
        lake,
        "SELECT f.* FROM flow AS f
         JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
         JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
         WHERE json_extract_string(s.result, f.src_pointer) IS DISTINCT FROM json_extract_string(d.arguments, f.dst_pointer) OR s.is_error",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(count(lake, "flow") > 100);
    // A result without a reply of its own gives back the text that was said.
    let plain = rows(lake, "SELECT result FROM call WHERE reply IS NULL AND result IS NOT NULL AND NOT starts_with(result, '\"') LIMIT 1");
    assert!(plain.is_empty(), "{plain:?}");
    // Tools that are only called are known by their arguments, and flows between them feed the graph.
    assert_eq!(count(lake, "tool WHERE server = 'airline'"), 14);
    ok(firefly(lake).arg("graph"));
    let seen = rows(lake, "SELECT count(*) AS n FROM edge WHERE flow_evidence > 0 AND src_server = 'airline'");
    assert!(seen[0]["n"].as_i64() > Some(3), "{seen:?}");
}

#[test]
fn the_same_calls_in_another_form_and_the_same_file_twice() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let Some(flat) = data("derived_tool_calls.jsonl") else { return };
    ingest(&lake, &flat);
    assert_eq!((count(&lake, "call"), count(&lake, "episode"), count(&lake, "trace")), (1528, 257, 257));
    let sources = rows(&lake, "SELECT source, count(*) AS n FROM call GROUP BY source ORDER BY source");
    assert_eq!(
        sources,
        [
            json!({"source": "LiveMCPBench", "n": 318}),
            json!({"source": "mcp-atlas", "n": 46}),
            json!({"source": "tau-bench-airline", "n": 1164})
        ]
    );
    let snapshots = count(&lake, "snapshot");
    assert!(ingest(&lake, &flat).contains("in the lake already"));
    // Packed, it is another file with the same episodes.
    let packed = folder.path().join("calls.jsonl.zst");
    std::fs::write(&packed, zstd::encode_all(std::fs::File::open(&flat).unwrap(), 1).unwrap()).unwrap();
    assert_eq!(count(&lake, "snapshot"), snapshots);
    ingest(&lake, &packed);
    assert_eq!((count(&lake, "call"), count(&lake, "episode")), (1528, 257));
    assert_eq!(counts(&lake, ".zst")["episodes known before"], 257);
}

#[test]
fn real_catalogues_come_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path();
    let (Some(toucan), Some(rows_of_it), Some(live)) =
        (data("Toucan/mcp_servers_all_2120.tar.gz"), data("Toucan/derived_connected_tools.jsonl"), data("LiveMCPBench/tools"))
    else {
        return;
    };
    ingest(lake, &toucan);
    let found = counts(lake, ".tar.gz");
    assert_eq!(
        (&found["servers"], &found["tools listed"], &found["tools listed twice by their server"]),
        (&json!(2120), &json!(17578), &json!(8)),
        "{found}"
    );
    assert_eq!((count(lake, "server"), count(lake, "sighting")), (2120, 17570));
    assert_eq!(count(lake, "(SELECT DISTINCT tool_hash FROM sighting)"), count(lake, "tool"));
    // The same tools in another file: as many sightings more, and no tool.
    let before = count(lake, "tool");
    ingest(lake, &rows_of_it);
    assert_eq!(count(lake, "sighting WHERE source_id = (SELECT source_id FROM source WHERE format = 'tool-rows')"), 6041);
    assert_eq!(count(lake, "tool"), before);
    let twice = "(SELECT tool_hash FROM sighting GROUP BY tool_hash HAVING count(DISTINCT source_id) = 2)";
    assert!(count(lake, twice) > 5000);
    ingest(lake, &live);
    let found = counts(lake, "tools.json");
    assert_eq!((&found["servers"], &found["tools listed"]), (&json!(70), &json!(527)), "{found}");
    // Every sighting leads to a tool.
    assert_eq!(
        count(
            lake,
            "sighting AS s ANTI JOIN tool AS t ON t.server = s.known_server AND t.tool = s.known_tool AND t.tool_hash = s.tool_hash"
        ),
        0
    );
}

#[test]
fn real_benchmarks_come_in_whole_and_what_is_left_out_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path();
    let (Some(mark), Some(tau2), Some(live)) = (data("mcpmark"), data("tau2-bench"), data("LiveMCPBench/annotated_data")) else { return };
    let told = ingest(lake, &mark) + &ingest(lake, &tau2) + &ingest(lake, &live);
    let tasks = rows(lake, "SELECT benchmark, count(*) AS n FROM benchmark_task GROUP BY benchmark ORDER BY benchmark");
    let expected = [
        json!({"benchmark": "LiveMCPBench", "n": 95}),
        json!({"benchmark": "MCPMark", "n": 177}),
        json!({"benchmark": "tau2-bench", "n": 291}),
    ];
    assert_eq!(tasks, expected);
    assert!(told.contains("left out: ") && told.contains("passed over: "), "{told}");
    assert_eq!(count(lake, "benchmark_task WHERE benchmark = 'MCPMark' AND len(question) > 60"), 177);
    assert_eq!(count(lake, "benchmark_task WHERE domain = 'airline' AND split LIKE '%test%'"), 20);
    assert!(count(lake, "benchmark_task WHERE benchmark = 'tau2-bench' AND json_array_length(gold_calls) > 0") > 200);
}

/// Ingests one small file and gives back its calls: server, tool, arguments, result, and how they failed.
fn calls_of(name: &str, content: &[u8]) -> (tempfile::TempDir, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, content).unwrap();
    let lake = folder.path().join("lake");
    ingest(&lake, &file);
    let query =
        "SELECT server, tool, arguments, result, error_kind FROM call JOIN trace USING (episode_id) ORDER BY position, key, call_index";
    let calls = rows(&lake, query);
    (folder, calls)
}

fn call(server: &str, tool: &str, arguments: &str, result: Option<&str>, error_kind: Option<&str>) -> Value {
    let mut call = json!({"server": server, "tool": tool, "arguments": arguments, "result": result, "error_kind": error_kind});
    // Rows are printed without their nulls.
    call.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    call
}

#[test]
fn conversations_of_every_form() {
    let openai = json!({"messages": [
        {"role": "user", "content": "What is AB-1234 and what is it worth?"},
        {"role": "assistant", "content": null, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "shop__find", "arguments": "{\"id\": \"AB-1234\"}"}},
            {"id": "1", "type": "function", "function": {"name": "shop__price", "arguments": {"of": 1.0}}}]},
        {"role": "tool", "tool_call_id": "1", "content": "{\"sku\": \"SKU-99\"}"},
        {"role": "tool", "tool_call_id": "1", "content": [{"type": "text", "text": "12"}]},
        {"role": "assistant", "tool_calls": [{"id": "2", "function": {"name": "mcp__shop__stock", "arguments": "{\"sku\":\"SKU-99\"}"}}]}]});
    let (folder, calls) = calls_of("chat.jsonl", format!("{openai}\n").as_bytes());
    assert_eq!(
        calls,
        [
            call("shop", "find", "{\"id\":\"AB-1234\"}", Some("{\"sku\":\"SKU-99\"}"), None),
            call("shop", "price", "{\"of\":1}", Some("12"), None),
            call("shop", "stock", "{\"sku\":\"SKU-99\"}", None, Some("lost")),
        ]
    );
    let lake = folder.path().join("lake");
    // The user's own id did not flow; the SKU did.
    let flows = rows(&lake, "SELECT src_call, src_pointer, dst_call, dst_pointer FROM flow");
    assert_eq!(flows, [json!({"src_call": 0, "src_pointer": "/sku", "dst_call": 2, "dst_pointer": "/sku"})]);
    let found = counts(&lake, "chat.jsonl");
    assert_eq!((&found["call ids used twice"], &found["calls without a result"]), (&json!(1), &json!(1)));

    let anthropic = json!([
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [{"type": "text", "text": "so"}, {"type": "tool_use", "id": "t1", "name": "look", "input": {"q": "x"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "no"}], "is_error": true},
                                     {"type": "tool_result", "tool_use_id": "t9", "content": "?"}]}]);
    let (folder, calls) = calls_of("messages.json", anthropic.to_string().as_bytes());
    assert_eq!(calls, [call("chat", "look", "{\"q\":\"x\"}", Some("\"no\""), Some("tool"))]);
    assert_eq!(counts(&folder.path().join("lake"), "messages.json")["results without a call"], 1);

    let responses = json!([
        {"role": "user", "content": "hi"},
        {"type": "function_call", "call_id": "c", "name": "go", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "{\"type\":\"text\",\"text\":\"{\\\"n\\\": 1}\",\"annotations\":null}"}]);
    let (_folder, calls) = calls_of("m__postgres/run-1/lego__task/messages.json", responses.to_string().as_bytes());
    assert_eq!(calls, [call("postgres", "go", "{}", Some("{\"n\":1}"), None)]);
}

#[test]
fn rows_of_toucan_also_from_parquet() {
    let messages = json!([
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "", "function_call": {"name": "met-museum-list-departments", "arguments": "{}"}},
        {"role": "function", "name": "met-museum-list-departments", "content": "[\"Arms\"]"}]);
    let row =
        json!({"uuid": "u1", "subset_name": "s", "messages": messages.to_string(), "question": "q", "target_tools": "list-departments"});
    let expected = [call("met-museum", "list-departments", "{}", Some("[\"Arms\"]"), None)];
    let (folder, calls) = calls_of("rows.jsonl", row.to_string().as_bytes());
    assert_eq!(calls, expected);
    // The same row, packed by DuckDB.
    let query = format!(
        "SELECT '{}' AS messages, 'u1' AS uuid, 's' AS subset_name, 'q' AS question, 'list-departments' AS target_tools",
        messages.to_string().replace('\'', "''")
    );
    let parquet = firefly(&folder.path().join("lake")).args(["sql", &query, "--format", "parquet"]).output().unwrap().stdout;
    let (_folder, calls) = calls_of("rows.parquet", &parquet);
    assert_eq!(calls, expected);
}

#[test]
fn results_of_tau2_bench() {
    let run = json!({"info": {"environment_info": {"domain_name": "retail"}, "agent_info": {"llm": "m"}}, "simulations": [{
        "task_id": "7", "trial": 1, "reward_info": {"reward": 1.0}, "messages": [
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "a", "name": "get_order", "arguments": {"id": "#W1"}, "requestor": "assistant"},
                {"id": "b", "name": "get_user", "arguments": {"id": "u"}, "requestor": "assistant"}]},
            {"role": "tool", "tool_messages": [
                {"role": "tool", "id": "b", "content": "Error: user not found", "error": true},
                {"role": "tool", "id": "a", "content": "{\"total\": 5}", "error": false}]}]}]});
    let (folder, calls) = calls_of("results.json", run.to_string().as_bytes());
    let expected = [
        call("retail", "get_order", "{\"id\":\"#W1\"}", Some("{\"total\":5}"), None),
        call("retail", "get_user", "{\"id\":\"u\"}", Some("\"Error: user not found\""), Some("tool")),
    ];
    assert_eq!(calls, expected);
    let traces = rows(&folder.path().join("lake"), "SELECT key, reward, model FROM trace JOIN episode USING (episode_id)");
    assert_eq!(traces, [json!({"key": "retail/7#1", "reward": 1.0, "model": "m"})]);
}

#[test]
fn logs_of_inspect_and_spans_of_otel() {
    let sample = json!({"id": "s1", "epoch": 1, "input": "do it", "attachments": {"k": "{\"long\": true}"}, "model_usage": {"openai/x": {}},
        "scores": {"match": {"value": "C"}}, "events": [
            {"event": "model"},
            {"event": "tool", "id": "t", "function": "bash", "arguments": {"cmd": "ls"}, "result": "attachment://k", "working_time": 0.5},
            {"event": "tool", "id": "u", "function": "bash", "arguments": {"cmd": "x"}, "result": "", "error": {"type": "timeout", "message": "too slow"}}]});
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("header.json", json!({"version": 2}).to_string()), ("samples/s1_epoch_1.json", sample.to_string())] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let (folder, calls) = calls_of("log.eval", &zip.finish().unwrap().into_inner());
    let expected = [
        call("inspect", "bash", "{\"cmd\":\"ls\"}", Some("{\"long\":true}"), None),
        call("inspect", "bash", "{\"cmd\":\"x\"}", Some("\"too slow\""), Some("timeout")),
    ];
    assert_eq!(calls, expected);
    assert_eq!(rows(&folder.path().join("lake"), "SELECT reward, question FROM trace"), [json!({"reward": 1.0, "question": "do it"})]);

    let attribute = |key: &str, value: Value| json!({"key": key, "value": value});
    let text = |t: &str| json!({"stringValue": t});
    let span = |tool: &str, began: &str, arguments: Value| {
        json!({"traceId": "t1", "name": format!("execute_tool {tool}"), "startTimeUnixNano": began, "endTimeUnixNano": "1700000005000000000", "attributes": [
            attribute("gen_ai.operation.name", text("execute_tool")), attribute("gen_ai.tool.name", text(tool)),
            attribute("gen_ai.tool.call.arguments", arguments), attribute("gen_ai.tool.call.result", text("{\"ok\": true, \"id\": \"R-100\"}"))]})
    };
    let structured = json!({"kvlistValue": {"values": [attribute("n", json!({"intValue": "7"}))]}});
    let batch = json!({"resourceSpans": [{"resource": {"attributes": [attribute("service.name", text("shop"))]}, "scopeSpans": [{"spans": [
        span("second", "1700000002000000000", structured), span("first", "1700000001000000000", text("{\"q\": \"x\"}")),
        {"traceId": "t1", "name": "chat", "attributes": []}]}]}]});
    let (folder, calls) = calls_of("spans.jsonl", format!("{batch}\n{batch}\n").as_bytes());
    let result = Some("{\"id\":\"R-100\",\"ok\":true}");
    assert_eq!(calls, [call("shop", "first", "{\"q\":\"x\"}", result, None), call("shop", "second", "{\"n\":7}", result, None)]);
    let found = counts(&folder.path().join("lake"), "spans.jsonl");
    assert_eq!((&found["spans that are no tool calls"], &found["episodes known before"]), (&json!(2), &json!(1)));
}

#[test]
fn tool_definitions_of_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let schema = json!({"type": "object", "properties": {"q": {"type": "string"}}});
    let files = [
        (
            "weather.json",
            json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "now", "description": "d", "inputSchema": schema}]}}),
        ),
        (
            "openai.json",
            json!([{"type": "function", "function": {"name": "now", "description": "d", "parameters": schema}}, {"type": "function", "function": {"name": "later", "parameters": schema}}]),
        ),
        ("anthropic.json", json!([{"name": "now", "description": "another", "input_schema": schema}])),
        (
            "api.json",
            json!({"openapi": "3.1.0", "info": {"title": "Pet Store", "version": "1"}, "paths": {"/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Id"}}],
            "get": {"operationId": "getPet", "summary": "A pet", "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}},
            "put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}}}},
            "components": {"schemas": {"Id": {"type": "integer"}, "Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "parent": {"$ref": "#/components/schemas/Pet"}}}}}}),
        ),
    ];
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        ingest(&lake, &path);
    }
    let tools = rows(&lake, "SELECT server, tool FROM tool ORDER BY server, tool");
    let expected: Vec<Value> =
        [("anthropic", "now"), ("openai", "later"), ("pet-store", "getPet"), ("pet-store", "put_pets_id"), ("weather", "now")]
            .map(|(server, tool)| json!({"server": server, "tool": tool}))
            .into();
    // OpenAI's `now` is the weather's to the letter: one tool, seen twice.
    assert_eq!(tools, expected);
    assert_eq!(count(&lake, "sighting WHERE known_server = 'weather'"), 2);
    let pet = rows(&lake, "SELECT input_schema, output_schema FROM tool WHERE tool = 'put_pets_id' OR tool = 'getPet' ORDER BY tool");
    assert!(pet[0]["output_schema"].as_str().unwrap().contains("\"name\":{\"type\":\"string\"}"), "{pet:?}");
    let put: Value = serde_json::from_str(pet[1]["input_schema"].as_str().unwrap()).unwrap();
    assert_eq!(put["required"], json!(["id", "name"]));
    assert_eq!(put["properties"]["id"], json!({"type": "integer"}));
}

#[test]
fn secrets_are_masked_and_counted() {
    let token = format!("ghp_{}", "a1B2".repeat(9));
    let row = json!({"server": "s", "tool": "t", "arguments": {"key": token}, "result": {"note": format!("kept {token}")}});
    let (folder, calls) = calls_of("calls.jsonl", row.to_string().as_bytes());
    assert_eq!(calls, [call("s", "t", "{\"key\":\"[secret: GitHub Token]\"}", Some("{\"note\":\"kept [secret: GitHub Token]\"}"), None)]);
    let lake = folder.path().join("lake");
    assert_eq!(counts(&lake, "calls.jsonl")["secrets masked"], 2);
    for file in walk(&lake) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(memchr::memmem::find(&bytes, token.as_bytes()).is_none(), "{}", file.display());
    }
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn standard_input_formats_and_strictness() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let row = |id: &str| json!({"server": "s", "tool": "t", "task_id": id, "arguments": {"a": id}, "result": "r"}).to_string();
    let feed = |arguments: &[&str], text: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_firefly"))
            .arg("--lake")
            .arg(&lake)
            .arg("ingest")
            .args(arguments)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let text = format!("{}\n{{broken\n{}\n", row("1"), row("2"));
    let (code, told) = feed(&["-", "--strict"], &text);
    assert!(code == Some(1) && told.contains("record 2"), "{told}");
    assert_eq!(count(&lake, "call"), 0);
    let (code, told) = feed(&["-", "--source", "mine"], &text);
    assert!(code == Some(0) && told.contains("calls: ") && told.contains("1 rejected"), "{told}");
    assert_eq!(count(&lake, "call WHERE source = 'mine'"), 2);
    assert_eq!(rows(&lake, "SELECT path, position FROM rejected"), [json!({"path": "-", "position": 2})]);
    let (code, told) = feed(&["-", "--format", "otel"], &row("3"));
    assert!(code == Some(0) && told.contains("otel"), "{told}");
    let (code, told) = feed(&["-", "--format", "nonsense"], &row("3"));
    assert!(code == Some(2) && told.contains("tau-bench"), "{told}");
    assert!(ok(firefly(&lake).args(["ingest", "--formats", "--format", "csv"])).contains("livemcpbench-runs"));
}

#[test]
fn episodes_are_whole_wherever_a_chunk_ends() {
    let pad = "x".repeat(2000);
    let row = |episode: usize, index: usize| {
        let arguments = json!({"n": index, "pad": pad});
        json!({"server": "s", "tool": "t", "task_id": format!("E{episode}"), "call_index": index, "arguments": arguments, "result": pad})
            .to_string()
    };
    let lines: Vec<String> = (0..40).flat_map(|episode| (0..70).map(move |index| (episode, index))).map(|(e, i)| row(e, i)).collect();
    for (name, text) in [("calls.jsonl", lines.join("\n")), ("calls.json", format!("[{}]", lines.join(",\n")))] {
        let (folder, calls) = calls_of(name, text.as_bytes());
        assert_eq!(calls.len(), 2800);
        let lake = folder.path().join("lake");
        assert_eq!(count(&lake, "episode WHERE calls = 70"), 40, "{name}");
        assert_eq!(counts(&lake, name).get("gaps in the numbers of calls"), None);
    }
}

#[test]
fn a_file_adds_nothing_to_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(crate::support::rude_config(folder.path(), &["polite"])));
    let rows_of = [
        json!({"server": "polite", "tool": "listed", "inputSchema": {"type": "object"}}),
        json!({"server": "polite", "tool": "called", "arguments": {"token_like": 1}, "result": "r"}),
    ];
    for (index, row) in rows_of.iter().enumerate() {
        let path = folder.path().join(format!("{index}.jsonl"));
        std::fs::write(&path, row.to_string()).unwrap();
        ingest(&lake, &path);
    }
    let tools = rows(&lake, "SELECT server, tool FROM tool ORDER BY server");
    let expected = [("polite", "echo"), ("polite@calls", "called"), ("polite@tool-rows", "listed")];
    assert_eq!(tools, expected.map(|(server, tool)| json!({"server": server, "tool": tool})));
}

#[test]
fn odd_blocks_and_names_lose_nothing() {
    let messages = json!([
        {"role": "assistant", "content": [{"oops": 1}, {"type": "tool_use", "id": "a", "name": "one", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": "1", "is_error": null}]},
        {"role": "assistant", "tool_calls": [{"function": {"name": "x", "arguments": "{}"}}, {"function": {"name": "y", "arguments": "{}"}}]},
        {"role": "tool", "name": "y", "content": "of y"},
        {"role": "tool", "name": "x", "content": "of x"},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "lost", "arguments": "{}"}}]},
        {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "kept", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "of kept"}]);
    let (_folder, calls) = calls_of("odd.json", json!({"id": "i", "task_id": "t", "messages": messages}).to_string().as_bytes());
    let expected = [
        call("chat", "one", "{}", Some("1"), None),
        call("chat", "x", "{}", Some("\"of x\""), None),
        call("chat", "y", "{}", Some("\"of y\""), None),
        call("chat", "lost", "{}", None, Some("lost")),
        call("chat", "kept", "{}", Some("\"of kept\""), None),
    ];
    assert_eq!(calls, expected);
}
