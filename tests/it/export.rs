//! Exports as the tools people have read them, and snapshots published into a DuckLake.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{firefly, made_or_skip, ok, root, rows, run};

fn python() -> Result<PathBuf, String> {
    crate::support::python("datasets, duckdb_extension_ducklake, mlcroissant, polars")
}

macro_rules! python_or_skip {
    () => {
        match python() {
            Ok(python) => python,
            Err(reason) => {
                eprintln!("SKIPPED {}: {reason}", module_path!());
                return;
            }
        }
    };
}

fn count(lake: &Path, table: &str) -> u64 {
    rows(lake, &format!("SELECT count(*) AS n FROM {table}"))[0]["n"].as_u64().unwrap()
}

#[test]
fn an_export_is_read_by_the_tools_people_have() {
    let python = python_or_skip!();
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("export");
    ok(firefly(&made.lake).args(["snapshot", "export", "--title", "A test", "--license", "cc-by-4.0"]).arg(&target));
    for table in ["task", "call", "provenance"] {
        let mut command = Command::new(&python);
        command.arg(root().join("tests/clients/read_export.py")).arg(&target).arg(table).env("HF_HOME", folder.path().join("hf"));
        let done = run(&mut command);
        assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
        let found: Value = serde_json::from_str(done.out.lines().last().unwrap()).unwrap();
        let rows = count(&made.lake, table);
        assert!(rows > 0);
        for reader in ["polars", "datasets", "duckdb_cli", "ducklake", "croissant"] {
            assert_eq!(found[reader], rows, "{reader} of {table}: {found}");
        }
        assert_eq!(found["croissant_errors"], serde_json::json!([]), "{found}");
        let schema = firefly::lake::schema::table(table).unwrap();
        assert_eq!(found["comment"], schema.doc);
        assert_eq!(found["ducklake_tables"], firefly::lake::schema::tables().len());
        let columns: Vec<&str> = schema.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(found["columns"], serde_json::json!(columns));
    }
    let card = std::fs::read_to_string(target.join("README.md")).unwrap();
    assert!(card.starts_with("---\nlicense: cc-by-4.0\npretty_name: \"A test\"\n"), "{card}");
    for placeholder in ["{title}", "{tables}", "{lines}", "{columns}", "{first}", "{configs}", "{made}", "{gates}", "{table}", "{part}"] {
        assert!(!card.contains(placeholder), "{card}");
    }
}

#[test]
fn split_tasks_are_read_as_training_and_testing() {
    let python = python_or_skip!();
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let (lake, target) = (folder.path().join("lake"), folder.path().join("export"));
    ok(Command::new("cp").arg("-r").arg(&made.lake).arg(&lake));
    ok(firefly(&lake).args(["split", "--test", "5"]));
    ok(firefly(&lake).args(["snapshot", "export"]).arg(&target));
    let mut command = Command::new(&python);
    command.arg(root().join("tests/clients/read_export.py")).arg(&target).arg("tasks").env("HF_HOME", folder.path().join("hf"));
    let done = run(&mut command);
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    let found: Value = serde_json::from_str(done.out.lines().last().unwrap()).unwrap();
    let split = |name: &str| rows(&lake, &format!("SELECT task_id FROM verified_task WHERE split = '{name}' ORDER BY task_id"));
    for name in ["train", "test"] {
        let ids: Vec<Value> = split(name).iter().map(|row| row["task_id"].clone()).collect();
        assert!(!ids.is_empty());
        assert_eq!(found[name]["task_ids"], Value::from(ids.clone()), "{found}");
        assert_eq!(found[name]["croissant"], ids.len(), "{found}");
        assert_eq!(found[name]["whole"], ids.len(), "{found}");
    }
    assert_eq!(found["test"]["task_ids"].as_array().unwrap().len(), 5);
    assert_eq!(found["croissant_errors"], serde_json::json!([]), "{found}");
    assert_eq!(found["default"], serde_json::json!(["train", "test"]), "{found}");
    let verified = run(firefly(&lake).args(["snapshot", "verify"]).arg(&target));
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    let card = std::fs::read_to_string(target.join("README.md")).unwrap();
    assert!(card.contains("| test | 5 | ") && card.contains("| `rederives` | ") && card.contains("\"tasks\", split=\"test\""), "{card}");
    let again = folder.path().join("again");
    ok(firefly(&lake).args(["snapshot", "export"]).arg(&again));
    let sums = |folder: &Path| std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&target), sums(&again));
    assert!(sums(&target).contains("  data/tasks/test.parquet\n"));
    // A file that was changed is found.
    let file = target.join("data/tasks/test.parquet");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(run(firefly(&lake).args(["snapshot", "verify"]).arg(&target)).code, 3);
}

