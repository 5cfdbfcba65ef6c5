//! Misses that are passed on to the real server: answered in the session's own state, and recorded.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use firefly::json::members;
use firefly::lake::Lake;
use firefly::mcp::{Fleet, Limits, config};
use firefly::simulator::live::Backing;
use firefly::simulator::{RecordedWorld, Session, Verdict};
use serde_json::{Value, json};

use crate::support::{notes, rows};

fn backing(config: &Path, servers: &[&str], always: bool) -> Arc<Backing> {
    let limits = Limits { call: Duration::from_secs(30), start: Duration::from_secs(60), contained: false };
    let fleet = Fleet::new(&config::read(config).unwrap(), None, limits);
    Backing::new(fleet, servers.iter().map(|s| (*s).to_owned()).collect(), always)
}

/// What a session with `backing` is told.
fn told(lake: &Path, name: &str, backing: Option<&Arc<Backing>>, calls: &[(&str, Value)]) -> Vec<(Verdict, Value)> {
    let world = RecordedWorld::load(&Lake::open(lake).unwrap().session().unwrap()).unwrap();
    let mut session = Session::new(name.into(), None, Arc::new(world)).backed(backing);
    let reply = |(tool, arguments): &(&str, Value)| {
        let reply = session.call("notes", tool, &members(arguments));
        let text = reply.reply["content"][0]["text"].as_str().unwrap_or("null");
        (reply.verdict, serde_json::from_str(text).unwrap_or_default())
    };
    calls.iter().map(reply).collect()
}

#[test]
fn a_miss_is_asked_of_the_real_server_in_the_sessions_state() {
    let folder = tempfile::tempdir().unwrap();
    let (lake, config) = notes(folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let live = backing(&config, &["notes"], false);
        let write = |text: &str| ("create_note", json!({"text": text}));
        let read = ("list_notes", json!({}));
        let first = [write("milk"), read.clone(), write("bread"), read.clone()];
        let said = told(&lake, "first", Some(&live), &first);
        assert!(said.iter().all(|(verdict, _)| *verdict == Verdict::Live), "{said:?}");
        assert_eq!(said[3].1["notes"], json!(["milk", "bread"]));
        assert_eq!(live.commit(&Lake::open(&lake).unwrap()).unwrap(), 4);
        // What was recorded answers a session without servers, in each state.
        let again = told(&lake, "second", None, &first);
        assert!(again.iter().all(|(verdict, _)| *verdict == Verdict::Exact), "{again:?}");
        assert_eq!(again.iter().map(|s| &s.1).collect::<Vec<_>>(), said.iter().map(|s| &s.1).collect::<Vec<_>>());
        // A session that leaves the recorded path goes on from what it has written, not from another world.
        let aside = told(&lake, "third", Some(&live), &[write("milk"), write("tea"), read.clone()]);
        assert_eq!(aside.iter().map(|s| s.0).collect::<Vec<_>>(), [Verdict::Exact, Verdict::Live, Verdict::Live]);
        assert_eq!(aside[2].1["notes"], json!(["milk", "tea"]));
        // Sessions do not see each other's writes.
        let fresh = told(&lake, "fourth", Some(&live), &[write("salt"), read.clone()]);
        assert_eq!(fresh[1].1["notes"], json!(["salt"]));
        // What is not named is not asked.
        let other = backing(&config, &[], false);
        assert_eq!(told(&lake, "fifth", Some(&other), &[write("oil")])[0].0, Verdict::Miss);
        // Where every call is to be live, what is recorded is asked as well.
        let always = backing(&config, &["notes"], true);
        assert!(told(&lake, "sixth", Some(&always), &first).iter().all(|(verdict, _)| *verdict == Verdict::Live));
    });
    let kept = rows(&lake, "SELECT policy, count(*) AS n FROM episode INNER JOIN call USING (episode_id) GROUP BY policy");
    assert_eq!(kept, [json!({"policy": "live", "n": 4})]);
}
