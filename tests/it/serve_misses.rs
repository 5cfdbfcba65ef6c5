//! What sessions miss is asked of the real server, and is exact from then on.

use std::path::Path;
use std::sync::Arc;

use firefly::json::members;
use firefly::lake::Lake;
use firefly::simulator::{Answering, RecordedWorld, Session, Verdict, commit};
use serde_json::{Value, json};

use crate::support::{firefly, notes, ok, rows, run};

/// An agent that varies what it asks with its seed.
fn agent(seed: usize) -> Vec<(&'static str, Value)> {
    let text = |n: usize| format!("note {}", (seed * 31 + n * 7) % 50);
    let mut calls = vec![("list_notes", json!({}))];
    for n in 0..4 {
        calls.push(("get_length", json!({"text": text(n)})));
        calls.push(("create_note", json!({"text": text(n + 1)})));
        calls.push(("list_notes", json!({})));
    }
    calls
}

/// Verdicts of a session that makes `calls`, which are logged in the lake.
fn session(lake: &Path, name: &str, calls: &[(&str, Value)]) -> Vec<(Verdict, Value)> {
    let lake = Lake::open(lake).unwrap();
    let read = lake.session().unwrap();
    let world = RecordedWorld::load(&read).unwrap();
    world.learn_volatile(&read).unwrap();
    let mut session = Session::new(name.into(), None, Arc::new(world)).with(Answering::near());
    let said = calls
        .iter()
        .map(|(tool, arguments)| {
            let reply = session.call("notes", tool, &members(arguments));
            (reply.verdict, serde_json::from_str(reply.reply["content"][0]["text"].as_str().unwrap_or("null")).unwrap_or_default())
        })
        .collect();
    commit(&lake, &session.take_log()).unwrap();
    said
}

#[test]
fn misses_are_made_up_for_in_the_state_that_asks_again() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, config) = notes(folder.path());
    let explore = || run(firefly(&lake).args(["explore", "--misses", "--config"]).arg(&config));
    assert!(explore().err.contains("no session asked for anything"), "{}", explore().err);
    let calls = agent(1);
    let first = session(&lake, "first", &calls);
    assert!(first.iter().all(|(verdict, _)| *verdict == Verdict::Miss), "{first:?}");
    let done = explore();
    assert!(done.code == 0 && done.err.contains("13 calls that sessions missed, in 1 episodes"), "{}", done.err);
    let second = session(&lake, "second", &calls);
    assert!(second.iter().all(|(verdict, _)| *verdict == Verdict::Exact), "{second:?}");
    // What was written is read again, in order.
    let texts: Vec<&Value> = calls.iter().filter(|(tool, _)| *tool == "create_note").map(|(_, a)| &a["text"]).collect();
    assert_eq!(second.last().unwrap().1["notes"], json!(texts));
    assert!(explore().err.contains("no session asked for anything"));
    // Another agent meets the same fresh world, and misses what nobody asked yet.
    let third = session(&lake, "third", &agent(2));
    assert_eq!(third[0].0, Verdict::Exact);
    assert!(third.iter().any(|(verdict, _)| *verdict == Verdict::Miss));
    assert_eq!(explore().code, 0);
    assert!(session(&lake, "fourth", &agent(2)).iter().all(|(verdict, _)| *verdict == Verdict::Exact));
    // The shares by round are a query.
    let shares: Vec<Value> = serde_json::from_str(&ok(firefly(&lake).args(["stats", "simulator", "--format", "json"]))).unwrap();
    let share = |round: i64, verdict: &str| {
        shares.iter().find(|r| r["round"] == round && r["verdict"] == verdict).map_or(0.0, |r| r["share"].as_f64().unwrap())
    };
    assert_eq!((share(1, "miss"), share(3, "exact"), share(3, "miss")), (1.0, 1.0, 0.0), "{shares:?}");
    // Walks of this kind are nobody else's work.
    assert_eq!(rows(&lake, "SELECT count(*) AS n FROM dag WHERE shape = 'miss'")[0]["n"], 2);
    assert!(run(firefly(&lake).args(["explore", "--config"]).arg(&config)).err.contains("has been explored"));
}
