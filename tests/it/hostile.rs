//! Lakes and queries from others: nothing leads out of the lake, damage is named, queries have limits.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{firefly, ok, rows, rude_config, run};

struct Lake {
    _folder: tempfile::TempDir,
    outside: PathBuf,
    lake: PathBuf,
}

fn lake() -> Lake {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(rude_config(folder.path(), &["polite", "soft"])));
    ok(firefly(&lake).args(["sample", "--survey"]));
    Lake { outside: folder.path().to_path_buf(), lake, _folder: folder }
}

fn only_file(folder: &Path) -> PathBuf {
    std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

/// Each of these commands refuses the lake with the code of a mismatch, and names the file.
fn refused(lake: &Path, verbs: &[&[&str]], named: &str) {
    for verb in verbs {
        let done = run(firefly(lake).args(*verb));
        assert_eq!(done.code, 3, "{verb:?}\n{}{}", done.out, done.err);
        assert!(format!("{}{}", done.out, done.err).contains(named), "{verb:?} names {named}\n{}{}", done.out, done.err);
    }
}

const FSCK: &[&str] = &["fsck"];
const REBUILD: &[&str] = &["rebuild"];
const SQL: &[&str] = &["sql", "SELECT count(*) FROM tool"];
const STATS: &[&str] = &["stats"];
const SAMPLE: &[&str] = &["sample", "--count", "1"];
const SHOW: &[&str] = &["snapshot", "show", "1"];
const DIFF: &[&str] = &["snapshot", "diff", "1", "2"];

fn edit(path: &Path, change: impl Fn(&mut serde_json::Value)) {
    let mut value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(path, value.to_string()).unwrap();
}

#[test]
fn a_manifest_that_leads_out_of_the_lake() {
    for path in ["../../etc/passwd", "/etc/passwd", "data/tool/../../x.parquet", "data/tool/x.parquet"] {
        let made = lake();
        edit(&made.lake.join("snapshots/000001.json"), |m| m["added"][0]["path"] = path.into());
        refused(&made.lake, &[FSCK, REBUILD, SHOW], path);
    }
}

#[test]
fn a_catalog_that_leads_out_of_the_lake() {
    let made = lake();
    let catalog = duckdb::Connection::open(made.lake.join("firefly.duckdb")).unwrap();
    catalog.execute_batch("UPDATE segment SET path = '../outside.parquet' WHERE table_name = 'tool'").unwrap();
    catalog.close().unwrap();
    refused(&made.lake, &[FSCK, SQL, STATS, SAMPLE, DIFF], "../outside.parquet");
    ok(firefly(&made.lake).arg("rebuild"));
    ok(firefly(&made.lake).arg("fsck"));
}

#[test]
fn symbolic_links() {
    let made = lake();
    let segment = only_file(&made.lake.join("data/tool"));
    let moved = made.outside.join("moved.parquet");
    std::fs::rename(&segment, &moved).unwrap();
    symlink(&moved, &segment).unwrap();
    refused(&made.lake, &[FSCK, SQL, STATS, SAMPLE, DIFF, REBUILD], "symbolic link");
    // A folder that is a link.
    let made = lake();
    std::fs::rename(made.lake.join("data/tool"), made.outside.join("tool")).unwrap();
    symlink(made.outside.join("tool"), made.lake.join("data/tool")).unwrap();
    refused(&made.lake, &[FSCK, SQL, STATS, SAMPLE, DIFF, REBUILD], "data/tool");
    // The manifests.
    let made = lake();
    std::fs::rename(made.lake.join("snapshots"), made.outside.join("snapshots")).unwrap();
    symlink(made.outside.join("snapshots"), made.lake.join("snapshots")).unwrap();
    refused(&made.lake, &[FSCK, REBUILD, SHOW], "snapshots");
    let made = lake();
    std::fs::rename(made.lake.join("firefly.duckdb"), made.outside.join("catalog")).unwrap();
    symlink(made.outside.join("catalog"), made.lake.join("firefly.duckdb")).unwrap();
    refused(&made.lake, &[FSCK, SQL, STATS, SHOW], "firefly.duckdb");
}

#[test]
fn segments_that_are_not_what_their_names_say() {
    let readers: [&[&str]; 6] = [FSCK, SQL, STATS, SAMPLE, DIFF, REBUILD];
    // One byte.
    let made = lake();
    let segment = only_file(&made.lake.join("data/tool"));
    ok(firefly(&made.lake).args(SQL));
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    refused(&made.lake, &readers, segment.file_name().unwrap().to_str().unwrap());
    // Cut short.
    std::fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    refused(&made.lake, &readers, segment.file_name().unwrap().to_str().unwrap());
    // Gone.
    std::fs::remove_file(&segment).unwrap();
    for verb in [SQL, STATS, SAMPLE, DIFF] {
        let done = run(firefly(&made.lake).args(verb));
        assert!(done.code != 0 && done.err.contains("data/tool"), "{}", done.err);
    }
    assert_eq!(run(firefly(&made.lake).args(FSCK)).code, 3);
    // Swapped with another.
    let made = lake();
    let (a, b) = (only_file(&made.lake.join("data/tool")), only_file(&made.lake.join("data/server")));
    let (of_a, of_b) = (std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap());
    std::fs::write(&a, of_b).unwrap();
    std::fs::write(&b, of_a).unwrap();
    refused(&made.lake, &readers, ".parquet");
}

#[test]
fn a_lake_cannot_vouch_for_itself() {
    let made = lake();
    ok(firefly(&made.lake).args(SQL));
    let segment = only_file(&made.lake.join("data/tool"));
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&segment, &bytes).unwrap();
    // What someone else's machine remembered, or made up, counts for nothing here.
    let memory = made.lake.join("verified");
    let mut remembered = std::fs::read(&memory).unwrap();
    remembered.extend(vec![0; 1600]);
    std::fs::write(&memory, remembered).unwrap();
    refused(&made.lake, &[SQL, STATS], ".parquet");
}

