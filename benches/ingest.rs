//! Recorded traces as JSONL: `firefly ingest` beside DuckDB's `read_json` to Parquet and Polars' flattening, process
//! against process, on the same file.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::measure::{Report, ratio, side_by_side, used_by};
use crate::recorded;

const CALLS: usize = 1_000_000;

pub fn run(report: &mut Report) {
    let Some(flat) = recorded::file() else {
        return report.skipped("ingest of 1M calls", "the recorded traces of ../shared/data are not there");
    };
    let Some(bin) = crate::lake::clients() else {
        return report.skipped("ingest of 1M calls", "the peers are not installed: `make clients` installs them");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let runs = conversations(&flat, folder.path());
    measure(report, &bin, &runs, folder.path(), "conversations");
    flatten(report, &bin, &runs, folder.path());
    std::fs::remove_file(&runs).expect("a file that can be removed");
    let calls = rows(&flat, folder.path());
    measure(report, &bin, &calls, folder.path(), "a row a call");
    tarball(report, &flat, folder.path());
}

/// The recorded runs of tau-bench again and again, a line each, each time as other trials.
fn conversations(flat: &Path, folder: &Path) -> PathBuf {
    let file = flat.with_file_name("tau-bench/historical_trajectories/gpt-4o-airline.json");
    let runs: Vec<Value> = serde_json::from_reader(BufReader::new(std::fs::File::open(&file).expect("the runs"))).expect("JSON");
    let calls = |run: &Value| run["traj"].as_array().map_or(0, |all| all.iter().filter(|m| !m["tool_calls"].is_null()).count());
    let path = folder.join("airline-runs.jsonl");
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("a file"));
    let mut written = 0;
    for (copy, run) in (0..).flat_map(|copy| runs.iter().map(move |run| (copy, run))) {
        if written >= CALLS {
            break;
        }
        let mut run = run.clone();
        run["trial"] = Value::from(copy * 4 + run["trial"].as_i64().unwrap_or(0));
        written += calls(&run);
        writeln!(out, "{run}").expect("a file that can be written");
    }
    out.flush().expect("a file that can be written");
    path
}

/// The recorded calls again and again, a line each, each time as other episodes.
fn rows(flat: &Path, folder: &Path) -> PathBuf {
    let lines: Vec<String> = BufReader::new(std::fs::File::open(flat).expect("the calls")).lines().collect::<Result<_, _>>().expect("text");
    let path = folder.join("calls.jsonl");
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("a file"));
    for number in 0..CALLS {
        let (copy, line) = (number / lines.len(), &lines[number % lines.len()]);
        writeln!(out, "{}", line.replacen("\"task_id\": \"", &format!("\"task_id\": \"{copy}-"), 1)).expect("a file that can be written");
    }
    out.flush().expect("a file that can be written");
    path
}

fn firefly() -> PathBuf {
    // Beside the folder of the benches.
    let own = std::env::current_exe().expect("this program has a path");
    own.ancestors().nth(2).expect("the target folder").join("firefly")
}

fn ingest(file: &Path, folder: &Path) -> Command {
    let lake = folder.join("lake");
    if lake.exists() {
        std::fs::remove_dir_all(&lake).expect("a lake that can be removed");
    }
    let mut command = Command::new(firefly());
    command.arg("--lake").arg(lake).args(["-q", "ingest"]).arg(file);
    command
}

fn finish(command: &mut Command) {
    let output = command.output().expect("a program that starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

fn measure(report: &mut Report, bin: &Path, file: &Path, folder: &Path, what: &str) {
    let target = folder.join("peer.parquet");
    let query = format!("COPY (FROM read_json('{}')) TO '{}' (FORMAT parquet, COMPRESSION zstd)", file.display(), target.display());
    let (ours, peer) =
        side_by_side(3, || finish(&mut ingest(file, folder)), || finish(Command::new(bin.join("duckdb")).args(["-c", &query])));
    let bytes = std::fs::metadata(file).expect("the file").len() as f64 / 1e9;
    let how = format!("{:.2} s for {bytes:.1} GB; peer {:.2} s", ours.as_secs_f64(), peer.as_secs_f64());
    report.at_least(&format!("speed of ingest of 1M calls ({what}) / read_json to Parquet"), ratio(peer, ours), 0.7, &how);
    let used = used_by(&mut ingest(file, folder));
    report.row(&format!("peak memory of it ({what}), MiB"), used.peak_mib, 1024.0, &format!("{:.2} s of CPU", used.cpu_s));
}

fn flatten(report: &mut Report, bin: &Path, file: &Path, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/flatten.py");
    let target = folder.join("flat.parquet");
    let (ours, peer) = side_by_side(
        3,
        || finish(&mut ingest(file, folder)),
        || finish(Command::new(bin.join("python")).arg(&script).arg(file).arg(&target)),
    );
    let how = format!("{:.2} s; peer {:.2} s", ours.as_secs_f64(), peer.as_secs_f64());
    report.at_least("speed of ingest of 1M calls (conversations) / Polars", ratio(peer, ours), 3.0, &how);
}

fn tarball(report: &mut Report, flat: &Path, folder: &Path) {
    let file = flat.with_file_name("Toucan/mcp_servers_all_2120.tar.gz");
    if !file.exists() {
        return report.skipped("ingest of the Toucan tarball", "it is not there");
    }
    let used = used_by(&mut ingest(&file, folder));
    report.row("ingest of the Toucan tarball, seconds", used.wall_s, 5.0, &format!("{:.0} MiB", used.peak_mib));
}
