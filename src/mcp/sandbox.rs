//! The sandbox that servers run in on Linux: bubblewrap, with process, user, mount, IPC and network namespaces of
//! its own. Visible are the system's programs, the package caches, what the config's arguments name, and the folder
//! of the episode; only the last can be written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;

use crate::mcp::World;
use crate::mcp::process::Fetch;

/// Most private writable memory of one process, in bytes. Address space would be the wrong thing to limit: Node
/// reserves far more than it uses.
const MEMORY: u64 = 4 << 30;
/// Largest file, in bytes.
const FILE: u64 = 1 << 30;
/// Most processes and threads.
const PROCESSES: u32 = 512;
/// Size of each folder that is kept in memory, in bytes.
const SCRATCH: u64 = 256 << 20;
/// What of `/etc` is no secret and needed to run at all.
const ETC: [&str; 8] = [
    "/etc/ssl",
    "/etc/ca-certificates",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/mime.types",
    "/etc/localtime",
    "/etc/fonts",
];
/// What of `/etc` reaching the network takes.
const ETC_NET: [&str; 4] = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/npmrc"];

/// Why there can be no sandbox on this machine; none where there can. Tried once a process.
pub fn missing() -> Option<&'static str> {
    static TRIED: OnceLock<Option<String>> = OnceLock::new();
    TRIED.get_or_init(try_it).as_deref()
}

fn try_it() -> Option<String> {
    let plain = ["--unshare-user", "--unshare-all", "--disable-userns", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"];
    match std::process::Command::new("bwrap").args(plain).stdin(Stdio::null()).output() {
        Ok(done) if done.status.success() => None,
        Ok(done) => Some(format!("bubblewrap can't make one here: {}", String::from_utf8_lossy(&done.stderr).trim())),
        Err(_) => Some("bubblewrap is not installed (`apt-get install bubblewrap`)".to_owned()),
    }
}

/// What one server is given.
pub struct Room<'a> {
    /// The folder of the episode.
    pub world: &'a World,
    /// The server's working folder in it.
    pub folder: &'a Path,
    /// The server's whole environment.
    pub env: &'a BTreeMap<String, String>,
    /// Whether packages are being fetched: then caches can be written and the network be reached.
    pub fetch: Fetch,
    /// Whether the user lets this server reach the network.
    pub network: bool,
}

/// The arguments with which `bwrap` runs `command` with `args` in `room`.
pub fn arguments(command: &str, args: &[String], room: &Room<'_>) -> Vec<String> {
    let fetching = room.fetch == Fetch::Missing;
    let mut mounts = Mounts::default();
    mounts.flags(&["--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session"]);
    mounts.flags(&["--uid", "1000", "--gid", "1000", "--cap-drop", "ALL", "--hostname", "firefly"]);
    if fetching || room.network {
        mounts.flags(&["--share-net"]);
    }
    mounts.system();
    let etc = ETC.iter().chain(if fetching || room.network { ETC_NET.as_slice() } else { &[] });
    etc.for_each(|path| mounts.show(Path::new(path)));
    mounts.flags(&["--proc", "/proc", "--dev", "/dev"]);
    mounts.scratch(Path::new("/tmp"));
    let var = |name: &str| room.env.get(name).filter(|v| !v.is_empty());
    for folder in var("PATH").iter().flat_map(|path| std::env::split_paths(path.as_str())) {
        mounts.show(&installation(&folder));
    }
    for name in ["PYENV_ROOT", "UV_PYTHON_INSTALL_DIR"] {
        var(name).iter().for_each(|path| mounts.show(Path::new(path)));
    }
    for cache in ["UV_CACHE_DIR", "npm_config_cache", "UV_TOOL_DIR"].iter().filter_map(|name| var(name)) {
        if fetching {
            mounts.lend(Path::new(cache));
        } else {
            mounts.cover(Path::new(cache));
        }
    }
    if fetching {
        var("UV_PYTHON_INSTALL_DIR").iter().for_each(|path| mounts.lend(Path::new(path)));
        var("npm_config_userconfig").iter().for_each(|path| mounts.show(Path::new(path)));
    }
    for named in args.iter().map(String::as_str).chain([command]).filter(|a| a.starts_with('/')) {
        mounts.named(Path::new(named), room.world.root());
    }
    mounts.flags(&["--bind", room.world.root(), room.world.root(), "--remount-ro", "/"]);
    mounts.flags(&["--chdir", &room.folder.to_string_lossy(), "--"]);
    let mut all = mounts.all;
    if Path::new("/usr/bin/prlimit").exists() {
        let limits = [format!("--data={MEMORY}"), format!("--fsize={FILE}"), format!("--nproc={PROCESSES}"), "--core=0".to_owned()];
        all.push("/usr/bin/prlimit".into());
        all.extend(limits);
        all.push("--".into());
    }
    all.push(command.to_owned());
    all.extend(args.iter().cloned());
    all
}

