//! The SQL files by themselves: each runs on an empty lake, names its grain, and gives what its test says.

use firefly::lake::{Lake, Session};
use firefly::sql;

use crate::support::root;

fn empty() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let lake = Lake::init(folder.path().join("lake")).unwrap();
    let session = lake.session().unwrap();
    (folder, session)
}

#[test]
fn every_file_names_its_grain() {
    for folder in [
        "catalog",
        "export",
        "history",
        "migrations",
        "stages",
        "views",
        "gates",
        "stats",
        "stats/topics",
        "stats/topics/graph",
        "stats/topics/eval",
        "eval",
        "report",
        "macros",
        "graph",
    ] {
        for file in sql::list(folder) {
            assert!(file.grain().is_some_and(|g| !g.is_empty()), "{} does not begin with `-- grain: `", file.path);
        }
    }
}

#[test]
fn every_query_runs_on_an_empty_lake() {
    let (_folder, session) = empty();
    session.set("policy", "value-flow").unwrap();
    for (name, path) in [("new_field", "stages/field.sql"), ("new_param", "stages/param.sql")] {
        session.stage(name, sql::get(path)).unwrap();
    }
    for name in ["server", "tool"] {
        session.execute(name, &format!("CREATE TEMP VIEW new_{name} AS FROM {name}")).unwrap();
    }
    session.set("names", r#"[{"server": "a", "tool": "b"}]"#).unwrap();
    for name in ["kept_tool", "stale_tool"] {
        session.stage(name, sql::get("stages/named_tool.sql")).unwrap();
    }
    for (name, value) in [("seed", 7), ("n", 5), ("max_nodes", 4), ("limit", 5)] {
        session.set(name, value).unwrap();
    }
    for name in ["multi_server", "max_share"] {
        session.set(name, 0.5).unwrap();
    }
    session.set("low", true).unwrap();
    session.set("side", "both").unwrap();
    session.set("tool", None::<String>).unwrap();
    session.stage("drawn", sql::get("stages/drawn.sql")).unwrap();
    session.set("task_id", "none").unwrap();
    session.execute("later_tool", "CREATE TEMP VIEW later_tool AS FROM tool").unwrap();
    session.set("query_text", "SELECT 1").unwrap();
    for folder in ["stages", "gates", "stats", "stats/topics", "stats/topics/graph", "stats/topics/eval", "graph", "eval", "report"] {
        for file in sql::list(folder) {
            session.execute(file.path, file.text).unwrap_or_else(|e| panic!("{e}"));
        }
    }
}

/// A test in `tests/sql` fills an empty lake's tables and ends with one query that gives `actual` and
/// `expected`; they must be equal in every row, and there must be rows. A test called `gate_<name>` finds
/// what that gate says in the table `found`.
#[test]
fn sql_tests_hold() {
    let mut files: Vec<_> = std::fs::read_dir(root().join("tests/sql")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 5);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (setup, query) = text.rsplit_once("-- expect\n").unwrap_or_else(|| panic!("{} has no `-- expect`", file.display()));
        let (_folder, session) = empty();
        session.execute(&file.to_string_lossy(), setup).unwrap();
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        if let Some(gate) = stem.strip_prefix("gate_") {
            session.stage("found", sql::get(&format!("gates/{gate}.sql"))).unwrap();
        }
        #[derive(serde::Deserialize)]
        struct Row {
            actual: serde_json::Value,
            expected: serde_json::Value,
        }
        let rows: Vec<Row> = session.query(query).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert!(!rows.is_empty(), "{} gives no row", file.display());
        for row in rows {
            assert_eq!(row.actual, row.expected, "{}", file.display());
        }
    }
}

#[test]
fn schemas_are_whole() {
    let tables = firefly::lake::schema::tables();
    assert!(tables.len() >= 14);
    for table in tables {
        assert!(table.key.iter().all(|k| table.columns.iter().any(|c| c.name == *k && !c.null)), "{}: key", table.name);
        assert!(table.columns.iter().all(|c| !c.doc.is_empty()) && !table.doc.is_empty(), "{}: docs", table.name);
    }
}
