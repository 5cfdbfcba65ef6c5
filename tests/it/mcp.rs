//! Live servers: paths of the world, literals that are secrets, how results are read.

use crate::support::{firefly, ok, rows, rude_config, run};
use firefly::mcp::World;
use firefly::mcp::reading::{error_of, value_of};
use firefly::mcp::secrets::mask_literals;
use serde_json::json;

#[test]
fn paths_of_the_world_are_recorded_below_one_fixed_path() {
    let world = World::new(None).unwrap();
    let real = world.data().parent().unwrap().to_string_lossy().into_owned();
    let mut seen = json!({"path": format!("{real}/data/a.txt"), "uri": format!("file://{real}/data"), "text": format!("in {real}, twice: {real}."),
            "joined": format!("{real}/data{real}/data/a.txt")});
    world.to_virtual(&mut seen);
    assert_eq!(seen["path"], "/firefly/data/a.txt");
    assert_eq!(seen["uri"], "file:///firefly/data");
    assert_eq!(seen["joined"], "/firefly/data/firefly/data/a.txt");
    let mut asked = json!({"path": "/firefly/data/a.txt", "url": "https://example.com/firefly/data", "other": "/firefly-docs"});
    world.to_real(&mut asked);
    assert_eq!(asked["path"], format!("{real}/data/a.txt"));
    assert_eq!(asked["url"], "https://example.com/firefly/data");
    assert_eq!(asked["other"], "/firefly-docs");
}

#[test]
fn a_server_name_does_not_lead_out_of_the_world() {
    let world = World::new(None).unwrap();
    for name in ["../../escape", "..", ".", "/etc", ""] {
        let folder = world.enter(name).unwrap();
        assert_eq!(folder.parent(), Some(world.data().as_path()), "{name}");
    }
}

#[test]
fn literal_credentials_are_masked() {
    let cases = [
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("--api-key=s3cr3t", "--api-key=***"),
        ("https://u:p@example.com/mcp", "https://***@example.com/mcp"),
        ("--api-key=${KEY}", "--api-key=${KEY}"),
        ("@scope/package@1.2.3", "@scope/package@1.2.3"),
    ];
    for (text, expected) in cases {
        assert_eq!(mask_literals(text), expected);
    }
}

#[test]
fn results_are_read_by_one_rule() {
    let text = |t: &str| json!({"content": [{"type": "text", "text": t}]});
    assert_eq!(value_of(&text("{\"a\": 1}")), json!({"a": 1}));
    assert_eq!(value_of(&text("plain")), json!("plain"));
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"result": "[1, 2]"}})), json!([1, 2]));
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"result": 1, "unit": "m"}})), json!({"result": 1, "unit": "m"}));
    // A list or dict as Python prints it, and a wrapper that holds nothing but such a text.
    assert_eq!(value_of(&text("[{'name': 'note', 'rows': None}]")), json!([{"name": "note", "rows": null}]));
    assert_eq!(value_of(&text("[see the 'notes']")), json!("[see the 'notes']"));
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"content": "[{\"name\": \"a.txt\"}]"}})), json!([{"name": "a.txt"}]));
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"content": "[FILE] a.txt"}})), json!("[FILE] a.txt"));
    let blocks = json!([{"type": "text", "text": "Mean: 4", "annotations": {"topic": "statistics"}}]);
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"content": blocks}})), json!("Mean: 4"));
    assert_eq!(value_of(&json!({"content": [], "structuredContent": {"content": []}})), json!({"content": []}));
}

#[test]
fn failures_are_told_apart() {
    let text = |t: &str| json!({"content": [{"type": "text", "text": t}]});
    let kind = |reply: &serde_json::Value| error_of(reply).map(|e| e.kind.name());
    assert_eq!(kind(&json!({"content": [{"type": "text", "text": "x"}], "isError": true})), Some("tool"));
    for soft in [
        "Error: no such colour",
        "{\"success\": false}",
        "{\"found\": false, \"success\": true}",
        "No airports found for city 'x'",
        "{\"error\": \"bad\"}",
        "REJECTED — ledger left unchanged.",
        "'net.inp' not found in Networks.",
        "Orbit propagation error: six arguments are missing",
        "Event chart \"Template\" not found",
        "Modification failed: 'net.inp' is not there",
        "The time in Asia/Tokyo is Invalid Date.",
    ] {
        assert_eq!(kind(&text(soft)), Some("soft"), "{soft}");
    }
    for fine in [
        "No problem",
        "{\"error\": null, \"a\": 1}",
        "{\"errors\": 0}",
        "Errors in the log: none were counted as such",
        "Tests failed: 0",
        "A date is invalid or not",
    ] {
        assert_eq!(kind(&text(fine)), None, "{fine}");
    }
}

#[test]
fn servers_that_leave_things_out_come_in_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(rude_config(folder.path(), &["terse", "blank", "polite"])));
    let seen = rows(&lake, "SELECT server, status, tools, notes FROM server ORDER BY server");
    let lacks = |what: &str| format!("its initialize result lacks {what}");
    assert_eq!(
        seen,
        [
            json!({"server": "blank", "status": "ok", "tools": 1,
                "notes": lacks("protocolVersion, capabilities, serverInfo, serverInfo.name, serverInfo.version")}),
            json!({"server": "polite", "status": "ok", "tools": 1}),
            json!({"server": "terse", "status": "ok", "tools": 1, "notes": lacks("capabilities, serverInfo.version")}),
        ]
    );
}

#[test]
fn resources_prompts_and_lists_that_change_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = rude_config(folder.path(), &["rich"]);
    let ingest = || ok(firefly(&lake).args(["ingest", "mcp", "--diff", "--format", "csv", "--config"]).arg(&config));
    // Of a server that is new, everything is: nothing to compare.
    assert_eq!(ingest(), "server,tool,change\n");
    assert_eq!(rows(&lake, "SELECT tool FROM tool ORDER BY tool"), [json!({"tool": "echo"}), json!({"tool": "shout"})]);
    assert_eq!(rows(&lake, "SELECT notes FROM server")[0]["notes"], "its tools changed while they were listed");
    let resources = rows(&lake, "SELECT uri, template FROM resource ORDER BY uri");
    assert_eq!(resources, [json!({"uri": "memo://one", "template": false}), json!({"uri": "memo://{name}", "template": true})]);
    assert_eq!(rows(&lake, "SELECT prompt FROM prompt"), [json!({"prompt": "greet"})]);
    // The server as an older lake would have it: one tool other, one missing, one that is gone.
    let older = std::fs::read_to_string(&config).unwrap().replace("\"rich\"]", "\"older\"]");
    std::fs::write(&config, older).unwrap();
    assert_eq!(ingest(), "server,tool,change\nrich,echo,input schema\nrich,shout,gone\nrich,whisper,added\n");
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM sighting WHERE kind = 'live'")[0]["n"], 2);
}

#[test]
fn secrets_that_a_server_makes_up_are_masked() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(rude_config(folder.path(), &["leaks"])));
    ok(firefly(&lake).args(["sample", "--survey"]));
    assert_eq!(run(firefly(&lake).arg("explore")).code, 0);
    let said = rows(&lake, "SELECT DISTINCT result FROM call");
    assert_eq!(said, [json!({"result": "\"your token is [secret: GitHub Token]\""})]);
}