#[test]
fn formats_of_the_future_are_refused() {
    let made = lake();
    edit(&made.lake.join("snapshots/000001.json"), |m| {
        m["format"] = 2.into();
        m["added"] = "in another form".into();
    });
    refused(&made.lake, &[FSCK, REBUILD, SHOW], "newer firefly");
    let made = lake();
    let catalog = duckdb::Connection::open(made.lake.join("firefly.duckdb")).unwrap();
    catalog.execute_batch("INSERT INTO migration VALUES (99, 'from_the_future', 'x')").unwrap();
    catalog.close().unwrap();
    refused(&made.lake, &[FSCK, SQL, STATS], "from_the_future");
    let made = lake();
    let catalog = duckdb::Connection::open(made.lake.join("firefly.duckdb")).unwrap();
    catalog.execute_batch("UPDATE migration SET sha256 = 'other' WHERE number = 1").unwrap();
    catalog.close().unwrap();
    refused(&made.lake, &[SQL], "firefly rebuild");
    ok(firefly(&made.lake).arg("rebuild"));
    ok(firefly(&made.lake).args(SQL));
}

#[test]
fn an_older_catalog_is_brought_up_to_date() {
    let made = lake();
    let catalog = duckdb::Connection::open(made.lake.join("firefly.duckdb")).unwrap();
    catalog.execute_batch("DROP TABLE migration; DROP TABLE name").unwrap();
    catalog.close().unwrap();
    ok(firefly(&made.lake).args(SQL));
    ok(firefly(&made.lake).args(["snapshot", "create", "v1"]));
    ok(firefly(&made.lake).arg("fsck"));
}

