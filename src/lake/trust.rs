//! Whether segments hold what their names say. A segment is named by its SHA-256; each is hashed before it is
//! first read. Hashing a gigabyte at each query would be slow, so what was found whole is remembered with its
//! inode, size and change times: a file that was touched since is hashed again. The memory is a file in the lake;
//! its entries are keyed with a secret of this user, so that a lake from someone else can't vouch for itself.

use std::collections::HashSet;
use std::fs::{Metadata, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::lake::files;
use crate::lake::manifest::Segment;

const MEMORY: &str = "verified";

type Mark = [u8; 16];

/// Refuses the first segment that is missing, a link, or not what its name says.
pub fn verify(root: &Path, segments: &[Segment]) -> Result<()> {
    let key = user_key();
    let known = key.as_ref().map(|_| remembered(root)).unwrap_or_default();
    let mut unknown = Vec::new();
    let mut folders = HashSet::new();
    for segment in segments {
        let metadata = look(root, segment, &mut folders)?;
        if metadata.len() != segment.bytes {
            let what = format!("has {} bytes, not the {} its manifest says: it was cut short or replaced", metadata.len(), segment.bytes);
            return Err(Error::Damaged { path: root.join(&segment.path), what });
        }
        let mark = key.as_ref().map(|key| mark(key, segment, &metadata));
        if mark.is_none_or(|mark| !known.contains(&mark)) {
            unknown.push((segment, mark));
        }
    }
    hash_all(root, &unknown)?;
    remember(root, unknown.iter().filter_map(|(_, mark)| *mark));
    Ok(())
}

/// Remembers segments that this process has just written and hashed.
pub fn vouch<'a>(root: &Path, segments: impl Iterator<Item = &'a Segment>) {
    let Some(key) = user_key() else { return };
    let marks = segments.filter_map(|s| Some(mark(&key, s, &root.join(&s.path).symlink_metadata().ok()?)));
    remember(root, marks);
}

/// Checks one segment's content, whatever is remembered of it.
pub fn check(root: &Path, segment: &Segment) -> Result<()> {
    let (path, _) = files::plain(root, &segment.path)?;
    let (sha256, _) = files::sha256_file(&path)?;
    if sha256 == segment.file_sha256 {
        return Ok(());
    }
    Err(Error::Damaged { path, what: "does not have the content its name says".into() })
}

/// The segment's metadata; its folder is looked at once for all the segments in it.
fn look(root: &Path, segment: &Segment, folders: &mut HashSet<String>) -> Result<Metadata> {
    if folders.insert(segment.table.clone()) {
        return files::plain(root, &segment.path).map(|(_, metadata)| metadata);
    }
    let path = root.join(&segment.path);
    let metadata = path.symlink_metadata().map_err(Error::io("reading", &path))?;
    if metadata.is_file() { Ok(metadata) } else { Err(Error::Damaged { path, what: "is no plain file; a lake has no links".into() }) }
}

/// Hashes segments on all cores, most of the work there is when a lake is first read.
fn hash_all(root: &Path, segments: &[(&Segment, Option<Mark>)]) -> Result<()> {
    let queue = Mutex::new(segments.iter());
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    let work = || {
        while let Some((segment, _)) = next() {
            check(root, segment)?;
        }
        Ok(())
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(segments.len());
    if workers <= 1 {
        return work();
    }
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|t| t.join().unwrap_or_else(|_| Err(Error::Query("a segment could not be hashed".into()))))
    })
}

/// What is remembered of a segment that was found whole. The change time can't be set by whoever made the file.
fn mark(key: &[u8; 32], segment: &Segment, metadata: &Metadata) -> Mark {
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(segment.file_sha256.as_bytes());
    for number in [metadata.dev(), metadata.ino(), metadata.len()] {
        hash.update(number.to_le_bytes());
    }
    for number in [metadata.mtime(), metadata.mtime_nsec(), metadata.ctime(), metadata.ctime_nsec()] {
        hash.update(number.to_le_bytes());
    }
    let digest = hash.finalize();
    let mut mark = [0; 16];
    mark.copy_from_slice(&digest[..16]);
    mark
}

/// A mark on a text that no one without this user's secret can make.
pub fn own_mark(text: &str) -> Option<String> {
    let key = user_key()?;
    let mut hash = Sha256::new();
    hash.update(key);
    hash.update(b"own\0");
    hash.update(text.as_bytes());
    hash.update(key);
    Some(crate::text::hex(&hash.finalize()))
}

fn remembered(root: &Path) -> HashSet<Mark> {
    let bytes = files::read_plain(root, MEMORY, 64 << 20).unwrap_or_default();
    bytes.as_chunks::<16>().0.iter().copied().collect()
}

/// Adds to the memory; where that can't be written, the segments are hashed again next time.
fn remember(root: &Path, marks: impl Iterator<Item = Mark>) {
    let bytes: Vec<u8> = marks.flatten().collect();
    if bytes.is_empty() {
        return;
    }
    let path = root.join(MEMORY);
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).custom_flags(rustix::fs::OFlags::NOFOLLOW.bits() as i32).open(path) {
        let _ = file.write_all(&bytes);
    }
}

/// A secret of this user; none where they have no folder for it.
fn user_key() -> Option<[u8; 32]> {
    let folder = cache_folder()?;
    let path = folder.join("key");
    let read = || std::fs::read(&path).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    if let Some(key) = read() {
        return Some(key);
    }
    std::fs::create_dir_all(&folder).ok()?;
    let key: [u8; 32] = rand::random();
    let mut temporary = tempfile::NamedTempFile::new_in(&folder).ok()?;
    temporary.write_all(&key).ok()?;
    // Two processes may do this at once: the first one's key counts.
    let _ = temporary.persist_noclobber(&path);
    read()
}

fn cache_folder() -> Option<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("firefly"))
}
