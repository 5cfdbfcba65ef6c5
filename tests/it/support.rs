//! What several tests need.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `firefly` on `lake`, with nothing of the caller's settings.
pub fn firefly(lake: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firefly"));
    for name in ["FIREFLY_LAKE", "FIREFLY_SEED", "FIREFLY_CONFIG", "FIREFLY_DATA"] {
        command.env_remove(name);
    }
    command.arg("--lake").arg(lake);
    command
}

/// What a command did.
pub struct Done {
    /// Exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Done {
    let output = command.output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a command that must succeed; its standard output.
pub fn ok(command: &mut Command) -> String {
    let done = run(command);
    assert_eq!(done.code, 0, "{command:?}\n{}\n{}", done.out, done.err);
    done.out
}

/// The rows of a query as JSON values.
pub fn rows(lake: &Path, query: &str) -> Vec<serde_json::Value> {
    let out = ok(firefly(lake).args(["sql", query, "--format", "json"]));
    serde_json::from_str(&out).unwrap()
}

/// A lake with the server of `tests/servers/notes.py`, and the config that names it.
pub fn notes(folder: &Path) -> (PathBuf, PathBuf) {
    let (lake, config) = (folder.join("lake"), folder.join("servers.json"));
    let script = root().join("tests/servers/notes.py");
    let servers = serde_json::json!({"mcpServers": {"notes": {"command": "python3", "args": [script]}}});
    std::fs::write(&config, servers.to_string()).unwrap();
    ok(firefly(&lake).arg("init"));
    ok(firefly(&lake).args(["ingest", "mcp", "--config"]).arg(&config));
    (lake, config)
}

/// A config with one rude server a mode, in `folder`.
pub fn rude_config(folder: &Path, modes: &[&str]) -> PathBuf {
    let script = root().join("tests/servers/rude.py");
    let server = |mode: &&str| ((*mode).to_owned(), serde_json::json!({"command": "python3", "args": [script, mode]}));
    let servers: serde_json::Map<String, serde_json::Value> = modes.iter().map(server).collect();
    let path = folder.join("servers.json");
    std::fs::write(&path, serde_json::json!({"mcpServers": servers}).to_string()).unwrap();
    path
}

/// The Python of `tests/clients/install.sh`, where it has these modules; the reason where it has not.
pub fn python(modules: &str) -> Result<PathBuf, String> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(|| std::env::home_dir().map(|h| h.join(".cache")));
    let python = base.ok_or("there is no home folder")?.join("firefly/clients/bin/python");
    match Command::new(&python).args(["-c", &format!("import {modules}")]).output() {
        Ok(output) if output.status.success() => Ok(python),
        _ => Err("its Python packages are not installed: `tests/clients/install.sh` installs them".into()),
    }
}

/// A lake that the real pipeline made from real servers, once for all tests that read it.
pub struct Made {
    _folder: TempDir,
    /// The lake.
    pub lake: PathBuf,
}

/// Servers of the demo that start fast; two of them give tasks that cross servers.
pub const SERVERS: [&str; 5] = ["ecommerce", "calc-mcp", "gnu-units", "lucide-icons", "time"];

static MADE: OnceLock<Result<Made, String>> = OnceLock::new();

/// The lake made from [`SERVERS`]; the reason where the packages can't be had on this machine.
pub fn made() -> Result<&'static Made, String> {
    MADE.get_or_init(make).as_ref().map_err(Clone::clone)
}

/// Runs the pipeline over [`SERVERS`] in the folder `lake`.
pub fn run_pipeline(lake: &Path, seed: &str) -> Done {
    let mut command = firefly(lake);
    let data = tempfile::tempdir().unwrap();
    command.args(["--seed", seed, "run", "--tasks", "30", "--data"]).arg(data.path());
    command.arg("--config").arg(root().join("demo/servers.json"));
    SERVERS.iter().for_each(|name| {
        command.args(["--server", name]);
    });
    run(&mut command)
}

fn make() -> Result<Made, String> {
    for program in ["npx", "uvx"] {
        Command::new(program).arg("--version").output().map_err(|_| format!("{program} is not installed"))?;
    }
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let done = run_pipeline(&lake, "7");
    if done.err.contains(": ended before its handshake") {
        return Err(format!("a server package can't be had on this machine:\n{}", done.err));
    }
    assert_eq!(done.code, 0, "{}\n{}", done.out, done.err);
    Ok(Made { _folder: folder, lake })
}

/// The lake of [`made`], or a clear word on what is skipped and why.
macro_rules! made_or_skip {
    () => {
        match crate::support::made() {
            Ok(made) => made,
            Err(reason) => {
                eprintln!("SKIPPED {}: {reason}", module_path!());
                return;
            }
        }
    };
}
pub(crate) use made_or_skip;