#[test]
fn a_lake_without_its_catalog_is_rebuilt() {
    let made = lake();
    ok(firefly(&made.lake).args(["snapshot", "create", "v1", "--at", "1"]));
    let listed = ok(firefly(&made.lake).args(["snapshot", "list", "--format", "csv"]));
    std::fs::remove_file(made.lake.join("firefly.duckdb")).unwrap();
    for verb in [SQL, &["init"], &["fsck"]] {
        let done = run(firefly(&made.lake).args(verb));
        assert!(done.code == 3 && done.err.contains("firefly rebuild"), "{verb:?} {}", done.err);
    }
    ok(firefly(&made.lake).arg("rebuild"));
    assert_eq!(ok(firefly(&made.lake).args(["snapshot", "list", "--format", "csv"])), listed);
    assert_eq!(
        ok(firefly(&made.lake).args(["sql", "--at", "v1", "--format", "csv", "SELECT count(*) FROM dag"])).lines().last(),
        Some("0")
    );
    // Garbage in its place is told, and rebuilt as well.
    std::fs::write(made.lake.join("firefly.duckdb"), b"not a database at all").unwrap();
    refused(&made.lake, &[SQL, FSCK], "firefly rebuild");
    ok(firefly(&made.lake).arg("rebuild"));
    ok(firefly(&made.lake).arg("fsck"));
}

/// What a query must not be able to do. `OUT` is a file outside the lake, `DIR` its folder, `LAKE` the lake.
const ESCAPES: &str = include_str!("escapes.sql");

#[test]
fn a_query_stays_inside_the_lake() {
    let made = lake();
    let outside = made.outside.join("outside.csv");
    std::fs::write(&outside, "secret\n4711\n").unwrap();
    let fill = |text: &str| {
        text.replace("OUT", &outside.display().to_string())
            .replace("LAKE", &made.lake.display().to_string())
            .replace("DIR", &made.outside.display().to_string())
    };
    let attempts: Vec<String> = ESCAPES.lines().filter(|l| !l.is_empty() && !l.starts_with("--")).map(fill).collect();
    assert!(attempts.len() >= 60, "{}", attempts.len());
    let before = std::fs::read_dir(&made.outside).unwrap().count();
    for attempt in &attempts {
        let done = run(firefly(&made.lake).args(["sql", attempt]).env("FIREFLY_ESCAPE_TEST", "4711"));
        assert_eq!(done.code, 1, "{attempt}\n{}{}", done.out, done.err);
        assert!(!done.out.contains("4711") && !done.err.contains("4711"), "{attempt}\n{}{}", done.out, done.err);
    }
    assert_eq!(std::fs::read_dir(&made.outside).unwrap().count(), before, "nothing was written outside");
    assert_eq!(rows(&made.lake, "SELECT count(*) AS n FROM tool")[0]["n"], 2);
    ok(firefly(&made.lake).arg("fsck"));
}

#[test]
fn what_a_query_may_do() {
    let made = lake();
    for query in [
        "FROM tool",
        "WITH t AS (SELECT server FROM tool) SELECT count(*) FROM t",
        "SELECT t.tool, p.key FROM tool t, json_each(t.input_schema, '$.properties') p",
        "SELECT unnest(range(3))",
        "SELECT * FROM range(3) r(i) JOIN generate_series(1, 2) s(j) ON i = j",
        "DESCRIBE call",
        "DESCRIBE calls",
        "SHOW TABLES",
        "SHOW ALL TABLES",
        "SUMMARIZE tool",
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'call'",
        "FROM (PIVOT (SELECT server, tool FROM tool) ON server IN ('polite', 'soft') USING count(*))",
        "SELECT stage, parameters FROM snapshot",
        "SELECT name, rows FROM segment WHERE ended IS NULL",
        "VALUES (1), (2)",
        "SELECT list_transform([1, 2], lambda x: x + 1)",
        "SELECT strptime('2026-01-01', '%Y-%m-%d')",
    ] {
        let done = run(firefly(&made.lake).args(["sql", query]));
        assert_eq!(done.code, 0, "{query}\n{}", done.err);
    }
    assert_eq!(rows(&made.lake, "SELECT stage FROM snapshot ORDER BY snapshot")[1]["stage"], "sample");
    assert_eq!(rows(&made.lake, "SELECT count(*) AS n FROM segment")[0]["n"], 5);
}

