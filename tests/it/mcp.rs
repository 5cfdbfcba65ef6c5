//! Live servers: paths of the world, literals that are secrets, how results are read.

use firefly::mcp::World;
use firefly::mcp::reading::{error_of, value_of};
use firefly::mcp::secrets::mask_literals;
use serde_json::json;

#[test]
fn paths_of_the_world_are_recorded_below_one_fixed_path() {
    let world = World::new(None).unwrap();
    let real = world.data().parent().unwrap().to_string_lossy().into_owned();
    let mut seen =
        json!({"path": format!("{real}/data/a.txt"), "uri": format!("file://{real}/data"), "text": format!("in {real}, twice: {real}.")});
    world.to_virtual(&mut seen);
    assert_eq!(seen["path"], "/firefly/data/a.txt");
    assert_eq!(seen["uri"], "file:///firefly/data");
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
    ] {
        assert_eq!(kind(&text(soft)), Some("soft"), "{soft}");
    }
    for fine in ["No problem", "{\"error\": null, \"a\": 1}", "{\"errors\": 0}", "Errors in the log: none were counted as such"] {
        assert_eq!(kind(&text(fine)), None, "{fine}");
    }
}
