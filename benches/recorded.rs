//! Calls that were really made, multiplied: the data of several benches.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use firefly::lake::{Lake, Lineage, Output, Session};

/// The recorded calls; none where the shared data is not beside the checkout. `FIREFLY_BENCH_DATA` names its folder.
pub fn file() -> Option<PathBuf> {
    let folder = std::env::var_os("FIREFLY_BENCH_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    Some(folder.join("derived_tool_calls.jsonl")).filter(|path| path.exists())
}

/// The query of `rows` calls, columns as in the table `call`: the recorded ones again and again, each time as other
/// episodes with another number in the arguments, from the `from`-th on.
fn query(file: &Path, from: u64, rows: u64) -> String {
    format!(
        "WITH recorded AS (
             SELECT *, row_number() OVER () AS line, count(*) OVER () AS lines
             FROM read_json('{}', columns = {{source: 'VARCHAR', task_id: 'VARCHAR', call_index: 'BIGINT', server: 'VARCHAR',
                 tool: 'VARCHAR', arguments: 'JSON', result: 'VARCHAR'}}, format = 'newline_delimited')
         ), many AS (
             SELECT r.*, i // r.lines AS copy FROM range({from}, {from} + {rows}) AS n (i) JOIN recorded AS r ON r.line = i % r.lines + 1
         )
         SELECT md5(concat(source, task_id, copy)) AS episode_id, line AS call_index, NULL::BIGINT AS node, server, tool,
             concat('{{\"copy\":', copy, ',\"given\":', arguments, '}}') AS arguments, to_json(result)::VARCHAR AS result,
             NULL::VARCHAR AS reply, false AS is_error, NULL::VARCHAR AS error_kind, NULL::VARCHAR AS error_text,
             NULL::BIGINT AS repeat_of, md5(server) AS state_key, md5(result) AS result_hash, 'bench' AS source,
             (hash(line, copy) % 1000000)::BIGINT AS latency_us
         FROM many",
        file.display()
    )
}

/// `rows` calls as Arrow batches.
pub fn batches(file: &Path, rows: u64) -> Vec<RecordBatch> {
    let session = Session::empty().expect("a session");
    session.batches(&query(file, 0, rows)).expect("the recorded calls can be read").1
}

/// Commits `rows` calls in parts of 50,000, so that no more than a part is in memory.
pub fn commit(lake: &Lake, file: &Path, rows: u64) {
    const PART: u64 = 50_000;
    let (source, session) = (Session::empty().expect("a session"), lake.session().expect("a session"));
    let lineage = Lineage::of(&session, "bench", &[], serde_json::json!({}), None);
    let mut commit = lake.begin(&session, lineage);
    for from in (0..rows).step_by(PART as usize) {
        let (_, batches) = source.batches(&query(file, from, PART)).expect("the recorded calls can be read");
        session.fill("call", batches.into_iter().map(Ok)).expect("the rows are taken");
        commit.add(&Output::append("call")).expect("the part is written");
    }
    commit.finish().expect("the commit lands");
}
