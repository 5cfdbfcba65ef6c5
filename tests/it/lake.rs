//! The lake: versions, exports that prove themselves, damage that is found, queries that stay inside.

use crate::support::{firefly, made_or_skip, ok, rows, rude_config, run};

fn small_lake(folder: &std::path::Path) -> std::path::PathBuf {
    let lake = folder.join("lake");
    let config = rude_config(folder, &["polite", "soft"]);
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(config));
    lake
}

#[test]
fn an_export_repeats_to_the_byte_and_proves_itself() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    for target in [&a, &b] {
        ok(firefly(&made.lake).args(["--format", "jsonl.zst", "snapshot", "export", "--at", "5"]).arg(target));
    }
    assert_eq!(std::fs::read(a.join("SHA256SUMS")).unwrap(), std::fs::read(b.join("SHA256SUMS")).unwrap());
    ok(firefly(&made.lake).args(["snapshot", "verify"]).arg(&a));
    assert!(std::process::Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&a).status().unwrap().success());
    let packed = std::fs::read(a.join("lines/tool.jsonl.zst")).unwrap();
    let lines = String::from_utf8(zstd::decode_all(packed.as_slice()).unwrap()).unwrap();
    let tools = rows(&made.lake, "SELECT count(*) AS n FROM tool")[0]["n"].as_u64().unwrap();
    assert_eq!(lines.lines().count() as u64, tools);
    // One changed byte is found, and named.
    let victim = std::fs::read_dir(a.join("data/tool")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&victim).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&victim, bytes).unwrap();
    let done = run(firefly(&made.lake).args(["snapshot", "verify"]).arg(&a));
    assert_eq!(done.code, 3, "{}", done.err);
    assert!(done.out.contains("data/tool/tool.parquet"), "{}", done.out);
    // It is not written over what is there.
    let done = run(firefly(&made.lake).args(["snapshot", "export"]).arg(&b));
    assert!(done.code == 2 && done.err.contains("not empty"), "{}", done.err);
}

#[test]
fn older_snapshots_stay_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    ok(firefly(&lake).args(["sample", "--survey"]));
    let count = |at: &str| ok(firefly(&lake).args(["sql", "SELECT count(*) AS n FROM dag", "--format", "csv", "--at", at]));
    assert_eq!((count("1").as_str(), count("2").as_str()), ("n\n0\n", "n\n2\n"));
    let listed = ok(firefly(&lake).args(["snapshot", "list", "--format", "ndjson"]));
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let shown: serde_json::Value = serde_json::from_str(&ok(firefly(&lake).args(["snapshot", "show", "2"]))).unwrap();
    assert_eq!(shown["lineage"]["stage"], "sample");
    let done = run(firefly(&lake).args(["sql", "SELECT 1", "--at", "99"]));
    assert!(done.code == 1 && done.err.contains("no snapshot 99"), "{}", done.err);
}

#[test]
fn the_same_servers_again_add_no_segment() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(folder.path().join("servers.json")));
    let tools = std::fs::read_dir(lake.join("data/tool")).unwrap().count();
    assert_eq!(tools, 1, "equal content has one file");
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM tool")[0]["n"], 2);
}

#[test]
fn damage_is_found_and_strays_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    std::fs::write(lake.join("data/tool/stray.parquet"), b"left by a crash").unwrap();
    let done = run(firefly(&lake).arg("fsck"));
    assert!(done.code == 0 && done.out.contains("stray.parquet"), "{}{}", done.out, done.err);
    let segment = std::fs::read_dir(lake.join("data/server")).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(&segment).unwrap();
    std::fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    let done = run(firefly(&lake).arg("fsck"));
    assert!(done.code == 3 && done.out.contains("data/server/"), "{}{}", done.out, done.err);
}

#[test]
fn a_lake_that_is_not_there_is_an_error_with_a_hint() {
    let done = run(firefly(std::path::Path::new("no-lake-here")).args(["sql", "SELECT 1"]));
    assert_eq!(done.code, 1);
    assert!(done.err.contains("no lake at no-lake-here") && done.err.contains("firefly init"), "{}", done.err);
}

