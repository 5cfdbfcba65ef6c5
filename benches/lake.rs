//! A million calls committed and counted, against DuckDB's own sorted COPY and its bare queries.

use std::process::Command;
use std::time::Duration;

use firefly::lake::{Lake, Lineage, Output, Session};

use crate::measure::{Report, ratio, side_by_side};
use crate::recorded;

const ROWS: u64 = 1_000_000;

pub fn run(report: &mut Report) {
    let Some(file) = recorded::file() else {
        return report.skipped("commit of 1M calls", "the recorded calls of ../shared/data are not there");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::init(folder.path().join("lake")).expect("a lake");
    let session = lake.session().expect("a session");
    recorded::put(&session, &file, ROWS);
    commit(report, &lake, &session, folder.path());
    drop(session);
    stats(report, &lake);
}

fn commit(report: &mut Report, lake: &Lake, session: &Session, folder: &std::path::Path) {
    let target = folder.join("peer.parquet");
    let copy = format!(
        "COPY (SELECT * FROM new_call ORDER BY episode_id, call_index) TO '{}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)",
        target.display()
    );
    let mut number = 0;
    let (ours, peer) = side_by_side(
        3,
        || {
            // A lake of its own each time, so that nothing is there already.
            number += 1;
            let to = if number == 3 { lake.clone() } else { Lake::init(folder.join(format!("lake-{number}"))).expect("a lake") };
            let lineage = Lineage::of(session, "bench", &[], serde_json::json!({}), None);
            to.commit(session, lineage, &[Output::append("call")]).expect("the commit lands");
        },
        || session.execute("peer", &copy).expect("DuckDB copies"),
    );
    let how = format!("{:.2} s, DuckDB's sorted COPY {:.2} s", ours.as_secs_f64(), peer.as_secs_f64());
    report.row("commit of 1M calls / sorted COPY", ratio(ours, peer), 1.25, &how);
}

fn stats(report: &mut Report, lake: &Lake) {
    let binary = env!("CARGO_BIN_EXE_firefly");
    let segment = lake.snapshot(None).expect("a snapshot").segments[0].path.clone();
    let file = lake.root().join(segment);
    for topic in ["lake", "explore"] {
        let text = firefly::sql::get(&format!("stats/topics/{topic}.sql")).text;
        // The same query on the same file, in a DuckDB with empty tables for the rest.
        let session = Lake::init(tempfile::tempdir().expect("a folder").keep().join("empty")).and_then(|l| l.session()).expect("a session");
        session.execute("peer", &format!("DROP TABLE call CASCADE; CREATE VIEW call AS FROM read_parquet('{}')", file.display())).expect("a view");
        for view in firefly::sql::list("views") {
            session.execute(view.path, &format!("CREATE OR REPLACE VIEW {} AS {}", view.name(), view.text)).expect("a view");
        }
        let (ours, peer) = side_by_side(
            5,
            || {
                let done = Command::new(binary).arg("--lake").arg(lake.root()).args(["stats", topic]).output().expect("firefly runs");
                assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            },
            || drop(session.batches(text).expect("the query runs")),
        );
        let how = format!("{:.3} s with the start of the process, the bare query {:.3} s", ours.as_secs_f64(), peer.as_secs_f64());
        report.row(&format!("stats {topic} on 1M calls / bare query"), ratio(ours, peer), 1.5, &how);
        report.row(&format!("stats {topic} on 1M calls, s"), ours.as_secs_f64(), Duration::from_secs(1).as_secs_f64(), "");
    }
}