#[test]
fn the_same_snapshot_gives_the_same_bytes_on_one_thread_and_on_two() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let sums = |name: &str, threads: &str| {
        let target = folder.path().join(name);
        ok(Command::new("taskset").args(["-c", threads, env!("CARGO_BIN_EXE_firefly"), "--lake"]).arg(&made.lake).args([
            "--format",
            "jsonl.zst",
            "snapshot",
            "export",
            target.to_str().unwrap(),
        ]));
        std::fs::read_to_string(target.join("SHA256SUMS")).unwrap()
    };
    let (one, two) = (sums("one", "0"), sums("two", "0,1"));
    assert_eq!(one, two);
    for name in ["README.md", "croissant.json", "manifest.json", "lines/task.jsonl.zst", "data/task/task.parquet"] {
        assert!(one.contains(&format!("  {name}\n")), "{one}");
    }
}

/// Runs what `firefly publish --print-sql` prints; rows of the tables afterwards.
fn publish(python: &Path, lake: &Path, catalog: &str, data: &Path, more: &[&str]) -> Result<Value, String> {
    let sql = ok(firefly(lake).args(["publish", "--print-sql", "--catalog", catalog, "--data"]).arg(data).args(more));
    let mut command = Command::new(python);
    command.arg(root().join("tests/clients/run_ducklake.py")).args([catalog, "tool", "call", "task", "gate"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

fn publishes(python: &Path, lake: &Path, catalog: &str, data: &Path) {
    let tables = ["tool", "call", "task", "gate"];
    let expected = |at: &str| {
        let count = |table: &str| ok(firefly(lake).args(["sql", "--at", at, "--format", "csv", &format!("SELECT count(*) FROM {table}")]));
        let counts = tables.map(|t| (t.to_owned(), Value::from(count(t).lines().last().unwrap().parse::<u64>().unwrap())));
        Value::Object(counts.into_iter().collect())
    };
    assert_eq!(publish(python, lake, catalog, data, &["--at", "2"]).unwrap(), expected("2"));
    let newest = rows(lake, "SELECT max(snapshot) AS n FROM snapshot")[0]["n"].to_string();
    let refused = publish(python, lake, catalog, data, &["--at", &newest]).unwrap_err();
    assert!(refused.contains("--since"), "{refused}");
    assert_eq!(publish(python, lake, catalog, data, &["--at", &newest, "--since", "2"]).unwrap(), expected(&newest));
    // Back again: what the newer snapshot added goes.
    assert_eq!(publish(python, lake, catalog, data, &["--at", "2", "--since", &newest]).unwrap(), expected("2"));
}

#[test]
fn a_snapshot_is_published_into_a_ducklake_whose_catalog_is_a_file() {
    let python = python_or_skip!();
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    publishes(&python, &made.lake, folder.path().join("team.ducklake").to_str().unwrap(), &folder.path().join("data"));
}

/// A PostgreSQL of this test's own, on a socket in its folder; ended with it.
struct Postgres {
    folder: tempfile::TempDir,
    bin: PathBuf,
}

impl Postgres {
    fn start() -> Result<Postgres, String> {
        let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map_err(|_| "PostgreSQL is not installed: `tests/clients/install.sh` installs it".to_owned())?
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .collect();
        found.sort();
        let bin = found.pop().ok_or("PostgreSQL's server is not installed")?;
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres { folder, bin };
        // PostgreSQL refuses to run as root.
        ok(Command::new("chmod").arg("777").arg(postgres.folder.path()));
        ok(postgres.command("initdb").args(["-A", "trust", "-U", "firefly", "-D"]).arg(postgres.data()));
        let options = format!("-c listen_addresses='' -k {}", postgres.folder.path().display());
        ok(postgres
            .command("pg_ctl")
            .args(["-w", "-l"])
            .arg(postgres.folder.path().join("log"))
            .args(["-o", &options, "-D"])
            .arg(postgres.data())
            .arg("start"));
        Ok(postgres)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        let root = std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0);
        let mut command = if root { Command::new("setpriv") } else { Command::new("env") };
        if root {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
        }
        command.arg(self.bin.join(program)).current_dir("/").stdout(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = self.command("pg_ctl").args(["-m", "immediate", "-D"]).arg(self.data()).arg("stop").status();
    }
}

#[test]
fn a_snapshot_is_published_into_a_ducklake_whose_catalog_is_postgresql() {
    let python = python_or_skip!();
    let made = made_or_skip!();
    let postgres = match Postgres::start() {
        Ok(postgres) => postgres,
        Err(reason) => return eprintln!("SKIPPED {}: {reason}", module_path!()),
    };
    let catalog = format!("postgres:dbname=postgres user=firefly host={}", postgres.folder.path().display());
    let data = tempfile::tempdir().unwrap();
    publishes(&python, &made.lake, &catalog, data.path());
}

#[test]
fn where_the_extension_cannot_be_had_the_error_says_what_to_do() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let mut command = firefly(&made.lake);
    command.args(["publish", "--catalog", "x.ducklake", "--data"]).arg(folder.path()).env("HOME", folder.path());
    let done = run(&mut command);
    assert!(done.code == 1 && done.err.contains("--print-sql"), "{}", done.err);
}

#[test]
fn each_trainers_form_is_read_as_it_is_meant() {
    let python = python_or_skip!();
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(Command::new("cp").arg("-r").arg(&made.lake).arg(&lake));
    // Tasks that are not split come in one file.
    let whole = folder.path().join("whole");
    ok(firefly(&lake).args(["export", "openai"]).arg(&whole));
    assert_eq!(std::fs::read_to_string(whole.join("all.jsonl")).unwrap().lines().count() as u64, count(&lake, "verified_task"));
    ok(firefly(&lake).args(["split", "--test", "5"]));
    let tasks = |split: &str| count(&lake, &format!("verified_task WHERE split = '{split}'"));
    for form in ["trl-sft", "trl-grpo", "verl", "nemo-gym", "openai", "toucan"] {
        let target = folder.path().join(form);
        ok(firefly(&lake).args(["export", form]).arg(&target));
        let mut command = Command::new(&python);
        command.arg(root().join("tests/clients/read_trainer.py")).arg(form).arg(&target).env("HF_HOME", folder.path().join("hf"));
        let done = run(&mut command);
        assert_eq!(done.code, 0, "{form}\n{}\n{}", done.out, done.err);
        let found: Value = serde_json::from_str(done.out.lines().last().unwrap()).unwrap();
        for split in ["train", "test"] {
            assert_eq!(found[split], serde_json::json!({"rows": tasks(split), "whole": tasks(split)}), "{form} {split}");
        }
    }
    // What was written for whoever reads Toucan's rows is read back: the calls are those that were recorded.
    let other = folder.path().join("other");
    ok(firefly(&other).arg("init"));
    ok(firefly(&other).arg("ingest").arg(folder.path().join("toucan/train.parquet")));
    let calls = rows(&lake, "SELECT sum(calls) AS n FROM verified_task WHERE split = 'train'")[0]["n"].as_u64().unwrap();
    assert_eq!(count(&other, "call WHERE result IS NOT NULL"), calls);
}
