//! `firefly.toml`: the lake's own settings. Never a secret.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lake::{files, trust};

/// Settings of a lake; each can be overridden by a flag or the environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seed of everything drawn by chance, where no `--seed` is given.
    pub seed: Option<u64>,
    /// Servers that run at once.
    pub jobs: Option<usize>,
    /// Seconds a single tool call may take.
    pub call_timeout_s: Option<u64>,
    /// Seconds a server may take to start.
    pub start_timeout_s: Option<u64>,
    /// Seconds a query of `firefly sql` may run.
    pub sql_timeout_s: Option<u64>,
    /// Memory such a query may take, in MiB.
    pub sql_memory_mib: Option<u64>,
}

const DEFAULT: &str = "# Settings of this lake. A flag or an environment variable overrides each; no secrets belong here.
# seed = 7
# jobs = 8
# call_timeout_s = 30
# start_timeout_s = 120
# sql_timeout_s = 300
# sql_memory_mib = 4096
";

/// Writes the commented default file into a new lake.
pub fn write_default(root: &Path) -> Result<()> {
    let path = root.join("firefly.toml");
    if path.exists() { Ok(()) } else { files::write_durably(&path, DEFAULT.as_bytes()) }
}

/// Reads the settings of the lake at `root`; defaults where there are none.
pub fn read(root: &Path) -> Result<Settings> {
    let path = root.join("firefly.toml");
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(error) => return Err(Error::io("reading", &path)(error)),
    };
    toml::from_str(&text).map_err(|e| Error::Config { path, what: e.to_string() })
}

/// File that remembers which server config the lake was ingested from; it stays on this machine and is no
/// part of any snapshot.
const LAST_CONFIG: &str = "last-config";

/// Remembers the server config at `config`, in a form that only this user's firefly believes.
pub fn remember_config(root: &Path, config: &Path) -> Result<()> {
    let absolute = std::path::absolute(config).map_err(Error::io("finding", config))?;
    let path = absolute.to_string_lossy().into_owned();
    let Some(mark) = trust::own_mark(&path) else { return Ok(()) };
    files::write_durably(&root.join(LAST_CONFIG), format!("{mark}\n{path}").as_bytes())
}

/// The server config remembered, if any. A config names programs to run: what a lake from someone else brings along is
/// not taken.
pub fn recall_config(root: &Path) -> Option<std::path::PathBuf> {
    let text = String::from_utf8(files::read_plain(root, LAST_CONFIG, 1 << 16).ok()?).ok()?;
    let (mark, path) = text.split_once('\n')?;
    (trust::own_mark(path)? == mark).then(|| path.into())
}
