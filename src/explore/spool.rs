//! Finished episodes on their way into the lake, a line each in a file beside it: a run that is killed loses none of
//! them, and the next one commits what it finds.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::explore::rows::Episode;
use crate::lake::{Lake, Session};

/// The spool of one run.
pub struct Spool {
    path: PathBuf,
    file: File,
}

impl Spool {
    /// A spool of this process beside `lake`. Locked while the process lives.
    pub fn open(lake: &Lake) -> Result<Spool> {
        let folder = folder(lake);
        std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
        let path = folder.join(format!("explore-{}.ndjson", std::process::id()));
        let open = OpenOptions::new().create(true).append(true).open(&path);
        let file = open.map_err(Error::io("making", &path))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|e| Error::io("locking", &path)(e.into()))?;
        Ok(Spool { path, file })
    }

    /// Adds a finished episode.
    pub fn add(&mut self, episode: &Episode) -> Result<()> {
        let mut line = serde_json::to_vec(episode).map_err(|e| Error::io("writing", &self.path)(e.into()))?;
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

/// Episodes that runs which are no longer alive have left behind and that the lake has not, with the files they stand
/// in. A last line that was cut off is no episode.
pub fn left_behind(lake: &Lake, session: &Session) -> Result<(Vec<Episode>, Vec<PathBuf>)> {
    #[derive(Deserialize)]
    struct Known {
        episode_id: String,
    }
    let Ok(listed) = std::fs::read_dir(folder(lake)) else { return Ok((Vec::new(), Vec::new())) };
    let mut paths: Vec<PathBuf> = listed.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "ndjson")).collect();
    paths.sort();
    paths.retain(|path| is_abandoned(path));
    if paths.is_empty() {
        return Ok((Vec::new(), paths));
    }
    let mut known: BTreeSet<String> = session.table::<Known>("episode")?.into_iter().map(|row| row.episode_id).collect();
    let mut episodes = Vec::new();
    for path in &paths {
        let file = File::open(path).map_err(Error::io("reading", path))?;
        let whole = BufReader::new(file).split(b'\n').map_while(|line| line.ok()).filter_map(|line| serde_json::from_slice(&line).ok());
        episodes.extend(whole.filter(|episode: &Episode| known.insert(episode.row.episode_id.clone())));
    }
    Ok((episodes, paths))
}

/// Whether no living process holds the spool at `path`; links and folders are none.
fn is_abandoned(path: &Path) -> bool {
    let plain = path.symlink_metadata().is_ok_and(|m| m.is_file());
    plain && File::open(path).is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}
