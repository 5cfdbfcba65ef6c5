//! Crashes, full disks and failing files at every step of a commit: the lake stays whole, no committed row is lost,
//! none comes twice. `tests/faults/shim.c`, preloaded into the real binary, makes the faults.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use firefly::lake::{Lake, check};

use crate::support::{firefly, ok, root, rude_config, run};

/// Compiles the shim into `folder`.
fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("shim.so");
    let source = root().join("tests/faults/shim.c");
    let built = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).status();
    assert!(built.expect("DuckDB was compiled, so there is a C compiler").success());
    library
}

/// A lake before a command, and the command.
struct Scene {
    folder: tempfile::TempDir,
    shim: PathBuf,
    arguments: Vec<String>,
}

/// Rows and logical hash of each table: what a lake holds, whatever its files.
type Content = BTreeMap<String, (u64, String)>;

fn content(lake: &Path) -> Content {
    let lake = Lake::open(lake).unwrap();
    let snapshot = lake.snapshot(None).unwrap();
    let mut tables = Content::new();
    for segment in &snapshot.segments {
        let entry = tables.entry(segment.table.clone()).or_insert((0, "0".into()));
        let sum = u128::from_str_radix(&entry.1, 16).unwrap().wrapping_add(u128::from_str_radix(&segment.logical_hash, 16).unwrap());
        *entry = (entry.0 + segment.rows, format!("{sum:x}"));
    }
    // Reading them is what a user does next.
    lake.session().unwrap();
    tables
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { std::fs::copy(entry.path(), target).map(|_| ()).unwrap() }
    }
}

impl Scene {
    fn new(prepare: impl Fn(&Path, &Path), arguments: &[&str]) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let shim = shim(folder.path());
        let base = folder.path().join("base");
        ok(firefly(&base).arg("init"));
        prepare(folder.path(), &base);
        let config = folder.path().join("servers.json").display().to_string();
        let arguments = arguments.iter().map(|a| a.replace("CONFIG", &config)).collect();
        Scene { folder, shim, arguments }
    }

    fn fresh(&self, name: &str) -> PathBuf {
        let lake = self.folder.path().join(name);
        let _ = std::fs::remove_dir_all(&lake);
        copy(&self.folder.path().join("base"), &lake);
        lake
    }

    fn command(&self, lake: &Path) -> Command {
        let mut command = firefly(lake);
        command.args(&self.arguments);
        command
    }

    fn faulted(&self, lake: &Path, kind: &str, at: usize) -> Command {
        let mut command = self.command(lake);
        command.env("LD_PRELOAD", &self.shim).env("FAULT_UNDER", lake).env("FAULT_KIND", kind).env("FAULT_AT", at.to_string());
        command
    }

    /// What the command makes of the lake when nothing fails, and in how many steps.
    fn whole(&self) -> (Content, usize) {
        let lake = self.fresh("whole");
        let count = self.folder.path().join("count");
        let mut command = self.faulted(&lake, "count", 0);
        ok(command.env("FAULT_COUNT", &count));
        let steps = std::fs::read_to_string(count).unwrap().parse().unwrap();
        (content(&lake), steps)
    }

    /// Lets every step from the first to the last fail as `kind` says. The number of runs that were cut short.
    fn every_step(&self, kind: &str, stride: usize) -> usize {
        let before = content(&self.fresh("before"));
        let (after, steps) = self.whole();
        assert!(steps > 10, "the shim sees the command's steps: {steps}");
        // Some steps depend on the moment (the catalog's log); a few more than were counted costs little.
        let next = AtomicUsize::new(1);
        let cut = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for worker in 0..2 {
                let (before, after, next, cut) = (&before, &after, &next, &cut);
                scope.spawn(move || {
                    loop {
                        let at = next.fetch_add(stride, Ordering::Relaxed);
                        if at > steps {
                            return;
                        }
                        let lake = self.fresh(&format!("lake-{kind}-{worker}"));
                        let done = run(&mut self.faulted(&lake, kind, at));
                        cut.fetch_add(usize::from(done.code != 0), Ordering::Relaxed);
                        self.is_whole(&lake, before, after, &format!("{kind} at step {at} of {steps}: {}", done.err));
                    }
                });
            }
        });
        let cut = cut.into_inner();
        println!("{}: {kind} at each of {steps} steps, {cut} runs cut short", self.arguments[0]);
        cut
    }

    /// Kills the process `times` times at moments drawn at random from the time it takes.
    fn any_moment(&self, times: u64) {
        let before = content(&self.fresh("before"));
        let started = Instant::now();
        let (after, _) = self.whole();
        let longest = started.elapsed();
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for worker in 0..2 {
                let (before, after, next) = (&before, &after, &next);
                scope.spawn(move || {
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed) as u64;
                        if seed >= times {
                            return;
                        }
                        let moment = longest.mul_f64(ChaCha8Rng::seed_from_u64(seed).random());
                        let lake = self.fresh(&format!("lake-{worker}"));
                        let mut child = self.command(&lake).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
                        std::thread::sleep(moment);
                        child.kill().unwrap();
                        child.wait().unwrap();
                        self.is_whole(&lake, before, after, &format!("killed after {moment:?} of {longest:?}"));
                    }
                });
            }
        });
        println!("{}: killed {times} times", self.arguments[0]);
    }

    /// The lake opens, holds what was committed before and either all or nothing of the rest; the same command
    /// then brings it to where it would have come.
    fn is_whole(&self, lake: &Path, before: &Content, after: &Content, what: &str) {
        let found = check::fsck(&Lake::open(lake).unwrap_or_else(|e| panic!("{what}: {e}"))).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert!(found.damaged.is_empty(), "{what}: {:?}", found.damaged);
        let now = content(lake);
        for (table, rows) in before {
            assert!(now.get(table).is_some_and(|n| n.0 >= rows.0), "{what}: rows of {table} are gone");
        }
        let known: Vec<_> =
            now.iter().filter(|(table, rows)| before.get(*table) != Some(rows) && after.get(*table) != Some(rows)).collect();
        assert!(known.is_empty() || self.arguments[0] == "explore", "{what}: half a commit: {known:?}");
        if rows_of(&now) != rows_of(after) {
            let again = run(&mut self.command(lake));
            assert_eq!(again.code, 0, "{what}: afterwards: {}", again.err);
        }
        assert_eq!(&rows_of(&content(lake)), &rows_of(after), "{what}");
    }
}