/// What is needed of the installation whose programs are in `folder`: a virtual environment or a language's own
/// folder whole, of anything else the programs alone.
fn installation(folder: &Path) -> PathBuf {
    let whole = |root: &Path| root.join("pyvenv.cfg").is_file() || root.join("lib/node_modules").is_dir();
    match folder.parent().filter(|_| folder.ends_with("bin")) {
        Some(root) if whole(root) && !root.ends_with(".local") => root.to_path_buf(),
        _ => folder.to_path_buf(),
    }
}

#[derive(Default)]
struct Mounts {
    all: Vec<String>,
}

impl Mounts {
    fn flags(&mut self, flags: &[&str]) {
        self.all.extend(flags.iter().map(|f| (*f).to_owned()));
    }

    /// `/usr`, and what lies beside it as links or as folders.
    fn system(&mut self) {
        self.flags(&["--ro-bind", "/usr", "/usr"]);
        for name in ["/bin", "/sbin", "/lib", "/lib64", "/lib32"] {
            match std::fs::read_link(name) {
                Ok(target) => self.flags(&["--symlink", &target.to_string_lossy(), name]),
                Err(_) => self.flags(&["--ro-bind-try", name, name]),
            }
        }
    }

    /// Shows `path` read-only where that gives nothing of the user's away.
    fn show(&mut self, path: &Path) {
        if path.is_absolute() && path.exists() && !path.starts_with("/usr") && harmless(path) {
            let path = path.to_string_lossy();
            // What was there a moment ago may be gone: caches hold the temporary files of other runners.
            self.flags(&["--ro-bind-try", &path, &path]);
        }
    }

    /// Lets `path` be written.
    fn lend(&mut self, path: &Path) {
        if path.is_absolute() && harmless(path) && std::fs::create_dir_all(path).is_ok() {
            let path = path.to_string_lossy();
            self.flags(&["--bind", &path, &path]);
        }
    }

    fn scratch(&mut self, path: &Path) {
        self.flags(&["--size", &SCRATCH.to_string(), "--tmpfs", &path.to_string_lossy()]);
    }

    /// Shows what is in `cache` read-only, in a folder in which temporary files and locks can be made: runners
    /// refuse to start without.
    fn cover(&mut self, cache: &Path) {
        if !cache.is_absolute() || !harmless(cache) {
            return;
        }
        self.scratch(cache);
        let entries = std::fs::read_dir(cache).into_iter().flatten();
        entries.flatten().filter(|e| e.path().is_dir()).for_each(|e| self.show(&e.path()));
    }

    /// Shows what an argument of the config names: a script with the package around it, else the path itself.
    fn named(&mut self, path: &Path, world: &str) {
        if path.starts_with(world) || !path.exists() {
            return;
        }
        let script = path.extension().is_some_and(|e| ["py", "js", "mjs", "cjs", "ts", "jar", "sh"].iter().any(|s| e == *s));
        let of_package = |folder: &&Path| ["package.json", "pyproject.toml"].iter().any(|file| folder.join(file).is_file());
        let package = path.ancestors().skip(1).take(4).find(of_package).or(path.parent()).filter(|folder| script && harmless(folder));
        self.show(package.unwrap_or(path));
    }
}

/// Whether a path may be shown: neither the user's home nor a folder around it, nor one of the system's own.
fn harmless(path: &Path) -> bool {
    let home = std::env::var_os("HOME").map(PathBuf::from).filter(|h| h.is_absolute() && h.as_os_str().len() > 1);
    let real = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let around = |inner: &Path| inner.starts_with(&real) || inner.starts_with(path);
    let own = ["/etc", "/tmp", "/var", "/proc", "/sys", "/dev", "/run", "/root", "/home", "/boot"];
    !own.iter().any(|folder| around(Path::new(folder))) && !home.is_some_and(|home| around(&home))
}
