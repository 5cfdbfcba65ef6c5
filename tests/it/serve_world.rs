//! The simulator's core: which recorded call answers, and which never does.

use std::sync::Arc;

use firefly::json::{canonical, members};
use firefly::lake::{Lake, Lineage, Output};
use firefly::simulator::{Answering, Form, RecordedWorld, Session, Verdict, write_completed, write_plain};
use firefly::state::States;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// A lake of recorded calls, made as an exploration records them.
struct Recording {
    tools: Vec<Value>,
    calls: Vec<Value>,
    states: States,
    episode: usize,
}

impl Recording {
    fn new() -> Recording {
        Recording { tools: Vec::new(), calls: Vec::new(), states: States::default(), episode: 0 }
    }

    fn tool(&mut self, name: &str, schema: Value) {
        let place = self.tools.len();
        self.tools.push(json!({"server": "s", "tool": name, "input_schema": schema.to_string(), "position": place, "tool_hash": name}));
    }

    /// Begins another episode, on a fresh server.
    fn episode(&mut self) {
        self.episode += 1;
        self.states = States::default();
    }

    fn call(&mut self, tool: &str, arguments: Value, reply: Value, reads: bool) {
        let state = self.states.key("s", false).to_owned();
        let failed = reply["isError"] == true;
        self.calls.push(json!({
            "episode_id": format!("e{:05}", self.episode), "call_index": self.calls.len(), "server": "s", "tool": tool,
            "arguments": canonical(&arguments), "reply": reply.to_string(), "result": reply["content"][0]["text"].to_string(),
            "is_error": failed, "error_kind": if failed { json!("tool") } else { Value::Null }, "state_key": state,
            "result_hash": reply.to_string(), "source": "live", "latency_us": 1,
        }));
        if !reads {
            self.states.advance("s", tool, &members(&arguments));
        }
    }

    fn says(&mut self, tool: &str, arguments: Value, text: &str) {
        self.call(tool, arguments, json!({"content": [{"type": "text", "text": text}]}), !tool.starts_with("create"));
    }

    fn fails(&mut self, tool: &str, arguments: Value, text: &str) {
        self.call(tool, arguments, json!({"content": [{"type": "text", "text": text}], "isError": true}), true);
    }

    fn world(&self) -> (TempDir, Arc<RecordedWorld>) {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::init(folder.path().join("lake")).unwrap();
        let session = lake.session().unwrap();
        session.put("tool", &self.tools).unwrap();
        session.put("call", &self.calls).unwrap();
        let lineage = Lineage::of(&session, "test", &[], json!({}), None);
        lake.commit(&session, lineage, &["tool", "call"].map(Output::append)).unwrap();
        let session = lake.session().unwrap();
        let world = RecordedWorld::load(&session).unwrap();
        world.learn_volatile(&session).unwrap();
        (folder, Arc::new(world))
    }
}

fn strict(world: &Arc<RecordedWorld>) -> Session {
    Session::new("test".into(), None, world.clone())
}

fn near(world: &Arc<RecordedWorld>) -> Session {
    strict(world).with(Answering::near())
}

fn said(reply: &Value) -> &str {
    reply["content"][0]["text"].as_str().unwrap_or_default()
}

fn ask(session: &mut Session, tool: &str, arguments: Value) -> (Verdict, String) {
    let reply = session.call("s", tool, &members(&arguments));
    (reply.verdict, said(&reply.reply).to_owned())
}