/// Rows alone: live servers may say something else each time.
fn rows_of(content: &Content) -> BTreeMap<&str, u64> {
    content.iter().map(|(table, (rows, _))| (table.as_str(), *rows)).collect()
}

fn ingested(folder: &Path, lake: &Path) {
    let config = rude_config(folder, &["polite", "soft"]);
    ok(firefly(lake).args(["ingest", "mcp", "--config"]).arg(config));
}

fn sampled(folder: &Path, lake: &Path) {
    ingested(folder, lake);
    ok(firefly(lake).args(["sample", "--survey"]));
}

#[test]
fn killed_or_failing_at_every_step_of_a_commit() {
    let scene = Scene::new(ingested, &["sample", "--survey"]);
    for kind in ["kill", "short", "full", "error"] {
        let cut = scene.every_step(kind, 1);
        assert!(cut >= 10, "{kind}: only {cut} runs were cut short");
    }
}

#[test]
fn killed_at_every_step_of_an_ingest() {
    let scene = Scene::new(|folder, _| drop(rude_config(folder, &["polite", "soft"])), &["ingest", "mcp", "--config", "CONFIG"]);
    assert!(scene.every_step("kill", 1) >= 10);
}

#[test]
fn killed_at_every_step_of_an_exploration() {
    let scene = Scene::new(sampled, &["explore"]);
    assert!(scene.every_step("kill", 1) >= 10);
}

#[test]
fn killed_at_any_moment() {
    Scene::new(|folder, _| drop(rude_config(folder, &["polite", "soft"])), &["ingest", "mcp", "--config", "CONFIG"]).any_moment(100);
    Scene::new(sampled, &["explore"]).any_moment(100);
    Scene::new(ingested, &["sample", "--survey"]).any_moment(110);
}

#[test]
fn a_new_lake_is_there_or_not() {
    let scene = Scene::new(|_, _| {}, &["init"]);
    let lake = scene.folder.path().join("new");
    for kind in ["kill", "full", "error"] {
        for at in 1..40 {
            let _ = std::fs::remove_dir_all(&lake);
            run(&mut scene.faulted(&lake, kind, at));
            ok(firefly(&lake).arg("init"));
            ok(firefly(&lake).arg("fsck"));
        }
    }
}

#[test]
fn killed_at_every_step_of_a_rebuild() {
    let scene = Scene::new(sampled, &["rebuild"]);
    let before = content(&scene.fresh("before"));
    for at in 1..60 {
        let lake = scene.fresh("lake");
        run(&mut scene.faulted(&lake, "kill", at));
        ok(&mut scene.command(&lake));
        assert_eq!(content(&lake), before, "step {at}");
        ok(firefly(&lake).arg("fsck"));
    }
}
