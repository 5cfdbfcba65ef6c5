//! What errors say about arguments, in the words of real servers.

use firefly::explore::repair::{Edit, Failure, Put, bare, edits, put};
use firefly::schema_walk::shape;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn of(error: &str, schema: &Value, arguments: &Value, files: &[&str]) -> Vec<Edit> {
    let files: Vec<String> = files.iter().map(|f| (*f).to_owned()).collect();
    let top = shape(schema, schema);
    let error = bare(error, "tool_under_test");
    edits(&Failure { error: &error, arguments: &object(arguments), top: &top, files: &files, fixed: &[] })
}

/// The values among the first `count` edits that go to `pointer`.
fn offered(all: &[Edit], pointer: &str, count: usize) -> Vec<Value> {
    let to = |edit: &Edit| {
        edit.puts.iter().find_map(|(at, put)| match put {
            Put::Value(value, _) if at == pointer => Some(value.clone()),
            _ => None,
        })
    };
    all.iter().take(count).filter_map(to).collect()
}

fn text(names: &[&str]) -> Value {
    let properties: Map<String, Value> = names.iter().map(|n| ((*n).to_owned(), json!({"type": "string"}))).collect();
    json!({"type": "object", "properties": properties})
}

#[test]
fn options_are_taken_from_the_list() {
    let cases = [
        ("Invalid color_mode: '#e07a1f'. Must be one of ['cmyk', 'grayscale', 'rgb', 'spot'].", "cmyk"),
        ("-32602: Invalid params: Unknown unit type '#e07a1f'. Available: length, weight, temperature", "length"),
        (
            r##"{"code":"UNSUPPORTED_FORMAT","message_pt":"Moeda '#E07A1F' não suportada. Suportadas: USD, EUR, GBP.","suggestion":null}"##,
            "USD",
        ),
    ];
    for (error, expected) in cases {
        let all = of(error, &text(&["color_mode"]), &json!({"color_mode": "#e07a1f"}), &[]);
        assert!(offered(&all, "/color_mode", 3).contains(&json!(expected)), "{error}: {all:?}");
    }
}

#[test]
fn what_is_missing_is_filled() {
    let schema = text(&["action", "ip", "cidr"]);
    let all = of("Error: ip or cidr is required for info", &schema, &json!({"action": "info"}), &[]);
    assert_eq!(all[0], Edit { puts: vec![("/ip".into(), Put::Fill(0))] });
    assert_eq!(all[1], Edit { puts: vec![("/cidr".into(), Put::Fill(0))] });
    // In a language that does not part its words.
    let all = of("solarDatetime和lunarDatetime必须传且只传其中一个。", &text(&["solarDatetime", "lunarDatetime"]), &json!({}), &[]);
    assert_eq!(all[0].puts[0].0, "/solarDatetime");
    // By path, as pydantic and zod say it.
    let error = "2 validation errors for Model\nvariables.0.id\n  Field required [type=missing]\nmode\n  Input should be 'optimize' or 'satisfy' [type=enum]";
    let all = of(error, &json!({"type": "object"}), &json!({"variables": [{}], "mode": "x"}), &[]);
    let named: Vec<&str> = all[0].puts.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(named, ["/variables/0/id", "/mode"]);
    assert!(matches!(&all[0].puts[1].1, Put::Value(v, _) if v == "optimize"));
    let error = r#"MCP error -32602: Invalid arguments: [{"code":"invalid_type","expected":"number","received":"undefined","path":["page","size"],"message":"Required"}]"#;
    let all = of(error, &json!({"type": "object"}), &json!({"page": {}}), &[]);
    assert_eq!(all[0].puts[0].0, "/page/size");
}

#[test]
fn bounds_lengths_and_forms_are_met() {
    let number = json!({"type": "object", "properties": {"value": {"type": "number"}}});
    let all = of("-32603: acos domain error: value 57.0 not in [-1, 1]", &number, &json!({"value": 57}), &[]);
    assert!(offered(&all, "/value", 3).iter().any(|v| v.as_f64().is_some_and(|n| n.abs() <= 1.0)), "{all:?}");
    let matrix =
        json!({"type": "object", "properties": {"matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}}});
    let all = of("Determinant requires a square matrix. Got 1x4 matrix instead.", &matrix, &json!({"matrix": [[1, 2, 3, 4]]}), &[]);
    let square = |v: &Value| {
        v.as_array().is_some_and(|rows| rows.len() > 1 && rows.iter().all(|r| r.as_array().is_some_and(|r| r.len() == rows.len())))
    };
    assert!(offered(&all, "/matrix", 4).iter().any(square), "{all:?}");
    let all = of("CNH deve ter 11 dígitos; recebido 6.", &text(&["value"]), &json!({"value": "sample"}), &[]);
    assert!(offered(&all, "/value", 3).contains(&json!("12345678901")), "{all:?}");
    let all = of("Invalid isoformat string: 'sample'", &text(&["due"]), &json!({"due": "sample"}), &[]);
    assert!(offered(&all, "/due", 3).contains(&json!("2024-05-20")), "{all:?}");
}

#[test]
fn paths_have_the_ending_that_is_asked_for() {
    let files = ["/firefly/data/excel/", "/firefly/data/excel/t.csv", "/firefly/data/excel/book.xlsx"];
    let error = "Path '/firefly/data/excel/t.csv' must point to an Excel file (.xlsm, .xlsx).";
    let all = of(error, &text(&["path"]), &json!({"path": "/firefly/data/excel/t.csv"}), &files);
    assert!(offered(&all, "/path", 4).contains(&json!("/firefly/data/excel/book.xlsx")), "{all:?}");
}

#[test]
fn paths_that_were_joined_are_told_apart() {
    let schema = text(&["root", "file"]);
    let error = "ENOENT: no such file or directory, access '/firefly/data/ts/proj/firefly/data/ts/proj/src/a.ts'";
    let given = json!({"root": "/firefly/data/ts/proj", "file": "/firefly/data/ts/proj/src/a.ts"});
    let all = of(error, &schema, &given, &["/firefly/data/ts/", "/firefly/data/ts/proj/src/a.ts"]);
    assert_eq!(offered(&all, "/file", 2), [json!("src/a.ts"), json!("a.ts")]);
    assert_eq!(offered(&all, "/root", 2), [json!("/firefly/data/ts/proj/src")]);
    assert!(offered(&all, "/file", 9).iter().all(|v| v.as_str().is_none_or(|path| path.matches("/firefly").count() < 2)), "{all:?}");
}

proptest! {
    #[test]
    fn any_error_is_read_without_harm(error in ".{0,300}", name in "[a-z_]{1,12}", value in ".{0,20}") {
        let arguments = json!({ &name: value, "list": [1, "a", {"b": null}] });
        let schema = text(&[&name, "other"]);
        for edit in of(&error, &schema, &arguments, &["/firefly/data/", "/firefly/data/a.txt"]) {
            let mut changed = object(&arguments);
            for (at, what) in &edit.puts {
                if let Put::Value(value, _) = what {
                    prop_assert!(put(&mut changed, at, value.clone()) || at.is_empty() || at.matches('/').count() > 1, "{at}");
                }
            }
        }
    }
}