#[test]
fn the_same_call_is_exact_and_the_same_meaning_canonical() {
    let mut recording = Recording::new();
    let filter = json!({"type": "object", "properties": {"deep": {"type": "boolean", "default": false}, "name": {"type": "string"}}});
    recording.tool(
        "list",
        json!({"type": "object", "required": ["name"], "properties": {
            "name": {"type": "string"}, "limit": {"type": "integer", "default": 10}, "path": {"type": "string"},
            "note": {"type": ["string", "null"]}, "filters": {"type": "array", "items": filter},
            "sort": {"type": ["string", "null"], "default": "up"}}}),
    );
    recording.says("list", json!({"name": "caf\u{e9}", "path": "a/b", "filters": [{"name": "x"}]}), "one");
    let (_folder, world) = recording.world();
    let mut session = strict(&world);
    let same = json!({"filters": [{"name": "x"}], "path": "a/b", "name": "caf\u{e9}"});
    assert_eq!(ask(&mut session, "list", same), (Verdict::Exact, "one".into()));
    let others = [
        json!({"name": "cafe\u{301}", "path": "a/b", "filters": [{"name": "x"}]}),
        json!({"name": "caf\u{e9}", "path": "./a//b/", "filters": [{"name": "x"}], "limit": 10.0}),
        json!({"name": "caf\u{e9}", "path": "a/b", "filters": [{"name": "x", "deep": false}], "note": null}),
        json!({"name": "caf\u{e9}", "path": "a/b", "filters": [{"name": "x"}], "sort": "up", "_meta": {"progressToken": 1}}),
    ];
    for other in others {
        assert_eq!(ask(&mut session, "list", other.clone()), (Verdict::Canonical, "one".into()), "{other}");
    }
    let different = [
        json!({"name": "cafe", "path": "a/b", "filters": [{"name": "x"}]}),
        json!({"name": "caf\u{e9}", "path": "a/b", "filters": [{"name": "x"}], "limit": 11}),
        // Null is allowed here beside another default: it is a value of its own.
        json!({"name": "caf\u{e9}", "path": "a/b", "filters": [{"name": "x"}], "sort": null}),
    ];
    for other in different {
        assert_eq!(ask(&mut session, "list", other.clone()).0, Verdict::Miss, "{other}");
    }
    // A verdict that may not be given is a miss.
    let mut exact = strict(&world).with(Answering { verdicts: vec![Verdict::Exact], ..Answering::strict() });
    assert_eq!(ask(&mut exact, "list", json!({"name": "cafe\u{301}", "path": "a/b", "filters": [{"name": "x"}]})).0, Verdict::Miss);
}

#[test]
fn what_a_session_wrote_is_answered_from_the_recorded_path_or_not_at_all() {
    let mut recording = Recording::new();
    recording.tool("create_note", json!({"type": "object", "properties": {"text": {"type": "string"}}}));
    recording.tool("list_notes", json!({"type": "object", "properties": {}}));
    recording.says("list_notes", json!({}), "none");
    recording.says("create_note", json!({"text": "a"}), "made 1");
    recording.says("list_notes", json!({}), "a");
    recording.says("create_note", json!({"text": "b"}), "made 2");
    recording.says("list_notes", json!({}), "a, b");
    recording.episode();
    recording.says("create_note", json!({"text": "b"}), "made 1");
    let (_folder, world) = recording.world();
    let mut one = near(&world);
    assert_eq!(ask(&mut one, "list_notes", json!({})), (Verdict::Exact, "none".into()));
    assert_eq!(ask(&mut one, "create_note", json!({"text": "a"})), (Verdict::Exact, "made 1".into()));
    assert_eq!(ask(&mut one, "list_notes", json!({})), (Verdict::Exact, "a".into()));
    // Another session has its own notes.
    let mut two = near(&world);
    assert_eq!(ask(&mut two, "list_notes", json!({})), (Verdict::Exact, "none".into()));
    // `b` first was recorded too, but nothing after it: what follows is a miss, not the notes of another world.
    assert_eq!(ask(&mut two, "create_note", json!({"text": "b"})), (Verdict::Exact, "made 1".into()));
    assert_eq!(ask(&mut two, "list_notes", json!({})).0, Verdict::Miss);
    // A write that nobody made is refused and changes nothing.
    assert_eq!(ask(&mut one, "create_note", json!({"text": "c"})).0, Verdict::Miss);
    assert_eq!(ask(&mut one, "list_notes", json!({})), (Verdict::Exact, "a".into()));
    assert_eq!(ask(&mut one, "create_note", json!({"text": "b"})), (Verdict::Exact, "made 2".into()));
    assert_eq!(ask(&mut one, "list_notes", json!({})), (Verdict::Exact, "a, b".into()));
}

