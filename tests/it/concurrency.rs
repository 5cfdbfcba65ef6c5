//! Several processes at once: each commit lands once or fails clearly, and nobody waits for a long stage.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::support::{firefly, ok, rows, rude_config, run};

#[test]
fn two_writers_and_many_readers() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(rude_config(folder.path(), &["polite"])));
    let (landed, over, read) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let writers: Vec<_> = ["a", "b"]
            .map(|writer| {
                let (lake, landed) = (&lake, &landed);
                scope.spawn(move || {
                    for i in 0..15 {
                        let done = run(firefly(lake).args(["snapshot", "create", &format!("{writer}{i}")]));
                        assert!(matches!(done.code, 0 | 4), "{}", done.err);
                        landed.fetch_add(usize::from(done.code == 0), Ordering::Relaxed);
                    }
                })
            })
            .into();
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM tool")[0]["n"], 1);
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        writers.into_iter().for_each(|w| w.join().unwrap());
        over.store(true, Ordering::Relaxed);
    });
    let listed = ok(firefly(&lake).args(["snapshot", "list", "--format", "ndjson"]));
    assert_eq!(listed.lines().count(), 1 + landed.into_inner(), "each commit that was said to have landed is there once");
    assert!(read.into_inner() > 0);
    ok(firefly(&lake).arg("fsck"));
}

#[test]
fn two_writers_of_one_table_do_not_undo_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = rude_config(folder.path(), &["polite", "soft"]);
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(config));
    let spawn = || firefly(&lake).args(["sample", "--survey"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let both = [spawn(), spawn()].map(|child| child.wait_with_output().unwrap());
    let codes = both.map(|output| output.status.code());
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 1 | 4))) && codes.contains(&Some(0)), "{codes:?}");
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM dag")[0]["n"], 2, "no sub-DAG twice");
    ok(firefly(&lake).arg("fsck"));
}

#[test]
fn readers_do_not_wait_for_a_long_stage() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let config = rude_config(folder.path(), &["polite", "hangs"]);
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(config));
    ok(firefly(&lake).args(["sample", "--survey"]));
    let mut stage = firefly(&lake).args(["explore", "--call-timeout", "60"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    for _ in 0..5 {
        assert_eq!(rows(&lake, "SELECT count(*) AS n FROM dag")[0]["n"], 2);
    }
    assert!(stage.try_wait().unwrap().is_none(), "the stage runs as long as its server hangs");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let status = std::process::Command::new("kill").args(["-INT", &stage.id().to_string()]).status();
    assert!(status.unwrap().success());
    stage.wait().unwrap();
}
