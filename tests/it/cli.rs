//! The command line: help, completions, settings, figures.

use crate::support::{firefly, made_or_skip, ok, root, run};

#[test]
fn every_verb_is_documented() {
    let help = ok(firefly(std::path::Path::new("l")).arg("--help"));
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for verb in firefly::cli::command().get_subcommands() {
        assert!(verb.get_about().is_some(), "{} has no help", verb.get_name());
        assert!(help.contains(verb.get_name()));
        assert!(readme.contains(&format!("`{}`", verb.get_name())), "README.md does not name `{}`", verb.get_name());
    }
}

#[test]
fn completions_and_the_manual_page_are_made() {
    assert!(ok(firefly(std::path::Path::new("l")).args(["completions", "bash"])).contains("_firefly"));
    assert!(ok(firefly(std::path::Path::new("l")).arg("man")).contains(".TH firefly 1"));
}

#[test]
fn settings_say_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).arg("init"));
    std::fs::write(lake.join("firefly.toml"), "jobs = 3\n").unwrap();
    let shown = ok(firefly(&lake).args(["--seed", "9", "config"]));
    assert!(
        shown.contains("jobs\t3\tfirefly.toml") && shown.contains("seed\t9\tflag") && shown.contains("call_timeout_s\t30\tdefault"),
        "{shown}"
    );
    std::fs::write(lake.join("firefly.toml"), "jobbs = 3\n").unwrap();
    let done = run(firefly(&lake).arg("config"));
    assert!(done.code == 1 && done.err.contains("jobbs"), "{}", done.err);
}

#[test]
fn usage_errors_have_their_own_code() {
    assert_eq!(run(firefly(std::path::Path::new("l")).arg("no-such-verb")).code, 2);
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).arg("init"));
    let done = run(firefly(&lake).args(["stats", "weather"]));
    assert!(done.code == 2 && done.err.contains("tasks"), "{}", done.err);
    let done = run(firefly(&lake).arg("graph"));
    assert!(done.code == 1 && done.err.contains("firefly ingest mcp"), "{}", done.err);
}

#[test]
fn figures_of_a_lake() {
    let made = made_or_skip!();
    for topic in ["lake", "tasks", "gates", "servers", "explore"] {
        assert!(!ok(firefly(&made.lake).args(["stats", topic])).is_empty(), "{topic}");
    }
}
