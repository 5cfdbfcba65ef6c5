//! Bad configs and rude servers: each is named with its reason, the others go on, committed work stays.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{firefly, ok, root, rows, rude_config, run};

#[test]
fn configs_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = folder.path().join("servers.json");
    let cases = [
        ("{", "is not JSON"),
        ("{}", "has no object `mcpServers`"),
        (r#"{"mcpServers": {"a": {"args": []}}}"#, "server `a` needs `command`"),
    ];
    for (text, expected) in cases {
        std::fs::write(&config, text).unwrap();
        let done = run(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config));
        assert_eq!(done.code, 1, "{text}");
        assert!(done.err.contains(expected), "{text}: {}", done.err);
    }
    let done = run(firefly(&lake).args(["ingest", "mcp", "--config", "absent.json"]));
    assert!(done.code == 1 && done.err.contains("absent.json"), "{}", done.err);
    let done = run(firefly(&lake).args(["ingest", "mcp"]));
    assert!(done.code == 2 && done.err.contains("--config"), "{}", done.err);
}

#[test]
fn an_unset_variable_is_named_with_its_server_and_no_value_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = folder.path().join("servers.json");
    let servers = r#"{"servers": {"keyed": {"command": "python3", "args": ["-c", "import os, sys; sys.exit(os.environ['TOKEN'])"],
        "env": {"TOKEN": "${FIREFLY_TEST_TOKEN}"}}}}"#;
    std::fs::write(&config, servers).unwrap();
    let done = run(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config).env_remove("FIREFLY_TEST_TOKEN"));
    assert_eq!(done.code, 1);
    assert!(done.err.contains("keyed") && done.err.contains("${FIREFLY_TEST_TOKEN}"), "{}", done.err);
    // The server prints its secret on standard error as it dies: neither the message nor the lake has it.
    let done = run(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config).env("FIREFLY_TEST_TOKEN", "s3cr3t-v4lue"));
    assert_eq!(done.code, 1);
    assert!(done.err.contains("***") && !done.err.contains("s3cr3t-v4lue"), "{}", done.err);
    let stored = rows(&lake, "SELECT reason, launch FROM server");
    assert!(!format!("{stored:?}").contains("s3cr3t-v4lue") && format!("{stored:?}").contains("TOKEN"));
}

#[test]
fn rude_servers_are_named_and_the_others_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = rude_config(folder.path(), &["polite", "dies", "silent", "junk", "invalid", "huge", "loops"]);
    let done = run(firefly(&lake).args(["ingest", "mcp", "--start-timeout", "5", "--call-timeout", "5", "--config"]).arg(&config));
    assert_eq!(done.code, 1, "{}", done.err);
    assert!(done.err.contains("4 of 7 servers did not come in"), "{}", done.err);
    let found = rows(&lake, "SELECT server, status, coalesce(reason, notes, '') AS said FROM server ORDER BY server");
    let expected = [
        ("dies", "failed", "no licence found"),
        ("huge", "failed", "more than 16 MiB"),
        ("invalid", "failed", "invalid JSON-RPC"),
        ("junk", "ok", "Welcome to the rude server!"),
        ("loops", "ok", "cursor loops"),
        ("polite", "ok", ""),
        ("silent", "failed", "did not finish its handshake within 5 s"),
    ];
    assert_eq!(found.len(), expected.len());
    for (row, (server, status, said)) in found.iter().zip(expected) {
        assert_eq!((row["server"].as_str(), row["status"].as_str()), (Some(server), Some(status)), "{row}");
        assert!(row["said"].as_str().unwrap().contains(said), "{row}");
    }
}

#[test]
fn failures_of_calls_are_recorded_by_kind() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let modes = ["polite", "exits", "hangs", "soft", "big"];
    let config = rude_config(folder.path(), &modes);
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config));
    ok(firefly(&lake).args(["sample", "--survey"]));
    ok(firefly(&lake).args(["explore", "--call-timeout", "3"]));
    let found =
        rows(&lake, "SELECT server, coalesce(error_kind, 'ok') AS kind, max(error_text) AS said FROM call GROUP BY ALL ORDER BY server");
    let kinds: Vec<_> = found.iter().map(|r| (r["server"].as_str().unwrap(), r["kind"].as_str().unwrap())).collect();
    assert_eq!(kinds, [("big", "exit"), ("exits", "exit"), ("hangs", "timeout"), ("polite", "ok"), ("soft", "soft")]);
    assert!(found[0]["said"].as_str().unwrap().contains("more than 16 MiB"), "{}", found[0]);
    let again = run(firefly(&lake).args(["explore"]));
    assert!(again.code == 1 && again.err.contains("has been explored"), "{}", again.err);
}

/// Processes whose command line has `mark` in it.
fn processes_with(mark: &str) -> usize {
    let listed = Command::new("pgrep").args(["-f", mark]).output().unwrap();
    String::from_utf8_lossy(&listed.stdout).lines().count()
}

#[test]
fn an_interruption_ends_all_servers_and_leaves_a_readable_lake() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = rude_config(folder.path(), &["polite", "stubborn"]);
    // A mark of this test alone on the servers' command lines.
    let mark = format!("mark-{}", std::process::id());
    let text = std::fs::read_to_string(&config).unwrap().replace("\"stubborn\"]", &format!("\"stubborn\",\"{mark}\"]"));
    std::fs::write(&config, text).unwrap();
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config));
    ok(firefly(&lake).args(["sample", "--survey"]));
    let mut child = firefly(&lake).args(["explore"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    wait_until(|| processes_with(&mark) > 0);
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    wait_until(|| processes_with(&mark) == 0);
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM server")[0]["n"], 2);
    ok(firefly(&lake).arg("fsck"));
}

/// Waits for a condition; ten seconds are more than it ever takes.
fn wait_until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(10), "waited in vain");
        std::thread::yield_now();
    }
}

#[test]
fn a_dry_run_launches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let out = ok(firefly(&lake).args(["ingest", "mcp", "--dry-run", "--server", "time", "--config"]).arg(root().join("demo/servers.json")));
    assert!(out.starts_with("time\tuvx mcp-server-time@"), "{out}");
    assert!(!lake.exists());
}
