//! Finished work on its way into the lake, a line each in a file beside it: a run that is killed loses none of it, and the
//! next one commits what it finds.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::lake::Lake;

/// The spool of one run.
pub struct Spool {
    path: PathBuf,
    file: File,
}

impl Spool {
    /// A spool of this process beside `lake`, for work of one `kind` (a word). Locked while the process lives.
    pub fn open(lake: &Lake, kind: &str) -> Result<Spool> {
        let folder = folder(lake);
        std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
        let path = folder.join(format!("{kind}-{}.ndjson", std::process::id()));
        let open = OpenOptions::new().create(true).append(true).open(&path);
        let file = open.map_err(Error::io("making", &path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|e| Error::io("locking", &path)(e.into()))?;
        Ok(Spool { path, file })
    }

    /// Adds something finished.
    pub fn add(&mut self, item: &impl Serialize) -> Result<()> {
        let mut line = serde_json::to_vec(item).map_err(|e| Error::io("writing", &self.path)(e.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(Error::io("writing", &self.path))
    }

    /// Forgets what it held, once that is in the lake.
    pub fn clear(&mut self) -> Result<()> {
        self.file.set_len(0).map_err(Error::io("emptying", &self.path))?;
        self.file.rewind().map_err(Error::io("emptying", &self.path))
    }

    /// Takes it away.
    pub fn close(self) -> Result<()> {
        std::fs::remove_file(&self.path).map_err(Error::io("removing", &self.path))
    }
}

fn folder(lake: &Lake) -> PathBuf {
    lake.root().join("spool")
}

/// What runs of one `kind` which are no longer alive have left behind, with the files it stands in. A last line that was
/// cut off is nothing.
pub fn left_behind<T: DeserializeOwned>(lake: &Lake, kind: &str) -> Result<(Vec<T>, Vec<PathBuf>)> {
    let Ok(listed) = std::fs::read_dir(folder(lake)) else { return Ok((Vec::new(), Vec::new())) };
    let mut paths: Vec<PathBuf> = listed.flatten().map(|e| e.path()).filter(|path| is_of(path, kind)).collect();
    paths.sort();
    paths.retain(|path| is_abandoned(path));
    let mut items = Vec::new();
    for path in &paths {
        let file = File::open(path).map_err(Error::io("reading", path))?;
        let lines = BufReader::new(file).split(b'\n').map_while(|line| line.ok());
        items.extend(lines.filter_map(|line| serde_json::from_slice(&line).ok()));
    }
    Ok((items, paths))
}

fn is_of(path: &Path, kind: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.strip_suffix(".ndjson").and_then(|name| name.rsplit_once('-')).is_some_and(|(of, _)| of == kind)
}

/// Whether no living process holds the spool at `path`; links and folders are none.
fn is_abandoned(path: &Path) -> bool {
    let plain = path.symlink_metadata().is_ok_and(|m| m.is_file());
    plain && File::open(path).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}