#[test]
fn a_query_has_limits() {
    let made = lake();
    let started = std::time::Instant::now();
    let done = run(firefly(&made.lake).args(["sql", "--timeout", "1", "SELECT count(*) FROM range(100000000000) a, range(1000) b"]));
    assert!(done.code == 1 && done.err.contains("longer than 1 s") && done.err.contains("--timeout"), "{}", done.err);
    assert!(started.elapsed() < std::time::Duration::from_secs(10));
    let done = run(firefly(&made.lake).args(["sql", "--memory", "100", "SELECT list(i) FROM range(100000000) r(i)"]));
    assert!(done.code == 1 && done.err.contains("100 MiB") && done.err.contains("--memory"), "{}", done.err);
    let done = run(firefly(&made.lake).args(["sql", "--memory", "100", "SELECT length(repeat('x', 3000000000))"]));
    assert!(done.code == 1 && done.err.contains("100 MiB"), "strings that functions make count too: {}", done.err);
}

#[test]
fn an_error_points_into_the_query() {
    let made = lake();
    for (query, place) in [("SELECT server,\n  FROM tool WHERE WHERE", "LINE 2"), ("SELECT nothing FROM tool", "LINE 1: SELECT nothing")] {
        let done = run(firefly(&made.lake).args(["sql", query]));
        assert!(done.code == 1 && done.err.contains(place) && done.err.contains('^'), "{}", done.err);
    }
}

#[test]
fn gc_removes_nothing_outside_the_lake() {
    let made = lake();
    let victim = made.outside.join("victim");
    std::fs::create_dir(&victim).unwrap();
    std::fs::write(victim.join("precious"), "x").unwrap();
    symlink(&victim, made.lake.join("data/evil")).unwrap();
    ok(Command::new("touch").args(["-d", "2 days ago"]).arg(victim.join("precious")));
    run(firefly(&made.lake).arg("gc"));
    assert!(victim.join("precious").exists());
}

#[test]
fn an_older_catalog_loses_nothing() {
    let made = lake();
    let older = std::fs::read(made.lake.join("firefly.duckdb")).unwrap();
    for name in ["a", "b"] {
        ok(firefly(&made.lake).args(["snapshot", "create", name]));
    }
    std::fs::write(made.lake.join("firefly.duckdb"), older).unwrap();
    refused(&made.lake, &[FSCK, &["gc"], &["snapshot", "create", "c"]], "firefly rebuild");
    ok(firefly(&made.lake).arg("rebuild"));
    ok(firefly(&made.lake).args(["sql", "--at", "b", "SELECT 1"]));
}

#[test]
fn a_rebuild_does_not_drop_what_was_committed() {
    let made = lake();
    let segment = only_file(&made.lake.join("data/dag"));
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() - 1]).unwrap();
    refused(&made.lake, &[REBUILD, FSCK], "data/dag");
    std::fs::remove_file(made.lake.join("firefly.duckdb")).unwrap();
    refused(&made.lake, &[REBUILD], "data/dag");
}

#[test]
fn a_manifest_that_ends_what_counts_is_found() {
    let made = lake();
    let ended = format!("data/tool/{}", only_file(&made.lake.join("data/tool")).file_name().unwrap().to_str().unwrap());
    edit(&made.lake.join("snapshots/000002.json"), |m| m["ended"] = serde_json::json!([ended]));
    refused(&made.lake, &[FSCK], &ended);
}

#[test]
fn a_config_that_a_lake_brings_along_is_not_run() {
    let made = lake();
    let evil = made.outside.join("evil.json");
    std::fs::write(&evil, r#"{"mcpServers": {"polite": {"command": "touch", "args": ["pwned"]}}}"#).unwrap();
    std::fs::write(made.lake.join("last-config"), evil.to_str().unwrap()).unwrap();
    let done = run(firefly(&made.lake).arg("explore").current_dir(&made.outside));
    assert!(done.code == 2 && done.err.contains("--config"), "{}", done.err);
    assert!(!made.outside.join("pwned").exists());
}

#[test]
fn an_export_with_more_in_it_is_found() {
    let made = lake();
    let target = made.outside.join("export");
    ok(firefly(&made.lake).args(["snapshot", "export"]).arg(&target));
    std::fs::copy(target.join("data/tool/tool.parquet"), target.join("data/tool/more.parquet")).unwrap();
    let done = run(firefly(&made.lake).args(["snapshot", "verify"]).arg(&target));
    assert!(done.code == 3 && done.out.contains("data/tool/more.parquet"), "{}{}", done.out, done.err);
}
