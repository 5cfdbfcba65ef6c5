//! Calls that build on each other are walked, and options that make no difference are left out.

use serde_json::json;

use crate::eval::copied;
use crate::support::{SERVERS, firefly, made_or_skip, ok, root, rows};

#[test]
fn chains_pass_values_on_and_idle_options_are_found() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let (lake, data) = (copied(&made.lake, folder.path()), folder.path().join("data"));
    std::fs::create_dir(&data).unwrap();
    let explore = |what: &[&str]| {
        let mut command = firefly(&lake);
        command.arg("explore").args(what).arg("--data").arg(&data).arg("--config").arg(root().join("demo/servers.json"));
        SERVERS.iter().for_each(|name| {
            command.args(["--server", name]);
        });
        ok(&mut command)
    };
    explore(&["--relays", "--episodes", "12"]);
    // Where `run` has left out each option of the tasks' calls, there is nothing to do, which is no error.
    explore(&["--options"]);
    // What a chain passes on is what the call before gave.
    let wrong = "SELECT f.* FROM flow AS f
        JOIN episode AS e ON e.episode_id = f.episode_id AND e.policy = 'relay'
        JOIN call AS s ON s.episode_id = f.episode_id AND s.call_index = f.src_call
        JOIN call AS d ON d.episode_id = f.episode_id AND d.call_index = f.dst_call
        WHERE (s.result ->> f.src_pointer) IS DISTINCT FROM (d.arguments ->> f.dst_pointer)";
    assert_eq!(rows(&lake, wrong), Vec::<serde_json::Value>::new());
    let passed = "SELECT count(*) > 3 AS many FROM flow AS f JOIN episode AS e USING (episode_id) WHERE e.policy = 'relay'";
    assert_eq!(rows(&lake, passed), [json!({"many": true})]);
    // No task gives an option without which its call was seen to give the same, but for what is to be done, and of what an amount is.
    ok(firefly(&lake).arg("synthesize"));
    ok(firefly(&lake).arg("verify"));
    let idle = "SELECT g.tool, g.arguments, f.arguments AS enough FROM gold_call AS g
        JOIN call AS c ON c.episode_id = g.episode_id AND c.call_index = g.call_index
        JOIN tool_state AS t ON t.server = g.server AND t.tool = g.tool AND t.reads
        JOIN call AS f ON f.server = g.server AND f.tool = g.tool AND f.result_hash = c.result_hash AND f.state_key = c.state_key
        JOIN episode AS e ON e.episode_id = f.episode_id AND e.policy = 'options'
        WHERE NOT f.is_error AND f.repeat_of IS NULL AND json_contains(g.arguments, f.arguments)
            AND len(json_keys(f.arguments)) < len(json_keys(g.arguments))
            AND NOT list_has_any(
                list_filter(json_keys(g.arguments), lambda k: NOT list_contains(json_keys(f.arguments), k)),
                ['operation', 'action', 'command'] || CASE WHEN json_exists(g.arguments, '$.amount') THEN ['unit'] ELSE [] END
            )";
    assert_eq!(rows(&lake, idle), Vec::<serde_json::Value>::new());
}
