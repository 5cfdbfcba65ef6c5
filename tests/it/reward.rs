//! The reward: accepts what is right, however it is written, and nothing else. The cases of `tests/reward` are tried through
//! every door: the library, SQL, and the server's scorer.

use firefly::reward::{Judged, MAX_ANSWER, grade, grade_by, grade_with, same};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::support::root;

/// One line of a file in `tests/reward`.
#[derive(Deserialize, Serialize)]
struct Case {
    name: String,
    schema: Value,
    label: Value,
    answer: String,
    reward: f64,
    wrong: Vec<String>,
}

/// Every case, named by its file too.
fn cases() -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/reward")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let kind = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap();
        let cases: Vec<Case> = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect();
        cases.into_iter().map(move |case| Case { name: format!("{kind}: {}", case.name), ..case })
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn there_are_enough_cases_of_both_kinds() {
    let cases = cases();
    assert!(cases.len() >= 250);
    assert!(cases.iter().filter(|c| c.name.starts_with("gaming")).count() >= 60);
    assert!(cases.iter().filter(|c| c.reward == 1.0).count() >= 100);
    assert!(cases.iter().all(|c| (c.reward == 1.0) == c.wrong.is_empty()));
}

#[test]
fn every_case_is_graded_as_it_says() {
    let mut failed = Vec::new();
    for case in cases() {
        let grade = grade_by(&case.answer, &case.label, &case.schema);
        let wrong: Vec<&str> = grade.wrong().map(|(name, _)| name).collect();
        if grade.reward() != case.reward || wrong != case.wrong {
            failed.push(format!("{}: {} {:?}", case.name, grade.reward(), grade.wrong().collect::<Vec<_>>()));
        }
        assert!(grade.wrong().all(|(_, why)| !why.contains('\n') && why.chars().count() < 300), "{}", case.name);
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn sql_grades_every_case_the_same_way_in_one_query() {
    let folder = tempfile::tempdir().unwrap();
    let session = firefly::lake::Lake::init(folder.path().join("lake")).unwrap().session().unwrap();
    let cases = cases();
    session.set("cases", serde_json::to_string(&cases).unwrap()).unwrap();
    let query = "
        WITH listed AS (
            SELECT unnest(json_extract(getvariable('cases')::JSON, '$[*]')) AS c
        ),
        graded AS (
            SELECT c, reward_fields(c ->> 'answer', (c -> 'label')::VARCHAR, (c -> 'schema')::VARCHAR) AS fields
            FROM listed
        )
        SELECT
            c ->> 'name' AS name,
            reward(c ->> 'answer', (c -> 'label')::VARCHAR, (c -> 'schema')::VARCHAR) AS reward,
            reward(c ->> 'answer', (c -> 'label')::VARCHAR) AS plain,
            list_filter(list_transform(fields, lambda f: if(f.passed, NULL, f.field)), lambda f: f IS NOT NULL) AS wrong,
            len(list_filter(fields, lambda f: f.passed <> (f.reason IS NULL))) AS unsaid,
            len(list_filter(fields, lambda f: f.judged <> 'no')) AS judged
        FROM graded";
    #[derive(Deserialize)]
    struct Row {
        name: String,
        reward: f64,
        plain: f64,
        wrong: Vec<String>,
        unsaid: i64,
        judged: i64,
    }
    let found: Vec<Row> = session.query(query).unwrap();
    assert_eq!(found.len(), cases.len());
    for (row, case) in found.iter().zip(&cases) {
        assert_eq!((&row.name, row.reward, &row.wrong, row.unsaid), (&case.name, case.reward, &case.wrong, 0), "{}", case.name);
        assert_eq!(row.plain, grade(&case.answer, &case.label).reward(), "{}", case.name);
    }
    assert_eq!(found.iter().filter(|row| row.judged > 0).count(), 2);
    let nulls: Vec<Value> = session.query("SELECT reward(NULL, '{}') AS a, reward_fields('{}', NULL, '{}') AS b").unwrap();
    assert!(nulls[0].get("a").is_none_or(Value::is_null) && nulls[0].get("b").is_none_or(Value::is_null), "{nulls:?}");
}

#[tokio::test]
async fn the_server_scores_every_case_the_same_way_and_says_no_more() {
    use firefly::serve::{Behind, Door, Hub, Limits, Offer, ServedTask};
    use firefly::simulator::Answering;
    use rmcp::ServiceExt;
    use rmcp::model::{CallToolRequestParams, ClientConfig};
    for case in cases() {
        let task = ServedTask { task_id: "t".into(), answer: case.label, answer_schema: case.schema, ..ServedTask::default() };
        let offer = Offer::of(Default::default()).with(task);
        let hub = Hub::new(offer, Answering::strict(), Limits::default(), "s".into(), Default::default(), Behind::default());
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let door = Door::new(hub);
        let (served, client) = tokio::join!(door.serve(theirs), ClientConfig::default().serve(ours));
        let (served, client) = (served.unwrap(), client.unwrap());
        let arguments = json!({"answer": case.answer}).as_object().unwrap().clone();
        let reply = client.call_tool(CallToolRequestParams::new("submit_answer").with_arguments(arguments)).await.unwrap();
        assert_eq!(reply.structured_content, Some(json!({"reward": case.reward})), "{}", case.name);
        client.cancel().await.unwrap();
        served.waiting().await.unwrap();
    }
}

#[test]
fn what_is_huge_or_deep_is_not_an_answer() {
    let label = json!({"status": "open", "total": 5});
    let right = label.to_string();
    let rejected = [
        format!("{right}{}", "x".repeat(MAX_ANSWER)),
        format!("{}{right}{}", "{\"a\":".repeat(300), "}".repeat(300)),
        format!("{{\"status\": \"open\", \"total\": {}5{}}}", "[".repeat(500), "]".repeat(500)),
        "[".repeat(100_000),
        "{".repeat(60_000),
        "{\"a\":[".repeat(9_000),
        "{\"total\":5},".repeat(5_000),
        format!("{{\"status\": \"open\", \"total\": [{}5]}}", "5,".repeat(30_000)),
    ];
    for answer in rejected {
        assert_eq!(grade(&answer, &label).reward(), 0.0, "{}", &answer[..60]);
    }
    let set = json!({"properties": {"tags": {"type": "array", "x-compare": "set"}}});
    assert_eq!(grade(&format!("{}{right}", "{\"a\":\"".repeat(5_000)), &label).reward(), 1.0);
    let label = json!({"tags": (0..2000).collect::<Vec<_>>()});
    let answer = json!({"tags": (0..8000).map(|n| n % 2000).rev().collect::<Vec<_>>()});
    assert_eq!(grade_by(&answer.to_string(), &label, &set).reward(), 1.0);
}

#[test]
fn a_grade_says_which_field_is_wrong() {
    let grade = grade(r#"{"a": 1, "b": "x", "d": {"e": [1, 3]}}"#, &json!({"a": 1, "b": "y", "c": 2, "d": {"e": [1, 2]}}));
    let wrong: Vec<_> = grade.wrong().collect();
    assert_eq!(wrong, [("b", "is \"x\", not \"y\""), ("c", "is missing"), ("d", "/e/1 is 3, not 2")]);
    assert_eq!((grade.reward(), grade.field_score()), (0.0, 0.25));
}

#[test]
fn a_judge_decides_on_free_text_and_on_nothing_else() {
    let schema = json!({"properties": {"why": {"type": "string", "x-judge": true}, "who": {"type": "string"}}});
    let label = json!({"why": "The order was lost.", "who": "Ada"});
    let mut asked = Vec::new();
    let mut judge = |given: &str, label: &str| {
        asked.push((given.to_owned(), label.to_owned()));
        given.contains("missing")
    };
    let mut tell = |answer: Value| {
        let grade = grade_with(&answer.to_string(), &label, &schema, &mut judge);
        (grade.reward(), grade.fields.iter().map(|f| f.judged).collect::<Vec<_>>())
    };
    assert_eq!(tell(json!({"why": "It went missing.", "who": "ada"})), (1.0, vec![Judged::Asked, Judged::No]));
    assert_eq!(tell(json!({"why": "It arrived.", "who": "ada"})), (0.0, vec![Judged::Asked, Judged::No]));
    assert_eq!(tell(json!({"why": "the order was lost.", "who": "Eve is missing"})), (0.0, vec![Judged::No, Judged::No]));
    assert_eq!(tell(json!({"why": ["missing"], "who": "Ada"})), (0.0, vec![Judged::No, Judged::No]));
    assert_eq!(asked.len(), 2, "{asked:?}");
    let alone = grade_by(r#"{"why": "It went missing.", "who": "Ada"}"#, &label, &schema);
    assert_eq!((alone.reward(), alone.fields[0].judged), (0.0, Judged::Needed));
}

/// A value of a label's field with the schema that synthesis would write for it.
fn field() -> impl Strategy<Value = (Value, Value)> {
    let date = (1900..2100i32, 1..=12u32, 1..=28u32).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"));
    let instant = (date.clone(), 0..24u32, 0..60u32, 0..60u32).prop_map(|(d, h, m, s)| format!("{d}T{h:02}:{m:02}:{s:02}Z"));
    let text = || "[ -~\u{e6}\u{4e2d}\u{2019}]{1,20}";
    prop_oneof![
        any::<i64>().prop_map(|n| (json!(n), json!({"type": "integer"}))),
        (-1e9..1e9f64).prop_map(|n| (json!(n), json!({"type": "number"}))),
        (-1e6..1e6f64).prop_map(|n| (json!(n), json!({"type": "number", "x-unit": "kg", "x-tolerance": {"absolute": 0.5}}))),
        any::<bool>().prop_map(|b| (json!(b), json!({"type": "boolean"}))),
        text().prop_map(|t| (json!(t), json!({"type": "string"}))),
        text().prop_map(|t| (json!(t), json!({"type": "string", "x-compare": "exact"}))),
        date.prop_map(|t| (json!(t), json!({"type": "string", "format": "date"}))),
        instant.prop_map(|t| (json!(t), json!({"type": "string", "format": "date-time"}))),
        prop::collection::vec(text(), 0..5).prop_map(|l| (json!(l), json!({"type": "array", "items": {"type": "string"}}))),
        prop::collection::vec(-99..99i32, 0..5).prop_map(|l| (json!(l), json!({"type": "array", "x-compare": "set"}))),
        (text(), any::<i32>()).prop_map(|(t, n)| (json!({"name": t, "rows": [{"n": n}]}), json!({"type": "object"}))),
    ]
}

/// A value that is not the same answer.
fn changed(value: &Value) -> Value {
    match value {
        Value::Bool(b) => json!(!b),
        Value::Number(n) if n.is_f64() => json!(n.as_f64().unwrap() + n.as_f64().unwrap().abs() + 1.0),
        Value::Number(n) => json!(n.as_i64().unwrap().wrapping_add(1)),
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(items) => json!([items.clone(), vec![json!("another")]].concat()),
        Value::Object(members) => Value::Object(members.iter().map(|(name, value)| (name.clone(), changed(value))).collect()),
        Value::Null => json!(0),
    }
}

proptest! {
    #[test]
    fn a_label_scores_one_against_itself_and_with_any_field_changed_zero(fields in prop::collection::btree_map("[a-z_]{1,8}", field(), 1..6)) {
        let label = Value::Object(fields.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect());
        let properties: Map<String, Value> = fields.iter().map(|(name, (_, schema))| (name.clone(), schema.clone())).collect();
        let schema = json!({"properties": properties});
        let right = grade_by(&label.to_string(), &label, &schema);
        prop_assert_eq!(right.reward(), 1.0, "{:?}", right.wrong().collect::<Vec<_>>());
        prop_assert_eq!(grade_by(&format!("So:\n```json\n{label:#}\n```\nDone."), &label, &schema).reward(), 1.0);
        for name in fields.keys() {
            let mut answer = label.clone();
            answer[name] = changed(&label[name]);
            let wrong = grade_by(&answer.to_string(), &label, &schema);
            prop_assert_eq!(wrong.wrong().map(|(n, _)| n).collect::<Vec<_>>(), vec![name.as_str()]);
            prop_assert!((wrong.field_score() - (1.0 - 1.0 / fields.len() as f64)).abs() < 1e-9);
            answer.as_object_mut().unwrap().remove(name);
            prop_assert_eq!(grade_by(&answer.to_string(), &label, &schema).reward(), 0.0);
        }
    }

    #[test]
    fn grading_any_text_says_something(answer in "(?s).{0,200}", (label, schema) in field()) {
        let label = json!({"field": label});
        grade_by(&answer, &label, &json!({"properties": {"field": schema}}));
        for format in ["date", "time", "date-time"] {
            let schema = json!({"properties": {"field": {"format": format, "x-unit": answer, "x-tolerance": answer}}});
            grade_by(&json!({"field": answer}).to_string(), &label, &schema);
            grade_by(&json!({"field": answer}).to_string(), &json!({"field": answer}), &schema);
        }
    }

    #[test]
    fn text_that_looks_like_a_moment_is_read_without_panic(answer in "[0-9]{0,4}[-/. ]?[0-9]{0,2}[-/ ]?(jan|sept|)[0-9]{0,4}[T ]?[0-9]{0,3}:[0-9]{0,3}(:[0-9.]{0,12})? ?(am|pm|z|utc[+\u{2212}]?[0-9:]{0,6}|[+-][0-9:]{0,9}|)") {
        for format in ["date", "time", "date-time"] {
            let schema = json!({"properties": {"at": {"format": format}}});
            for label in ["2026-01-10", "15:30", "2026-01-10T15:30:00Z", &answer] {
                grade_by(&json!({"at": answer}).to_string(), &json!({"at": label}), &schema);
            }
        }
    }

    #[test]
    fn texts_and_whole_numbers_are_compared_the_same_both_ways(a in "[aA bB0-9,.+eE\u{2019}'-]{0,6}", b in "[aA bB0-9,.+eE\u{2019}'-]{0,6}", m in -20..20i64, n in -20..20i64) {
        prop_assert_eq!(same(&json!(a), &json!(b)), same(&json!(b), &json!(a)));
        prop_assert_eq!(same(&json!(m), &json!(n)), m == n);
        prop_assert_eq!(same(&json!(m as f64), &json!(n)), m == n);
    }

    #[test]
    fn sets_do_not_depend_on_order(mut items in prop::collection::vec(-9..9i32, 1..8), by in 0..8usize) {
        let label = json!({"set": items});
        let by = by % items.len();
        items.rotate_left(by);
        let schema = json!({"properties": {"set": {"type": "array", "x-compare": "set"}}});
        let set = |value: &Value| grade_by(&value.to_string(), &label, &schema).reward();
        prop_assert_eq!(set(&json!({"set": items})), 1.0);
        items.push(10);
        prop_assert_eq!(set(&json!({"set": items})), 0.0);
    }
}