#[test]
fn a_busy_catalog_is_reported_with_its_own_code() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    let held = duckdb::Connection::open(lake.join("firefly.duckdb")).unwrap();
    let done = run(firefly(&lake).args(["sql", "SELECT 1"]));
    assert_eq!(done.code, 4, "{}", done.err);
    assert!(done.err.contains("locked by another process"), "{}", done.err);
    drop(held);
    ok(firefly(&lake).args(["sql", "SELECT 1"]));
}

#[test]
fn rows_come_out_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    let query = "SELECT server, tools FROM server ORDER BY server";
    let print = |format: &str| ok(firefly(&lake).args(["sql", query, "--format", format]));
    assert_eq!(print("csv"), "server,tools\npolite,1\nsoft,1\n");
    assert_eq!(print("ndjson"), "{\"server\":\"polite\",\"tools\":1}\n{\"server\":\"soft\",\"tools\":1}\n");
    assert_eq!(print("json"), "[{\"server\":\"polite\",\"tools\":1},{\"server\":\"soft\",\"tools\":1}]\n");
    insta::assert_snapshot!(print("table"), @r"
    ┌────────┬───────┐
    │ server ┆ tools │
    ╞════════╪═══════╡
    │ polite ┆     1 │
    │ soft   ┆     1 │
    └────────┴───────┘
    ");
    insta::assert_snapshot!(print("markdown"), @r"
    | server | tools |
    |--------|-------|
    | polite |     1 |
    | soft   |     1 |
    ");
    // The packed forms go into a file.
    for format in ["parquet", "jsonl.zst"] {
        let output = firefly(&lake).args(["sql", query, "--format", format]).output().unwrap();
        let file = folder.path().join(format!("rows.{format}"));
        std::fs::write(&file, &output.stdout).unwrap();
        let text = match format {
            "parquet" => {
                let reader = duckdb::Connection::open_in_memory().unwrap();
                let read = format!("SELECT string_agg(server || tools, ',' ORDER BY server) FROM '{}'", file.display());
                reader.query_row(&read, [], |row| row.get::<_, String>(0)).unwrap()
            }
            _ => String::from_utf8(zstd::decode_all(output.stdout.as_slice()).unwrap()).unwrap(),
        };
        assert_eq!(text, if format == "parquet" { "polite1,soft1".to_owned() } else { print("ndjson") });
    }
    let done = run(firefly(&lake).args(["sql", "SELECT nothing FROM tool"]));
    assert!(done.code == 1 && done.err.contains("nothing"), "{}", done.err);
}

#[test]
fn a_snapshot_is_named_once_and_found_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    ok(firefly(&lake).args(["snapshot", "create", "v1", "--note", "before sampling"]));
    ok(firefly(&lake).args(["sample", "--survey"]));
    let count = |at: &str| ok(firefly(&lake).args(["sql", "SELECT count(*) AS n FROM dag", "--format", "csv", "--at", at]));
    assert_eq!((count("v1").as_str(), count("3").as_str()), ("n\n0\n", "n\n2\n"));
    assert!(ok(firefly(&lake).args(["snapshot", "list", "--format", "ndjson"])).contains("\"name\":\"v1\""));
    for (name, said) in [("v1", "given once"), ("7", "digits"), ("../v", "letters"), ("", "letters")] {
        let done = run(firefly(&lake).args(["snapshot", "create", name]));
        assert!(done.code == 2 && done.err.contains(said), "{name}: {}", done.err);
    }
    let done = run(firefly(&lake).args(["sql", "SELECT 1", "--at", "v2"]));
    assert!(done.code == 1 && done.err.contains("no snapshot v2"), "{}", done.err);
}