#[test]
fn broken_arguments_get_the_error_that_the_server_was_heard_to_give() {
    let mut recording = Recording::new();
    let schema = json!({"type": "object", "required": ["city"], "additionalProperties": false, "properties": {
        "city": {"type": "string"}, "days": {"type": "integer"}, "unit": {"enum": ["c", "f"]}}});
    recording.tool("get_weather", schema.clone());
    recording.tool("get_tides", schema);
    recording.tool("get_moon", json!({"type": "object", "properties": {"day": {"type": "integer"}}}));
    recording.fails("get_weather", json!({}), "MCP error -32602: city is needed by get_weather");
    recording.fails("get_weather", json!({"city": "Oslo", "days": "soon"}), "days: cannot read 'soon' as a whole number");
    // This server reads numbers from texts, whatever its schema says.
    recording.says("get_moon", json!({"day": "3"}), "half");
    let (_folder, world) = recording.world();
    let mut session = strict(&world);
    assert_eq!(ask(&mut session, "get_weather", json!({})).0, Verdict::Exact);
    let (verdict, text) = ask(&mut session, "get_weather", json!({"city": "Rome", "days": "later"}));
    assert_eq!((verdict, text.as_str()), (Verdict::Invalid, "days: cannot read 'later' as a whole number"));
    // Another tool of the server says it alike, of itself.
    let (verdict, text) = ask(&mut session, "get_tides", json!({}));
    assert_eq!((verdict, text.as_str()), (Verdict::Invalid, "MCP error -32602: city is needed by get_tides"));
    // Nothing like it was heard: what the protocol asks for.
    let reply = session.call("s", "get_weather", &members(&json!({"city": "Rome", "unit": "k"})));
    assert_eq!(reply.verdict, Verdict::Invalid);
    assert_eq!(reply.reply["isError"], true);
    assert!(said(&reply.reply).starts_with("Input validation error: /unit"), "{}", reply.reply);
    assert_eq!(ask(&mut session, "get_moon", json!({"day": "4"})).0, Verdict::Miss);
    assert_eq!(ask(&mut session, "no_tool", json!({})).0, Verdict::Invalid);
}

#[test]
fn a_near_call_answers_only_where_nearness_was_shown() {
    let mut recording = Recording::new();
    let text = |name: &str| json!({"type": "object", "properties": {name: {"type": "string"}}});
    recording.tool("search_topic", text("query"));
    recording.tool("compute_square", json!({"type": "object", "properties": {"n": {"type": "number"}}}));
    recording.tool("get_user", text("user_id"));
    let topics = ["whales", "volcanoes", "bridges", "comets", "glaciers", "tulips"];
    for n in 0..48 {
        let topic = topics[n % topics.len()];
        recording.says("search_topic", json!({"query": format!("articles w{n} {topic}")}), &format!("all on {topic}"));
    }
    for n in 1..60 {
        recording.says("compute_square", json!({"n": n}), &(n * n).to_string());
        recording.says("get_user", json!({"user_id": format!("user_{n:04}")}), &format!("person {n}"));
    }
    let (_folder, world) = recording.world();
    let mut session = near(&world);
    let reply = session.call("s", "search_topic", &members(&json!({"query": "articles touching comets"})));
    assert_eq!((reply.verdict, said(&reply.reply)), (Verdict::Nearest, "all on comets"));
    assert!(reply.distance.unwrap() > 0.0 && reply.matched.is_some());
    assert_eq!(ask(&mut session, "search_topic", json!({"query": "recipes with saffron"})).0, Verdict::Miss);
    // The square of the number beside it is another number: nothing shows that near is near enough.
    assert_eq!(ask(&mut session, "compute_square", json!({"n": 33.5})).0, Verdict::Miss);
    // An id names one thing, however far one goes.
    let mut far = near(&world).with(Answering { max_distance: Some(100.0), ..Answering::near() });
    assert_eq!(ask(&mut far, "get_user", json!({"user_id": "user_0099"})).0, Verdict::Miss);
    assert_eq!(ask(&mut far, "compute_square", json!({"n": 33.5})).0, Verdict::Nearest);
    // Strict sessions answer nothing of the kind.
    assert_eq!(ask(&mut strict(&world), "search_topic", json!({"query": "articles touching comets"})).0, Verdict::Miss);
}

#[test]
fn near_calls_of_another_state_do_not_answer() {
    let mut recording = Recording::new();
    recording.tool("create_note", json!({"type": "object", "properties": {"text": {"type": "string"}}}));
    recording.tool("search_notes", json!({"type": "object", "properties": {"query": {"type": "string"}}}));
    for n in 0..40 {
        recording.says("search_notes", json!({"query": format!("every note {n}")}), "nothing");
    }
    recording.says("create_note", json!({"text": "a"}), "made");
    recording.says("search_notes", json!({"query": "every single note"}), "a");
    let (_folder, world) = recording.world();
    let mut session = near(&world);
    assert_eq!(ask(&mut session, "search_notes", json!({"query": "every note now"})), (Verdict::Nearest, "nothing".into()));
    assert_eq!(ask(&mut session, "create_note", json!({"text": "a"})).0, Verdict::Exact);
    let (verdict, text) = ask(&mut session, "search_notes", json!({"query": "every note now"}));
    assert!(verdict == Verdict::Miss || text == "a", "{verdict:?} {text}");
}

