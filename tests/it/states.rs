//! Which writes readings need is seen, and tasks rest on it.

use serde_json::json;

use crate::support::{firefly, notes, ok, rows, run};

#[test]
fn a_reading_needs_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, config) = notes(folder.path());
    let states = || run(firefly(&lake).args(["explore", "--states", "--config"]).arg(&config));
    let none = states();
    assert!(none.code == 1 && none.err.contains("no write of the lake"), "{}", none.err);
    ok(firefly(&lake).args(["sample", "--survey"]));
    ok(firefly(&lake).args(["explore", "--config"]).arg(&config));
    let done = states();
    assert!(done.code == 0 && done.err.contains("walks over writes and readings"), "{}", done.err);
    // The list needs each note; the length of a text needs none.
    let needed = rows(
        &lake,
        "SELECT c.tool, bool_and(a.needed) AS all_needed, bool_or(a.needed) AS any_needed FROM ablated_call AS a
         JOIN call AS c USING (episode_id, call_index) WHERE c.tool IN ('list_notes', 'get_length') GROUP BY c.tool ORDER BY c.tool",
    );
    assert_eq!(
        needed,
        [
            json!({"tool": "get_length", "all_needed": false, "any_needed": false}),
            json!({"tool": "list_notes", "all_needed": true, "any_needed": true})
        ]
    );
    // What is found once is not walked again.
    let walks = || rows(&lake, "SELECT count(*) AS n FROM episode WHERE policy = 'states'")[0]["n"].clone();
    let before = walks();
    states();
    states();
    let after = walks();
    assert_eq!(states().code, 1);
    assert_eq!(walks(), after, "{before}");
    // Writing and reading makes a task that every gate lets pass: the answer depends on what was written.
    ok(firefly(&lake).arg("synthesize"));
    ok(firefly(&lake).arg("verify"));
    let tasks = rows(
        &lake,
        "SELECT t.task_id, t.question, string_agg(DISTINCT g.tool, ' ' ORDER BY g.tool) AS tools FROM verified_task AS t
         JOIN gold_call AS g USING (task_id) GROUP BY ALL HAVING tools = 'create_note list_notes'",
    );
    assert!(
        !tasks.is_empty(),
        "{:?}",
        rows(
            &lake,
            "SELECT t.question, t.answer, g.gate, g.reason FROM task AS t LEFT JOIN gate AS g ON g.task_id = t.task_id AND NOT g.passed"
        )
    );
    assert!(tasks.iter().all(|t| t["question"].as_str().unwrap().to_lowercase().contains("keep a note")), "{tasks:?}");
}
