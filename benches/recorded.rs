//! Calls that were really made, multiplied: the data of several benches.

use std::path::PathBuf;

use firefly::lake::Session;

/// The recorded calls; none where the shared data is not beside the checkout. `FIREFLY_BENCH_DATA` names its folder.
pub fn file() -> Option<PathBuf> {
    let folder = std::env::var_os("FIREFLY_BENCH_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"));
    Some(folder.join("derived_tool_calls.jsonl")).filter(|path| path.exists())
}

/// Puts `rows` calls into the temporary table `new_call`: the recorded ones again and again, each time as other episodes
/// with another number in the arguments, in an order of chance.
pub fn put(session: &Session, file: &std::path::Path, rows: u64) {
    let text = format!(
        "CREATE OR REPLACE TEMP TABLE new_call AS
         WITH recorded AS (
             SELECT *, row_number() OVER () AS line
             FROM read_json('{}', columns = {{source: 'VARCHAR', task_id: 'VARCHAR', call_index: 'BIGINT', server: 'VARCHAR',
                 tool: 'VARCHAR', arguments: 'JSON', result: 'VARCHAR'}}, format = 'newline_delimited')
         ), many AS (
             SELECT r.*, c.copy FROM recorded AS r, range({rows} // (SELECT count(*) FROM recorded) + 1) AS c (copy) LIMIT {rows}
         )
         SELECT md5(concat(source, task_id, copy)) AS episode_id, line AS call_index, NULL::BIGINT AS node, server, tool,
             concat('{{\"copy\":', copy, ',\"given\":', arguments, '}}') AS arguments, to_json(result)::VARCHAR AS result,
             NULL::VARCHAR AS reply, false AS is_error, NULL::VARCHAR AS error_kind, NULL::VARCHAR AS error_text,
             NULL::BIGINT AS repeat_of, md5(server) AS state_key, md5(result) AS result_hash, 'bench' AS source,
             (hash(line, copy) % 1000000)::BIGINT AS latency_us
         FROM many ORDER BY hash(line, copy)",
        file.display()
    );
    session.execute("recorded calls", &text).expect("the recorded calls can be read");
}
