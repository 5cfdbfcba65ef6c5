//! The main path on real servers: what comes out is verified, provable, and the same for the same seed.

use crate::support::{SERVERS, firefly, made_or_skip, ok, rows, run_pipeline};

#[test]
fn tasks_pass_every_gate_and_cross_servers() {
    let made = made_or_skip!();
    let figures = &rows(
        &made.lake,
        "SELECT count(*) AS tasks, count(*) FILTER (WHERE servers > 1) AS crossing, min(calls) AS least FROM verified_task",
    )[0];
    assert!(figures["tasks"].as_i64() >= Some(30), "{figures}");
    assert!(figures["crossing"].as_i64() > Some(0), "{figures}");
    assert!(figures["least"].as_i64() >= Some(1), "{figures}");
    let servers = rows(&made.lake, "SELECT server FROM server WHERE status = 'ok'");
    assert_eq!(servers.len(), SERVERS.len());
    // Each task met every gate of sql/gates and both proofs.
    let gates = rows(&made.lake, "SELECT DISTINCT gate FROM gate").len();
    let least = rows(&made.lake, "SELECT min(n) AS n FROM (SELECT count(*) AS n FROM gate GROUP BY task_id)");
    assert_eq!(least[0]["n"].as_u64(), Some(gates as u64));
    assert_eq!(gates, firefly::sql::list("gates").len() + 2);
}

#[test]
fn every_label_is_read_from_a_recorded_call() {
    let made = made_or_skip!();
    // Said again without the gate's own query: the value at the pointer is the value in the answer.
    let wrong = rows(
        &made.lake,
        "SELECT t.task_id, p.field
         FROM verified_task AS t
         JOIN provenance AS p USING (task_id)
         JOIN call AS c ON c.episode_id = t.episode_id AND c.call_index = p.call_index
         WHERE p.expression IS NULL
            AND json_extract_string(t.answer, '/' || p.field)
                IS DISTINCT FROM (CASE p.pointer WHEN '' THEN c.result::JSON ->> '$' ELSE json_extract_string(c.result, p.pointer) END)",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    let fields = rows(&made.lake, "SELECT server, tool, pointer FROM answer_field LIMIT 5");
    assert!(fields.len() == 5 && fields[0]["server"].is_string(), "{fields:?}");
}

#[test]
fn flows_hold_the_same_value_at_both_ends() {
    let made = made_or_skip!();
    let wrong = rows(
        &made.lake,
        "SELECT f.*
         FROM flow AS f
         JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
         JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
         WHERE try_cast(json_extract_string(s.result, f.src_pointer) AS DOUBLE)
                IS DISTINCT FROM try_cast(json_extract_string(d.arguments, f.dst_pointer) AS DOUBLE)
            OR (try_cast(json_extract_string(s.result, f.src_pointer) AS DOUBLE) IS NULL
                AND json_extract_string(s.result, f.src_pointer) IS DISTINCT FROM json_extract_string(d.arguments, f.dst_pointer))",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_same_seed_gives_the_same_graph_and_tasks() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("again");
    let done = run_pipeline(&lake, "7");
    assert_eq!(done.code, 0, "{}", done.err);
    // What servers say that differs from call to call is known; the calls of all others are the same.
    let steady = "SELECT server, count(*) AS n, md5(string_agg(tool || arguments || coalesce(result, error_text), '' ORDER BY episode_id, call_index)) AS h
        FROM call WHERE server NOT IN (SELECT server FROM volatile_field) GROUP BY server ORDER BY server";
    let calls = rows(&made.lake, steady);
    assert!(calls.len() >= 2, "{calls:?}");
    assert_eq!(calls, rows(&lake, steady));
    for table in ["edge", "dag", "dag_node", "dag_link", "task", "provenance"] {
        let hash = |lake: &std::path::Path| {
            let export = tempfile::tempdir().unwrap();
            ok(firefly(lake).args(["snapshot", "export"]).arg(export.path()));
            let text = std::fs::read_to_string(export.path().join("manifest.json")).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap()["tables"][table]["logical_hash"].clone()
        };
        assert_eq!(hash(&made.lake), hash(&lake), "{table}");
    }
}
