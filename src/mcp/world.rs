//! The folder a server runs in: fresh files from its fixture, its own HOME and TMPDIR, and nothing of
//! the user's. What servers see below a different real path each time is recorded below one fixed
//! virtual path, so that equal episodes are recorded equally.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::error::{Error, Result};

/// What the world's folder is called in everything that is recorded.
pub const VIRTUAL_ROOT: &str = "/firefly";

/// A fresh folder for one episode: `data/<server>`, `home`, `tmp`. Removed when dropped.
pub struct World {
    /// Removes the folder when the world ends.
    _folder: TempDir,
    real: String,
    fixtures: Option<PathBuf>,
}

impl World {
    /// Makes an empty world; `fixtures` holds a folder of files for each server that wants some.
    pub fn new(fixtures: Option<&Path>) -> Result<World> {
        let folder = tempfile::Builder::new().prefix("firefly-").tempdir().map_err(Error::io("making", std::env::temp_dir()))?;
        // Servers resolve symbolic links before they report a path.
        let real = folder.path().canonicalize().map_err(Error::io("finding", folder.path()))?;
        for name in ["data", "home", "tmp"] {
            std::fs::create_dir(real.join(name)).map_err(Error::io("making", real.join(name)))?;
        }
        Ok(World { real: real.to_string_lossy().into_owned(), _folder: folder, fixtures: fixtures.map(Path::to_path_buf) })
    }

    /// Puts the files of `server` in place, once; returns its working folder.
    pub fn enter(&self, server: &str) -> Result<PathBuf> {
        // A name from a config must not lead out of the world.
        let name: String = server.chars().map(|c| if c == '/' || c == '\0' { '_' } else { c }).collect();
        let name = if name.trim_matches('.').is_empty() { "_".to_owned() } else { name };
        let target = self.data().join(&name);
        if !target.exists() {
            std::fs::create_dir(&target).map_err(Error::io("making", &target))?;
            if let Some(fixture) = self.fixtures.as_ref().map(|f| f.join(&name)).filter(|f| f.is_dir()) {
                copy_folder(&fixture, &target)?;
            }
        }
        Ok(target)
    }

    /// Whether there is a folder of fixtures: without one `${FIREFLY_DATA}` is not set.
    pub fn has_fixtures(&self) -> bool {
        self.fixtures.is_some()
    }

    /// Its path on this machine.
    pub(super) fn root(&self) -> &str {
        &self.real
    }

    /// The folder that stands for `${FIREFLY_DATA}`.
    pub fn data(&self) -> PathBuf {
        Path::new(&self.real).join("data")
    }

    /// The servers' HOME.
    pub fn home(&self) -> PathBuf {
        Path::new(&self.real).join("home")
    }

    /// The servers' TMPDIR.
    pub fn tmp(&self) -> PathBuf {
        Path::new(&self.real).join("tmp")
    }

    /// Writes the virtual root wherever `value` has the real one.
    pub fn to_virtual(&self, value: &mut Value) {
        replace(value, &|text| self.text_to_virtual(text), &self.real);
    }

    /// Writes the real root wherever `value` has the virtual one.
    pub fn to_real(&self, value: &mut Value) {
        replace(value, &|text| replace_path(text, VIRTUAL_ROOT, &self.real, false), VIRTUAL_ROOT);
    }

    /// `text` with the virtual root in place of the real one.
    pub fn text_to_virtual(&self, text: &str) -> String {
        replace_path(text, &self.real, VIRTUAL_ROOT, true)
    }
}

/// Puts what `write` makes of them in place of the texts and names that contain `from`.
fn replace(value: &mut Value, write: &impl Fn(&str) -> String, from: &str) {
    match value {
        Value::String(text) if text.contains(from) => *text = write(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, write, from)),
        Value::Object(members) => {
            if members.keys().any(|k| k.contains(from)) {
                *members = std::mem::take(members).into_iter().map(|(k, v)| (write(&k), v)).collect();
            }
            members.values_mut().for_each(|member| replace(member, write, from));
        }
        _ => {}
    }
}

/// Replaces the folder `from` where it stands as a path of its own: `/firefly` and `/firefly/a` are meant,
/// `https://example.com/firefly` and `/firefly-docs` are not. A folder that nothing else is called like is meant `anywhere`: servers
/// join paths that were whole already.
fn replace_path(text: &str, from: &str, to: &str, anywhere: bool) -> String {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let file = before.ends_with("file://");
        let scheme = before.ends_with("://") && !file;
        let inside = !scheme && !file && before.ends_with(|c: char| part(c) || c == '/') || before.is_empty() && out.ends_with(part);
        out.push_str(before);
        out.push_str(if inside && !anywhere || after.starts_with(part) { from } else { to });
        rest = after;
    }
    out + rest
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in std::fs::read_dir(from).map_err(Error::io("reading", from))? {
        let entry = entry.map_err(Error::io("reading", from))?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type().map_err(Error::io("reading", entry.path()))?;
        if kind.is_dir() {
            std::fs::create_dir(&target).map_err(Error::io("making", &target))?;
            copy_folder(&entry.path(), &target)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &target).map_err(Error::io("copying", entry.path()))?;
        } else if kind.is_symlink() {
            let points_at = std::fs::read_link(entry.path()).map_err(Error::io("reading", entry.path()))?;
            std::os::unix::fs::symlink(&points_at, &target).map_err(Error::io("making", &target))?;
        }
    }
    Ok(())
}
