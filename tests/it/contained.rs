//! A server in its sandbox tries to get out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use firefly::mcp::{Limits, LiveServer, ServerConfig, World, config, sandbox};
use serde_json::{Value, json};

/// Runs each piece of code in a contained server; what it said of each. None, and a word on why, where this machine
/// has no sandbox.
fn attempts(codes: &[String], marker: &str) -> Option<Vec<String>> {
    if let Some(why) = sandbox::missing() {
        eprintln!("SKIPPED: no sandbox on this machine: {why}");
        return None;
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    Some(runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/breakout.py");
        let text = json!({"mcpServers": {"b": {"command": "python3", "args": [server, marker]}}}).to_string();
        let path = folder.path().join("servers.json");
        std::fs::write(&path, text).unwrap();
        let config: ServerConfig = config::read(&path).unwrap().remove(0);
        let world = Arc::new(World::new(None).unwrap());
        let limits = Limits { contained: true, call: Duration::from_secs(20), ..Limits::default() };
        let live = LiveServer::start(&config, &world, limits).await.unwrap();
        let mut said = Vec::new();
        for code in codes {
            let arguments = json!({"code": code});
            let outcome = live.call("try", arguments.as_object().unwrap()).await;
            let reply = outcome.reply.unwrap_or_default();
            said.push(reply.pointer("/content/0/text").and_then(Value::as_str).map_or(format!("{:?}", outcome.error), str::to_owned));
        }
        drop(live);
        said
    }))
}

fn one(code: impl Into<String>) -> Option<String> {
    attempts(&[code.into()], "one").map(|mut said| said.remove(0))
}

#[test]
fn the_users_home_and_the_rest_of_the_machine_are_not_there() {
    let home = PathBuf::from(std::env::var_os("HOME").unwrap());
    let secret = tempfile::Builder::new().prefix(".firefly-secret-").tempfile_in(&home).unwrap();
    let shown = |path: &Path| format!("out = open({:?}).read()", path.to_string_lossy());
    let codes = [
        shown(secret.path()),
        shown(Path::new("/etc/shadow")),
        shown(Path::new("/etc/passwd")),
        "import os; out = [name for name in os.environ if 'CARGO' in name or 'SSH' in name]".to_owned(),
        "import os; out = sorted(p for p in os.listdir('/proc') if p.isdigit() and len(open(f'/proc/{p}/cmdline').read()) > 0).__len__() < 8"
            .to_owned(),
    ];
    let Some(said) = attempts(&codes, "home") else { return };
    for stopped in &said[..3] {
        assert!(stopped.starts_with("stopped: FileNotFoundError"), "{stopped}");
    }
    assert_eq!(said[3], "done: []");
    assert_eq!(said[4], "done: True");
}

#[test]
fn nothing_outside_its_folder_can_be_written() {
    let root = env!("CARGO_MANIFEST_DIR");
    let write = |path: &str| format!("open('{path}', 'w').write('x'); out = 'written'");
    let codes = [
        write("/firefly-was-here"),
        write("/usr/firefly-was-here"),
        write(&format!("{root}/tests/servers/firefly-was-here")),
        write(&format!("{root}/firefly-was-here")),
        write("own.txt"),
    ];
    let Some(said) = attempts(&codes, "write") else { return };
    for stopped in &said[..3] {
        assert!(stopped.starts_with("stopped: "), "{stopped}");
    }
    // A checkout in the temporary folder is in a folder of the sandbox's own there.
    assert!(said[3].starts_with("stopped: ") || Path::new(root).starts_with(std::env::temp_dir()), "{}", said[3]);
    assert_eq!(said[4], "done: written");
    for place in ["firefly-was-here", "tests/servers/firefly-was-here"] {
        assert!(!Path::new(root).join(place).exists());
    }
}

#[test]
fn neither_loopback_nor_the_network_is_reached() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let codes = [("127.0.0.1", port), ("192.0.2.1", 80)]
        .map(|(host, port)| format!("import socket; socket.create_connection(('{host}', {port}), 3); out = 'connected'"));
    let Some(said) = attempts(&codes, "net") else { return };
    assert!(said[0].contains("refused"), "{}", said[0]);
    assert!(said[1].contains("unreachable"), "{}", said[1]);
}

#[test]
fn memory_and_files_have_limits() {
    let codes = ["out = len(bytearray(5 << 30))", "f = open('big', 'wb'); f.truncate(2 << 30); out = 'written'"];
    let Some(said) = attempts(&codes.map(str::to_owned), "limits") else { return };
    assert!(said[0].starts_with("stopped: MemoryError"), "{}", said[0]);
    assert!(!said[1].contains("written"), "{}", said[1]);
}

#[test]
fn a_fork_bomb_goes_off_in_its_sandbox() {
    let bomb = "import os, time\nmade = 0\ntry:\n  while made < 20000:\n    if os.fork() == 0:\n      time.sleep(60); os._exit(0)\n    made += 1\nexcept OSError:\n  time.sleep(2)\nout = 'all made'";
    let Some(said) = one(bomb) else { return };
    // Either the kernel says no, or the whole sandbox is ended.
    assert!(!said.contains("all made") || said.contains("Exit"), "{said}");
}

#[test]
fn what_it_started_ends_with_it() {
    let marker = format!("firefly-grandchild-{}", std::process::id());
    let code = format!(
        "import os, signal, subprocess\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsubprocess.Popen(['python3', '-c', 'import time; time.sleep(600)', '{marker}'], start_new_session=True)\nout = 1"
    );
    let Some(said) = attempts(&[code], &marker) else { return };
    assert_eq!(said[0], "done: 1");
    let alive = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter(|p| std::fs::read(p.path().join("cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains(&marker))).count()
    };
    let until = Instant::now() + Duration::from_secs(10);
    while alive() > 0 && Instant::now() < until {
        std::thread::yield_now();
    }
    assert_eq!(alive(), 0);
}

#[test]
fn an_escape_by_a_link_in_its_folder_leads_nowhere() {
    let Some(said) = one("import os; os.symlink('/etc/passwd', 'link'); out = open('link').read()") else { return };
    assert!(said.starts_with("stopped: FileNotFoundError"), "{said}");
}
