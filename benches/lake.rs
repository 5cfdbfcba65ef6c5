//! A million calls committed and counted, against DuckDB's own sorted COPY and its bare queries.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use arrow::array::RecordBatch;
use firefly::lake::schema::{self, Table};
use firefly::lake::{Lake, Lineage, Output};

use crate::measure::{Report, in_child, ratio, side_by_side, time};
use crate::recorded;

const ROWS: u64 = 1_000_000;

pub fn run(report: &mut Report) {
    let Some(file) = recorded::file() else {
        return report.skipped("commit of 1M calls", "the recorded calls of ../shared/data are not there");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::init(folder.path().join("lake")).expect("a lake");
    commit(report, &lake, &recorded::batches(&file, ROWS), folder.path());
    stats(report, &lake);
    memory(report, folder.path());
}

/// Rows in hand become a durable segment: firefly's way beside DuckDB's appender and sorted COPY of the same batches.
fn commit(report: &mut Report, lake: &Lake, batches: &[RecordBatch], folder: &Path) {
    let target = folder.join("peer.parquet");
    let copy = format!(
        "COPY (SELECT * FROM peer ORDER BY episode_id, call_index) TO '{}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)",
        target.display()
    );
    let lakes = [Lake::init(folder.join("first")).expect("a lake"), Lake::init(folder.join("second")).expect("a lake"), lake.clone()];
    let mut free = lakes.iter();
    let mut parts = Vec::new();
    let (ours, peer) = side_by_side(
        3,
        || {
            let lake = free.next().expect("a lake in which nothing is yet");
            let session = lake.session().expect("a session");
            let put = time(|| session.fill("call", batches.iter().cloned().map(Ok)).expect("the rows are taken"));
            let lineage = Lineage::of(&session, "bench", &[], serde_json::json!({}), None);
            lake.commit(&session, lineage, &[Output::append("call")]).expect("the commit lands");
            parts.push(put);
        },
        || {
            let connection = duckdb::Connection::open_in_memory().expect("DuckDB");
            let ddl = schema::table("call").expect("a table").ddl("peer").replace("CREATE TABLE", "CREATE TEMP TABLE");
            connection.execute_batch(&ddl).expect("a table");
            let mut appender = connection.appender("peer").expect("an appender");
            batches.iter().for_each(|batch| appender.append_record_batch(batch.clone()).expect("rows are taken"));
            drop(appender);
            connection.execute_batch(&copy).expect("DuckDB copies");
        },
    );
    let put = parts.iter().min().map_or(0.0, Duration::as_secs_f64);
    let how = format!("{:.2} s, of it {put:.2} s until hashed and in DuckDB; peer {:.2} s", ours.as_secs_f64(), peer.as_secs_f64());
    report.row("commit of 1M calls / appender and sorted COPY", ratio(ours, peer), 1.25, &how);
}

/// Ten times the rows, committed in parts as an ingest does, in a process of its own.
fn memory(report: &mut Report, folder: &Path) {
    let peak = |rows: u64| {
        let lake = Lake::init(folder.join(format!("rows-{rows}"))).expect("a lake");
        in_child("commit", lake.root(), &rows.to_string())
    };
    let (small, large) = (peak(200_000), peak(2_000_000));
    let how = format!("{:.0} MiB for 200,000 rows, {:.0} MiB for 2,000,000", small.peak_mib, large.peak_mib);
    report.row("peak memory, 10 × the rows", large.peak_mib / small.peak_mib, 1.2, &how);
}

/// `firefly stats` beside DuckDB's own command line: both start, open the file and run the same query.
fn stats(report: &mut Report, lake: &Lake) {
    let Some(duckdb) = clients().map(|bin| bin.join("duckdb")) else {
        return report.skipped("stats on 1M calls", "DuckDB's command line is not installed: `make clients` installs it");
    };
    let segment = lake.snapshot(None).expect("a snapshot").segments[0].path.clone();
    let file = lake.root().join(segment);
    for topic in ["lake", "explore"] {
        let text = firefly::sql::get(&format!("stats/topics/{topic}.sql")).text;
        let script = format!("{} {text};", definitions(text, &file));
        let run = |command: &mut Command| {
            let done = command.output().expect("it runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        };
        let (ours, peer) = side_by_side(
            9,
            || run(Command::new(env!("CARGO_BIN_EXE_firefly")).arg("--lake").arg(lake.root()).args(["stats", topic])),
            || run(Command::new(&duckdb).args(["-json", "-c", &script])),
        );
        let how = format!("{:.3} s; DuckDB's command line {:.3} s", ours.as_secs_f64(), peer.as_secs_f64());
        report.row(&format!("stats {topic} on 1M calls / the query in DuckDB"), ratio(ours, peer), 1.5, &how);
        report.row(&format!("stats {topic} on 1M calls, s"), ours.as_secs_f64(), 1.0, "");
    }
}

/// What the query needs: `call` from the file, the other tables empty, and the views it names.
fn definitions(text: &str, file: &Path) -> String {
    let views: Vec<_> = firefly::sql::list("views").into_iter().filter(|v| text.contains(v.name())).collect();
    let all = views.iter().fold(text.to_owned(), |all, view| all + view.text);
    let table = |t: &Table| match t.name.as_str() {
        "call" => format!("CREATE VIEW call AS FROM read_parquet('{}');", file.display()),
        name => format!("{};", t.ddl(name)),
    };
    let tables: String = schema::tables().iter().filter(|t| all.contains(&t.name)).map(table).collect();
    let views: String = views.iter().map(|v| format!("CREATE VIEW {} AS {};", v.name(), v.text)).collect();
    tables + &views
}

/// Where `tests/clients/install.sh` put what it installs.
pub fn clients() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|h| h.join(".cache")))?;
    Some(base.join("firefly/clients/bin")).filter(|bin| bin.join("duckdb").exists())
}
