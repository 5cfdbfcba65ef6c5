//! Half an hour of mixed clients, rude ones among them: the server keeps its size, answers each session from its own state, and never
//! falls. `make bench BENCH=soak`; `FIREFLY_SOAK_MINUTES` sets how long.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::client::{Client, Served};
use crate::measure::Report;
use crate::serve::firefly;

/// Clients at once that behave, and that do not.
const POLITE: usize = 6;
const RUDE: usize = 2;
/// Pause between two requests of a client, so that half an hour is a day of work and not a benchmark.
const PAUSE: Duration = Duration::from_millis(20);

/// What clients counted.
#[derive(Default)]
struct Tally {
    requests: AtomicUsize,
    sessions: AtomicUsize,
    rude: AtomicUsize,
    wrong: AtomicUsize,
}

pub fn run(report: &mut Report) {
    let minutes: f64 = std::env::var("FIREFLY_SOAK_MINUTES").ok().and_then(|m| m.parse().ok()).unwrap_or(30.0);
    let folder = tempfile::tempdir().expect("a folder");
    let Some(lake) = recorded(folder.path()) else {
        return report.skipped("soak", "python3 is not there");
    };
    let (mut served, _) = Served::start(firefly(&lake).args(["--idle", "10", "--max-sessions", "4096"]));
    let (tally, stop) = (Tally::default(), AtomicBool::new(false));
    let mut sizes: Vec<(f64, f64)> = Vec::new();
    std::thread::scope(|scope| {
        for number in 0..POLITE {
            let (served, tally, stop) = (&served, &tally, &stop);
            scope.spawn(move || polite(served, tally, stop, number as u64));
        }
        for number in 0..RUDE {
            let (served, tally, stop) = (&served, &tally, &stop);
            scope.spawn(move || rude(served, tally, stop, number as u64));
        }
        let (started, length) = (Instant::now(), Duration::from_secs_f64(minutes * 60.0));
        while started.elapsed() < length {
            std::thread::sleep(Duration::from_secs(5).min(length));
            sizes.push((started.elapsed().as_secs_f64(), served.resident_mib()));
        }
        stop.store(true, Ordering::Relaxed);
    });
    let of = |n: &AtomicUsize| n.load(Ordering::Relaxed);
    // The first fifth is what caches need to fill; then the middle of an early and of a late fifth are compared.
    let fifth = |n: usize| median(sizes.iter().skip(n * sizes.len() / 5).take(sizes.len() / 5).map(|s| s.1).collect());
    let (early, late) = (fifth(1), fifth(4));
    let how = format!(
        "{minutes} minutes, {} requests in {} sessions, {} rude ones; {early:.1} then {late:.1} MiB",
        of(&tally.requests),
        of(&tally.sessions),
        of(&tally.rude)
    );
    report.row("soak: growth in percent", 100.0 * (late / early - 1.0), 5.0, &how);
    report.row("soak: answers of another session, or none", of(&tally.wrong) as f64, 0.0, "");
    report.at_least("soak: the server lives", f64::from(u8::from(served.lives())), 1.0, "");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Words that notes are made of.
const WORDS: [&str; 4] = ["milk", "bread", "tea", "salt"];

/// A lake in which every order of up to three different notes was recorded, each followed by a look at all notes.
fn recorded(folder: &Path) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (lake, config) = (folder.join("lake"), folder.join("servers.json"));
    let script = root.join("tests/servers/notes.py");
    std::fs::write(&config, json!({"mcpServers": {"notes": {"command": "python3", "args": [script]}}}).to_string()).ok()?;
    let firefly = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_firefly"));
        command.env_remove("FIREFLY_LAKE").arg("--lake").arg(&lake).arg("--quiet");
        command
    };
    let ok = |command: &mut Command| command.status().is_ok_and(|status| status.success());
    if !ok(firefly().arg("init")) || !ok(firefly().args(["ingest", "mcp", "--config"]).arg(&config)) {
        return None;
    }
    // What sessions miss is recorded: one session an order.
    let (served, _) = Served::start(crate::serve::firefly(&lake).args(["--live", "notes", "--config"]).arg(&config));
    for a in WORDS {
        for b in WORDS {
            for c in WORDS {
                let mut client = Client::connect(served.address);
                for (at, word) in [a, b, c].into_iter().enumerate() {
                    client.call(at * 2 + 1, "notes__create_note", &json!({"text": word}));
                    client.call(at * 2 + 2, "notes__list_notes", &json!({}));
                }
                client.end();
            }
        }
    }
    served.interrupt();
    Some(lake)
}

/// Opens sessions, writes notes and reads them back: each must read what it wrote, and nothing else.
fn polite(served: &Served, tally: &Tally, stop: &AtomicBool, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    while !stop.load(Ordering::Relaxed) {
        let mut client = Client::connect(served.address);
        tally.sessions.fetch_add(1, Ordering::Relaxed);
        let mut written: Vec<&str> = Vec::new();
        for at in 0..rng.random_range(1..=3_usize) {
            let word = WORDS[rng.random_range(0..WORDS.len())];
            written.push(word);
            client.call(at * 2 + 1, "notes__create_note", &json!({"text": word}));
            let said = client.call(at * 2 + 2, "notes__list_notes", &json!({}));
            let notes: Value = said["result"]["content"][0]["text"].as_str().and_then(|t| serde_json::from_str(t).ok()).unwrap_or_default();
            if notes["notes"] != json!(written) {
                tally.wrong.fetch_add(1, Ordering::Relaxed);
                eprintln!("wrote {written:?}, read {said}");
            }
            tally.requests.fetch_add(2, Ordering::Relaxed);
            std::thread::sleep(PAUSE);
        }
        // Some say goodbye; the others are forgotten when they were idle for long.
        if rng.random_bool(0.8) {
            client.end();
        }
    }
}

/// Sends what no client should.
fn rude(served: &Served, tally: &Tally, stop: &AtomicBool, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
    while !stop.load(Ordering::Relaxed) {
        tally.rude.fetch_add(1, Ordering::Relaxed);
        let Ok(mut stream) = TcpStream::connect(served.address) else { continue };
        let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
        let head = |path: &str, length: usize| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {length}\r\n\r\n"
            )
        };
        let bytes: Vec<u8> = match rng.random_range(0..7) {
            0 => (0..rng.random_range(1..400)).map(|_| rng.random()).collect(),
            1 => format!("{}{{\"jsonrpc\":", head("/mcp", 5000)).into_bytes(),
            2 => format!("{}{}", head("/mcp", 4000), "[".repeat(4000)).into_bytes(),
            3 => head("/mcp", 1 << 30).into_bytes(),
            4 => format!("{}{{}}", head("/verify", 2)).into_bytes(),
            5 => b"GET /openenv/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".to_vec(),
            _ => {
                let body = json!({"jsonrpc": "2.0", "id": "\u{0}", "method": "tools/call", "params": {"name": 7}}).to_string();
                format!("{}{body}", head("/mcp", body.len()).replace("Accept", "Mcp-Session-Id: nobody\r\nAccept")).into_bytes()
            }
        };
        let _ = stream.write_all(&bytes);
        let _ = stream.read(&mut [0u8; 512]);
        if rng.random_bool(0.5) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        std::thread::sleep(PAUSE);
    }
}
