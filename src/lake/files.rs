//! Files written so that a crash leaves either the old state or the new one, and read so that a lake from
//! someone else can't lead a reader out of it.

use std::fs::{File, Metadata};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempPath;

use crate::error::{Error, Result};

/// Writes `bytes` to `path` through a temporary file beside it: synced, renamed, folder synced.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // As any file one makes: what the umask leaves, so that a lake can be shared.
    let mode = std::fs::Permissions::from_mode(0o666);
    let mut temporary = tempfile::Builder::new().permissions(mode).tempfile_in(folder).map_err(Error::io("writing", path))?;
    temporary.write_all(bytes).map_err(Error::io("writing", path))?;
    temporary.as_file().sync_all().map_err(Error::io("writing", path))?;
    settle(temporary.into_temp_path(), path)
}

/// Gives the temporary file, which is synced already, its final name, durably.
pub fn settle(temporary: TempPath, path: &Path) -> Result<()> {
    std::fs::rename(&temporary, path).map_err(Error::io("renaming to", path))?;
    // It bears its final name now; nothing is left to be removed.
    std::mem::forget(temporary);
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Makes the entries of `folder` durable.
pub fn sync_folder(folder: &Path) -> Result<()> {
    let handle = File::open(folder).map_err(Error::io("opening", folder))?;
    handle.sync_all().map_err(Error::io("syncing", folder))
}

/// SHA-256 of a file in hex, and its size in bytes.
pub fn sha256_file(path: &Path) -> Result<(String, u64)> {
    let mut file = File::open(path).map_err(Error::io("reading", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(Error::io("reading", path))?;
        if read == 0 {
            return Ok((crate::text::hex(&hash.finalize()), size));
        }
        size += read as u64;
        hash.update(&buffer[..read]);
    }
}

/// The path of `relative` below `root`, where every step of the way is what it seems: no symbolic link, no `..`,
/// and at its end a plain file.
pub fn plain(root: &Path, relative: &str) -> Result<(PathBuf, Metadata)> {
    let bad = |path: &Path, what: &str| Error::Damaged { path: path.into(), what: what.into() };
    let mut path = root.to_path_buf();
    let mut found = None;
    for step in Path::new(relative).components() {
        let std::path::Component::Normal(name) = step else {
            return Err(bad(Path::new(relative), "is not a path inside the lake"));
        };
        path.push(name);
        let metadata = path.symlink_metadata().map_err(Error::io("reading", &path))?;
        if metadata.file_type().is_symlink() {
            return Err(bad(&path, "is a symbolic link; a lake has none"));
        }
        found = Some(metadata);
    }
    match found {
        Some(metadata) if metadata.is_file() => Ok((path, metadata)),
        _ => Err(bad(&path, "is no plain file")),
    }
}

/// The bytes of the plain file `relative` below `root`, of at most `limit` bytes.
pub fn read_plain(root: &Path, relative: &str, limit: u64) -> Result<Vec<u8>> {
    let (path, metadata) = plain(root, relative)?;
    if metadata.len() > limit {
        return Err(Error::Damaged { path, what: format!("is larger than {limit} bytes") });
    }
    std::fs::read(&path).map_err(Error::io("reading", &path))
}
