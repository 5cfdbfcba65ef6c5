//! Synthesis and verification: derivations mean the same in SQL and in Rust, and what is written keeps its promises.

use firefly::derive::{self, Inputs};
use firefly::lake::Lake;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::{SERVERS, firefly, made_or_skip, ok, root, rows, run};

/// A list of objects as results hold them: some members are missing, null or of another type.
fn table() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        4 => (-1000i64..1000).prop_map(|n| json!(n)),
        4 => (-1_000_000i64..1_000_000).prop_map(|n| json!(n as f64 / 100.0)),
        1 => Just(Value::Null),
        1 => Just(json!("x")),
    ];
    let entry = (number, "[abc]{1,2}", 0i64..4).prop_map(|(n, t, k)| json!({"n": n, "t": t, "a/b": format!("k{k}")}));
    prop::collection::vec(entry, 0..6).prop_map(Value::from)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-1_000_000i64..1_000_000).prop_map(|n| json!(n)),
        (-1e6f64..1e6).prop_map(|n| json!(n)),
        "[a-z ]{0,6}".prop_map(Value::from),
    ]
}

#[test]
fn derivations_are_the_same_in_sql_and_in_rust() {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::init(folder.path().join("lake")).unwrap();
    let session = lake.session().unwrap();
    let text = |v: &Value| format!("'{}'", v.to_string().replace('\'', "''"));
    let quoted = |t: &str| format!("'{}'", t.replace('\'', "''"));
    let mut expected: Vec<(String, Option<Value>)> = Vec::new();
    let mut runner = TestRunner::new_with_rng(Config::default(), proptest::test_runner::TestRng::deterministic_rng(Default::default()));
    let lines = json!("# Report\n- **Humidity**: 40 %\nWind: 3: NE\nWind: 4\nLast: 7");
    for case in 0..80 {
        let mut draw = |strategy: BoxedStrategy<Value>| strategy.new_tree(&mut runner).unwrap().current();
        let lists = (draw(table().boxed()), draw(table().boxed()));
        let scalars = (draw(scalar().boxed()), draw(scalar().boxed()));
        let of_cents = (-1_000_000i64..1_000_000).prop_map(|n| json!(n as f64 / 100.0));
        let numbers = (draw(prop::collection::vec(of_cents, 0..6).prop_map(Value::from).boxed()), Value::Null);
        for (at, expression) in derive::ALL.into_iter().enumerate() {
            let of_numbers =
                case % 3 == 0 && [derive::TOTAL, derive::MEAN, derive::LARGEST, derive::SMALLEST, derive::DISTINCT].contains(&expression);
            let pair = match expression {
                _ if of_numbers => &numbers,
                derive::DIFFERENCE | derive::SUM | derive::GREATER => &scalars,
                derive::LAST_NUMBER | derive::LINE => &(lines.clone(), Value::Null),
                _ => &lists,
            };
            let key = match expression {
                _ if of_numbers => derive::ENTRY,
                derive::LINE => ["Humidity", "Wind", "Last", "None"][case % 4],
                derive::COUNT_WHERE | derive::DISTINCT | derive::SHARED => ["/t", "/a~1b"][case % 2],
                _ => "/n",
            };
            let inputs = Inputs { value: Some(&pair.0), other: Some(&pair.1), key: Some(key), label: Some("/t"), wanted: Some("k1") };
            let id = format!("{case}-{at}");
            session
                .execute(
                    "case",
                    &format!(
                        "INSERT INTO call BY NAME SELECT {e} AS episode_id, unnest([0, 1]) AS call_index, 's' AS server, 't' AS tool, '{{}}' AS arguments,
                            unnest([{v}, {o}]) AS result, false AS is_error, '' AS state_key, 'live' AS source, 1 AS latency_us;
                         INSERT INTO task BY NAME SELECT {e} AS task_id, {e} AS episode_id, 'q' AS question, '{{\"f\": 1}}' AS answer, '{{}}' AS answer_schema,
                            '[]' AS gold_calls, 2 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty;
                         INSERT INTO provenance BY NAME SELECT {e} AS task_id, 'f' AS field, 0 AS call_index, '' AS pointer, {x} AS expression,
                            1 AS other_call, '' AS other_pointer, {k} AS key, '/t' AS label, 'k1' AS wanted;",
                        e = quoted(&id),
                        v = text(&pair.0),
                        o = text(&pair.1),
                        x = quoted(expression),
                        k = quoted(key),
                    ),
                )
                .unwrap();
            expected.push((id, derive::apply(expression, &inputs)));
        }
    }
    #[derive(serde::Deserialize)]
    struct Row {
        task_id: String,
        derived: Option<String>,
    }
    let found: std::collections::HashMap<String, Option<Value>> = session
        .query::<Row>("SELECT task_id, json_canonical(derived::VARCHAR) AS derived FROM derived_field")
        .unwrap()
        .into_iter()
        .map(|r| (r.task_id, r.derived.map(|d| serde_json::from_str(&d).unwrap())))
        .collect();
    assert_eq!(found.len(), expected.len());
    let mut agreed = 0;
    for (id, want) in expected {
        let at: usize = id.split('-').next_back().unwrap().parse().unwrap();
        // What Rust refuses is never written; where it says something, SQL says the same.
        if let Some(want) = want {
            assert_eq!(found[&id], Some(want), "{id} {}", derive::ALL[at]);
            agreed += 1;
        }
    }
    assert!(agreed > 400, "{agreed}");
}

