//! Files written so that a crash leaves either the old state or the new one.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// Writes `bytes` to `path` through a temporary file beside it: synced, renamed, folder synced.
pub fn write_durably(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(Error::io("writing", path))?;
    temporary.write_all(bytes).map_err(Error::io("writing", path))?;
    temporary.as_file().sync_all().map_err(Error::io("writing", path))?;
    temporary.persist(path).map_err(|e| Error::io("writing", path)(e.error))?;
    sync_folder(folder)
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
    let mut buffer = vec![0; 1 << 16];
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
