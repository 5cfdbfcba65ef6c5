//! A server's process: what environment it gets, and how it and all it started are ended.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};

use crate::error::{Error, Result};
use crate::mcp::sandbox::{self, Room};
use crate::mcp::{World, packages, watch};

/// Variables of firefly's own environment that servers may see; all others stay outside.
const PASSED_ON: [&str; 9] =
    ["PATH", "PYENV_ROOT", "PYENV_VERSION", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SYSTEMROOT"];

/// Variables that say where package runners find packages.
const INDEXES: [&str; 6] = ["npm_config_registry", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS", "UV_NATIVE_TLS", "UV_PYTHON"];

/// Whether package runners such as `npx` and `uvx` may download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetch {
    /// Only what is in the caches: fast, and the only way without network.
    Cached,
    /// Whatever is missing.
    Missing,
}

/// A running server with all processes of its group; dropping it ends them.
pub struct ServerProcess {
    /// The process started.
    pub child: Child,
    group: Option<Pid>,
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            watch::forget(group);
            // The group may be gone already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// How a server is kept from the rest of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walls {
    /// By its environment and folder alone.
    None,
    /// In a sandbox without network.
    Closed,
    /// In a sandbox that shares the network.
    Network,
}

/// Starts `command` in `world`, with `folder` as its working folder.
pub fn spawn(
    command: &str,
    args: &[String],
    env: &BTreeMap<String, String>,
    world: &World,
    folder: &Path,
    fetch: Fetch,
    walls: Walls,
) -> Result<ServerProcess> {
    let mut all: BTreeMap<String, String> = environment(world, fetch).into_iter().collect();
    all.extend(env.clone());
    let (mut program, mut args) = (command.to_owned(), args.to_vec());
    let npx = Path::new(command).file_name().is_some_and(|name| name == "npx");
    if let Some((fetched, rest)) =
        all.get("npm_config_cache").filter(|_| npx && fetch == Fetch::Cached).and_then(|c| packages::fetched(Path::new(c), &args))
    {
        (program, args) = (fetched.to_string_lossy().into_owned(), rest);
    }
    if walls != Walls::None {
        if fetch == Fetch::Cached {
            // The packages are there: nothing needs to know where they came from, or a name and password for it.
            all.remove("npm_config_userconfig");
        }
        let room = Room { world, folder, env: &all, fetch, network: walls == Walls::Network };
        args = sandbox::arguments(&program, &args, &room);
        program = "bwrap".into();
    }
    let mut process = Command::new(&program);
    process
        .args(&args)
        .current_dir(folder)
        .env_clear()
        .envs(&all)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let child = process.spawn().map_err(Error::io("starting", command))?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    if let Some(group) = group.filter(|_| walls != Walls::None) {
        watch::watch(group);
    }
    Ok(ServerProcess { child, group })
}

/// Values of the caller's own environment that servers can see: the search path, and addresses with a user.
pub fn inherited() -> Vec<String> {
    let values = PASSED_ON.iter().chain(&INDEXES).filter_map(|name| Some((*name, std::env::var(name).ok()?)));
    values.filter(|(name, value)| *name == "PATH" && value.len() > 20 || value.contains('@')).map(|(_, value)| value).collect()
}

/// The environment a server starts with, before its config's own variables. Locale, time zone and
/// Python's hash seed are fixed, because servers whose replies depend on them would not repeat.
fn environment(world: &World, fetch: Fetch) -> Vec<(String, String)> {
    let own = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    let home = own("HOME").unwrap_or_else(|| "/".into());
    let cache = own("XDG_CACHE_HOME").unwrap_or_else(|| format!("{home}/.cache"));
    let data = own("XDG_DATA_HOME").unwrap_or_else(|| format!("{home}/.local/share"));
    let mut all: Vec<(String, String)> = PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), own(name)?))).collect();
    let mut set = |name: &str, value: String| all.push((name.to_owned(), value));
    set("HOME", world.home().to_string_lossy().into_owned());
    set("TMPDIR", world.tmp().to_string_lossy().into_owned());
    set("LANG", "C.UTF-8".into());
    set("TZ", "UTC".into());
    set("PYTHONHASHSEED", "0".into());
    set("PYTHONUNBUFFERED", "1".into());
    set("NO_COLOR", "1".into());
    // Package caches stay the user's: they are what makes a second start fast.
    set("npm_config_cache", own("npm_config_cache").unwrap_or_else(|| format!("{home}/.npm")));
    // npx reads there which registry to ask and how to build native parts; without it some packages come half installed.
    let npmrc = own("npm_config_userconfig").unwrap_or_else(|| format!("{home}/.npmrc"));
    if Path::new(&npmrc).is_file() {
        set("npm_config_userconfig", npmrc);
    }
    set("npm_config_update_notifier", "false".into());
    set("UV_CACHE_DIR", own("UV_CACHE_DIR").unwrap_or_else(|| format!("{cache}/uv")));
    set("UV_PYTHON_INSTALL_DIR", own("UV_PYTHON_INSTALL_DIR").unwrap_or_else(|| format!("{data}/uv/python")));
    set("UV_TOOL_DIR", own("UV_TOOL_DIR").unwrap_or_else(|| format!("{data}/uv/tools")));
    if std::env::var_os("PYENV_ROOT").is_none() && Path::new(&home).join(".pyenv").is_dir() {
        set("PYENV_ROOT", format!("{home}/.pyenv"));
    }
    for name in INDEXES {
        if let Some(value) = own(name) {
            set(name, value);
        }
    }
    if fetch == Fetch::Cached {
        set("UV_OFFLINE", "1".into());
        set("npm_config_offline", "true".into());
    }
    all
}

/// Whether `command` is a package runner, which may have to download before it can start a server.
pub fn is_package_runner(command: &str) -> bool {
    let name = Path::new(command).file_name().and_then(|n| n.to_str()).unwrap_or(command);
    matches!(name, "npx" | "uvx" | "uv" | "npm" | "pnpm" | "bunx" | "pipx")
}