#[test]
fn the_log_says_what_was_asked_and_how_it_was_answered() {
    let mut recording = Recording::new();
    recording.tool("get", json!({"type": "object", "properties": {"n": {"type": "integer"}}}));
    recording.says("get", json!({"n": 1}), "one");
    let (folder, world) = recording.world();
    let mut session = strict(&world);
    ask(&mut session, "get", json!({"n": 1}));
    ask(&mut session, "get", json!({"n": 2}));
    ask(&mut session, "other", json!({}));
    let log = session.take_log();
    let verdicts: Vec<_> = log.iter().map(|row| (row.call_index, row.tool.as_str(), row.verdict, row.distance)).collect();
    assert_eq!(verdicts, [(0, "get", "exact", Some(0.0)), (1, "get", "miss", None), (2, "other", "invalid", None)]);
    assert!(session.take_log().is_empty());
    let lake = Lake::open(folder.path().join("lake")).unwrap();
    firefly::simulator::commit(&lake, &log).unwrap();
    assert_eq!(lake.session().unwrap().count("SELECT count(*) FROM sim_call WHERE matched_call = 0").unwrap(), 1);
}

#[test]
fn many_threads_and_one_give_the_same_transcripts() {
    let mut recording = Recording::new();
    recording.tool("search_topic", json!({"type": "object", "properties": {"query": {"type": "string"}}}));
    recording.tool("create_note", json!({"type": "object", "properties": {"text": {"type": "string"}}}));
    for n in 0..60 {
        recording.says("search_topic", json!({"query": format!("articles w{n} {}", ["whales", "comets"][n % 2])}), ["w", "c"][n % 2]);
    }
    recording.says("create_note", json!({"text": "a"}), "made");
    recording.says("search_topic", json!({"query": "articles w1 comets"}), "c");
    let transcripts = |threads: usize| {
        let (_folder, world) = recording.world();
        let episode = |number: usize| {
            let mut session = near(&world);
            let mut transcript = String::new();
            for step in 0..8 {
                let topic = ["whales", "comets", "tulips"][(number + step) % 3];
                let call = match (number + step) % 5 {
                    0 => ("create_note", json!({"text": if step % 2 == 0 { "a" } else { "b" }})),
                    1 => ("search_topic", json!({"query": 7})),
                    _ => ("search_topic", json!({"query": format!("articles w{} {topic}", number * 3 + step)})),
                };
                let reply = session.call("s", call.0, &members(&call.1));
                transcript.push_str(&format!("{} {:?} {:?} {}\n", reply.verdict.name(), reply.distance, reply.matched, reply.reply));
            }
            transcript
        };
        std::thread::scope(|scope| {
            let episode = &episode;
            let part = |t: usize| (0..1000).filter(move |n| n % threads == t).map(|n| (n, episode(n))).collect::<Vec<_>>();
            let parts: Vec<_> = (0..threads).map(|t| scope.spawn(move || part(t))).collect();
            let mut all: Vec<(usize, String)> = parts.into_iter().flat_map(|p| p.join().unwrap()).collect();
            all.sort();
            all
        })
    };
    let one = transcripts(1);
    assert!(["exact", "nearest", "invalid", "miss"].iter().all(|v| one.iter().any(|(_, t)| t.contains(v))));
    assert_eq!(one, transcripts(8));
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e12..1e12).prop_map(Value::from),
        (-1e6..1e6f64).prop_map(|n| Value::from(n.round())),
        "[ -~\u{e6}\u{301}\u{4e2d}\n\"\\\\]{0,12}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z0-9/~_\"]{0,6}", inner, 0..5).prop_map(|m| json!(m)),
        ]
    })
}

fn object() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("[a-z_]{0,6}", value(), 0..6).prop_map(|m| members(&json!(m)))
}

proptest! {
    #[test]
    fn arguments_are_written_as_canonical_json(arguments in object()) {
        let mut out = Vec::new();
        write_plain(&arguments, &mut out);
        prop_assert_eq!(String::from_utf8(out).unwrap(), canonical(&Value::Object(arguments)));
    }

    #[test]
    fn completing_twice_changes_nothing_more(schema in value(), arguments in object(), default in value()) {
        let schema = json!({"type": "object", "properties": {"a": schema, "b": {"default": default}}, "required": ["a"]});
        let form = Form::of(&schema);
        let mut once = Vec::new();
        write_completed(&form, &arguments, &mut once);
        let read: Value = serde_json::from_slice(&once).unwrap();
        let mut twice = Vec::new();
        write_completed(&form, &members(&read), &mut twice);
        prop_assert_eq!(String::from_utf8(once).unwrap(), String::from_utf8(twice).unwrap());
    }
}