#[test]
fn tasks_are_various_and_say_what_they_want() {
    let made = made_or_skip!();
    let figures = &rows(
        &made.lake,
        "SELECT
            (SELECT count(*) FROM task) AS tasks,
            (SELECT max(n) FROM (SELECT count(*) AS n FROM task GROUP BY json_transform(gold_calls, '[{\"server\": \"VARCHAR\", \"tool\": \"VARCHAR\"}]'))) AS path,
            (SELECT count(*) FROM provenance WHERE expression IS NOT NULL) AS derived,
            (SELECT count(*) FROM task WHERE NOT contains(question, 'Answer with a JSON object with the member')) AS untold,
            (SELECT count(*) FROM task, (SELECT unnest(json_keys(answer)) AS k, task_id AS id FROM task) WHERE id = task_id AND NOT contains(question, '\"' || k || '\"')) AS unnamed",
    )[0];
    assert!(figures["tasks"].as_i64() >= Some(30), "{figures}");
    assert!(figures["path"].as_i64() <= Some(6), "{figures}");
    assert!(figures["derived"].as_i64() > Some(0), "{figures}");
    assert_eq!((figures["untold"].as_i64(), figures["unnamed"].as_i64()), (Some(0), Some(0)), "{figures}");
}

#[test]
fn tasks_give_the_same_answer_on_fresh_servers() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    copy(&made.lake, &lake);
    let data = tempfile::tempdir().unwrap();
    let mut command = firefly(&lake);
    command.args(["verify", "--live", "--tasks", "12", "--data"]).arg(data.path());
    command.arg("--config").arg(root().join("demo/servers.json"));
    SERVERS.iter().for_each(|name| {
        command.args(["--server", name]);
    });
    let done = run(&mut command);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let live = &rows(&lake, "SELECT count(*) AS n, bool_and(passed) AS passed FROM gate WHERE gate = 'live'")[0];
    assert_eq!(live, &json!({"n": 12, "passed": true}));
    // What a later look at the tables says does not forget what the servers said.
    ok(firefly(&lake).arg("verify"));
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM gate WHERE gate = 'live'")[0]["n"], 12);
}

#[test]
fn a_server_that_answers_otherwise_is_found_out() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    copy(&made.lake, &lake);
    // Under the name of another server there is one that knows none of the tools.
    let config = folder.path().join("servers.json");
    let text = std::fs::read_to_string(root().join("demo/servers.json")).unwrap();
    let demo: Value = serde_json::from_str(&text).unwrap();
    let other = &demo["mcpServers"]["lucide-icons"];
    let servers: serde_json::Map<String, Value> = SERVERS.iter().map(|name| ((*name).to_owned(), other.clone())).collect();
    std::fs::write(&config, json!({"mcpServers": servers}).to_string()).unwrap();
    let done = run(firefly(&lake).args(["verify", "--live", "--tasks", "6", "--config"]).arg(&config));
    assert_eq!(done.code, 3, "{}\n{}", done.out, done.err);
    let drifted = rows(&lake, "SELECT reason FROM gate WHERE gate = 'live' AND NOT passed");
    assert!(!drifted.is_empty() && drifted.iter().all(|r| r["reason"].as_str().unwrap().starts_with("drift: ")), "{drifted:?}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}