#[test]
fn two_snapshots_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    ok(firefly(&lake).args(["sample", "--survey"]));
    let diff = |a: &str, b: &str| ok(firefly(&lake).args(["snapshot", "diff", a, b, "--format", "csv"]));
    assert_eq!(diff("1", "2"), "table,added,gone,changed\ndag,2,0,0\ndag_node,2,0,0\n");
    assert_eq!(diff("2", "1"), "table,added,gone,changed\ndag,0,2,0\ndag_node,0,2,0\n");
    assert_eq!(diff("2", "2"), "table,added,gone,changed\n");
    // One server more; those that a config does not name stay.
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(rude_config(folder.path(), &["polite", "big"])));
    assert_eq!(diff("2", "3"), "table,added,gone,changed\nserver,1,0,0\nsighting,1,0,0\ntool,1,0,0\n");
    let keys = ok(firefly(&lake).args(["snapshot", "diff", "2", "3", "--table", "server", "--format", "csv"]));
    assert_eq!(keys, "server,change\nbig,added\n");
}

#[test]
fn tasks_that_rest_on_a_changed_tool_are_named() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lake");
    assert!(std::process::Command::new("cp").arg("-r").args([&made.lake, &path]).status().unwrap().success());
    let lake = firefly::lake::Lake::open(&path).unwrap();
    let session = lake.session().unwrap();
    let mut tools: Vec<serde_json::Value> = session.table("tool").unwrap();
    let used =
        rows(&path, "SELECT server, tool, count(DISTINCT task_id) AS tasks FROM gold_call GROUP BY ALL ORDER BY tasks DESC, server, tool");
    let (changed, gone) = (&used[0], &used[1]);
    let is = |row: &serde_json::Value, tool: &serde_json::Value| row["server"] == tool["server"] && row["tool"] == tool["tool"];
    tools.retain(|row| !is(row, gone));
    tools.iter_mut().filter(|row| is(row, changed)).for_each(|row| row["tool_hash"] = "another".into());
    session.put("tool", &tools).unwrap();
    let lineage = firefly::lake::Lineage::of(&session, "test", &[], serde_json::json!({}), None);
    let after = lake.commit(&session, lineage, &[firefly::lake::Output::replace("tool")]).unwrap().id;
    let (a, b) = ((after - 1).to_string(), after.to_string());
    let done = run(firefly(&path).args(["snapshot", "diff", &a, &b, "--format", "csv"]));
    assert_eq!(done.out, "table,added,gone,changed\ntool,0,1,1\n");
    assert!(done.err.contains("--tasks"), "{}", done.err);
    let named = ok(firefly(&path).args(["snapshot", "diff", &a, &b, "--tasks", "--format", "csv"]));
    let count = |change: &str| named.lines().filter(|line| line.ends_with(change)).count() as u64;
    assert_eq!((count(",changed"), count(",gone")), (changed["tasks"].as_u64().unwrap(), gone["tasks"].as_u64().unwrap()));
}

#[test]
fn a_prompt_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let lake = small_lake(folder.path());
    // `script` gives it a terminal. A query goes on over lines until its `;`, and Tab completes names.
    let typed = "SELECT count(*) + 41 AS found\nFROM server s JOIN verified_t\t v ON true RIGHT JOIN (SELECT 1) ON true;\n";
    let command = format!("stty cols 100 rows 40; {} --lake {} sql", env!("CARGO_BIN_EXE_firefly"), lake.display());
    let mut child = std::process::Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), typed.as_bytes()).unwrap();
    let out = String::from_utf8_lossy(&child.wait_with_output().unwrap().stdout).into_owned();
    assert!(out.contains("verified_task") && out.contains("│    42 │"), "{out}");
}

#[test]
fn names_are_completed() {
    let names = ["call", "calls", "call_index", "server", "SELECT"].map(str::to_owned);
    let complete = |line: &str| firefly::cli::complete(&names, line, line.len());
    assert_eq!(complete("SELECT call_"), (7, vec!["call_index".into()]));
    assert_eq!(complete("sel"), (0, vec!["SELECT".into()]));
    assert_eq!(complete("FROM ä.ser"), ("FROM ä.".len(), vec!["server".into()]));
    assert_eq!(complete("FROM ").1, Vec::<String>::new());
}
