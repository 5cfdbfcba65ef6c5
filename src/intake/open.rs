//! Opens what people have: plain files, folders, `.gz`, `.zst`, tarballs, zip files (`.eval`), Parquet and standard
//! input. What is packed is told by its first bytes, not by its name. Nothing is unpacked to a place of its own choosing.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::intake::{MAX_RECORD, Place};

/// Layers of packing that are opened (`x.tar.gz` has two).
const MAX_LAYERS: usize = 4;
/// Unpacked bytes beyond which a file must not grow by more than [`BOMB_RATIO`].
const BOMB_FLOOR: u64 = 1 << 30;
/// Growth that no honest file has.
const BOMB_RATIO: u64 = 1000;
/// Most bytes of one entry of an archive.
const MAX_ENTRY: u64 = 8 << 30;
/// Most entries of one archive.
const MAX_ENTRIES: usize = 1_000_000;

/// One thing to read: a file or an entry of an archive.
pub struct Entry {
    /// Where it stands.
    pub place: Place,
    /// Its bytes.
    pub body: Body,
}

/// Bytes, as they are to be read.
pub enum Body {
    /// From first to last.
    Stream(Box<dyn Read + Send>),
    /// A Parquet file.
    Parquet(File),
    /// Not to be read, and why.
    Refused(String),
}

/// How names of files end that may hold what sources read.
const ENDINGS: [&str; 12] = ["json", "jsonl", "ndjson", "csv", "parquet", "gz", "tgz", "zst", "tar", "zip", "eval", "log"];

/// What was found under a path.
#[derive(Debug, Default)]
pub struct Listed {
    /// Files to read, sorted.
    pub files: Vec<PathBuf>,
    /// Files of a folder that are passed over because their names say that they are something else, sorted.
    pub others: Vec<PathBuf>,
}

/// All files under `path`: itself, or those of a folder and its folders. Links are not followed.
pub fn files(path: &Path) -> Result<Listed> {
    let told = std::fs::metadata(path).map_err(Error::io("opening", path))?;
    if !told.is_dir() {
        return Ok(Listed { files: vec![path.to_owned()], others: Vec::new() });
    }
    let (mut all, mut folders) = (Listed::default(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(Error::io("listing", &folder))? {
            let entry = entry.map_err(Error::io("listing", &folder))?;
            let kind = entry.file_type().map_err(Error::io("listing", entry.path()))?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let path = entry.path();
                let ending = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
                if ENDINGS.contains(&ending.as_str()) { all.files.push(path) } else { all.others.push(path) }
            }
        }
    }
    all.files.sort();
    all.others.sort();
    Ok(all)
}

/// Hands the entries of the file at `path` to `each`. `name` is what it is called to people; `read` sees the bytes
/// as they are read from the disk.
pub fn entries(
    path: &Path,
    name: &str,
    read: &dyn Fn(File) -> Box<dyn Read + Send>,
    each: &mut dyn FnMut(Entry) -> Result<()>,
) -> Result<()> {
    let file = File::open(path).map_err(Error::io("opening", path))?;
    // Nothing stands beside standard input.
    let place = Place { path: name.to_owned(), folder: path.parent().filter(|_| name != "-").map(Path::to_owned) };
    let told = |e: std::io::Error| Error::Unreadable { path: name.into(), reason: e.to_string() };
    match kind_of(&file).map_err(told)? {
        Some(Kind::Parquet) => each(Entry { place, body: Body::Parquet(file) }),
        Some(Kind::Zip) => zip(file, name, 0, each),
        _ => stream(read(file), place, 0, each),
    }
}

enum Kind {
    Gzip,
    Zstd,
    Tar,
    Zip,
    Parquet,
}

fn kind_of(mut file: &File) -> std::io::Result<Option<Kind>> {
    let mut head = [0; 512];
    let mut filled = 0;
    while filled < head.len() {
        match file.read(&mut head[filled..])? {
            0 => break,
            more => filled += more,
        }
    }
    // A pipe can't be read twice; standard input was copied to a file before.
    file.seek(SeekFrom::Start(0))?;
    Ok(kind(&head[..filled]))
}

fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [0x1f, 0x8b, ..] => Some(Kind::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Zstd),
        [b'P', b'K', 3, 4, ..] => Some(Kind::Zip),
        [b'P', b'A', b'R', b'1', ..] => Some(Kind::Parquet),
        _ if head.get(257..262) == Some(b"ustar") => Some(Kind::Tar),
        _ => None,
    }
}

fn stream(mut reader: Box<dyn Read + Send>, place: Place, layer: usize, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let mut head = Vec::with_capacity(512);
    let told = |e: std::io::Error| Error::Unreadable { path: place.path.clone(), reason: e.to_string() };
    (&mut reader).take(512).read_to_end(&mut head).map_err(told)?;
    let found = kind(&head);
    let whole: Box<dyn Read + Send> = Box::new(Cursor::new(head).chain(reader));
    if layer >= MAX_LAYERS && found.is_some() {
        return each(Entry { place, body: Body::Refused(format!("packed more than {MAX_LAYERS} times")) });
    }
    match found {
        None => each(Entry { place, body: Body::Stream(whole) }),
        Some(Kind::Gzip) => {
            let (packed, count) = Counted::new(whole);
            stream(Box::new(Bounded::new(flate2::read::MultiGzDecoder::new(packed), count)), place, layer + 1, each)
        }
        Some(Kind::Zstd) => {
            let (packed, count) = Counted::new(whole);
            let decoder = zstd::stream::read::Decoder::new(packed).map_err(told)?;
            stream(Box::new(Bounded::new(decoder, count)), place, layer + 1, each)
        }
        Some(Kind::Tar) => tar(whole, &place, layer, each),
        Some(Kind::Zip) => {
            let name = place.path.clone();
            zip(spool(whole, &name)?, &name, layer, each)
        }
        Some(Kind::Parquet) => {
            let name = place.path.clone();
            each(Entry { place, body: Body::Parquet(spool(whole, &name)?) })
        }
    }
}

fn tar(reader: Box<dyn Read + Send>, place: &Place, layer: usize, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let told = |e: std::io::Error| Error::Unreadable { path: place.path.clone(), reason: e.to_string() };
    let mut archive = tar::Archive::new(reader);
    for (index, entry) in archive.entries().map_err(told)?.enumerate() {
        let entry = entry.map_err(told)?;
        if index >= MAX_ENTRIES {
            return Err(told(std::io::Error::other(format!("more than {MAX_ENTRIES} entries"))));
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        archived(entry, name, &place.path, layer, each)?;
    }
    Ok(())
}

fn zip(file: File, archive: &str, layer: usize, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let told = |e: zip::result::ZipError| Error::Unreadable { path: archive.into(), reason: e.to_string() };
    let mut zip = zip::ZipArchive::new(file).map_err(told)?;
    if zip.len() > MAX_ENTRIES {
        return Err(Error::Unreadable { path: archive.into(), reason: format!("more than {MAX_ENTRIES} entries") });
    }
    for index in 0..zip.len() {
        let entry = match zip.by_index(index) {
            Ok(entry) => entry,
            // One that is encrypted, say: the others can be read.
            Err(error) => {
                let place = Place { path: format!("{archive}!{index}"), folder: None };
                each(Entry { place, body: Body::Refused(error.to_string()) })?;
                continue;
            }
        };
        if entry.size() > BOMB_FLOOR && entry.size() > entry.compressed_size().saturating_mul(BOMB_RATIO) {
            let place = Place { path: format!("{archive}!{}", String::from_utf8_lossy(entry.name_raw())), folder: None };
            each(Entry { place, body: Body::Refused("a decompression bomb".into()) })?;
            continue;
        }
        if entry.is_dir() {
            continue;
        }
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        archived(entry, name, archive, layer, each)?;
    }
    Ok(())
}

/// One entry of an archive: into memory where it is small, else into a nameless file.
fn archived(reader: impl Read, name: String, archive: &str, layer: usize, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
    let place = Place { path: format!("{archive}!{name}"), folder: None };
    if name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|step| step == "..") {
        return each(Entry { place, body: Body::Refused("its path leaves the archive".into()) });
    }
    let mut reader = reader;
    let mut head = Vec::new();
    if let Err(error) = (&mut reader).take(MAX_RECORD as u64 + 1).read_to_end(&mut head) {
        return each(Entry { place, body: Body::Refused(error.to_string()) });
    }
    if head.len() <= MAX_RECORD {
        return stream(Box::new(Cursor::new(head)), place, layer + 1, each);
    }
    let file = spool(Cursor::new(head).chain(reader), &place.path)?;
    stream(Box::new(file), place, layer + 1, each)
}

/// A nameless file with all of `reader`, from its start.
pub fn spool(reader: impl Read, name: &str) -> Result<File> {
    let told = |e: std::io::Error| Error::Unreadable { path: name.into(), reason: e.to_string() };
    let mut file = tempfile::tempfile().map_err(told)?;
    let copied = std::io::copy(&mut reader.take(MAX_ENTRY + 1), &mut file).map_err(told)?;
    if copied > MAX_ENTRY {
        return Err(Error::Unreadable {
            path: name.into(),
            reason: format!("more than {} GiB in one entry of an archive", MAX_ENTRY >> 30),
        });
    }
    file.flush().and_then(|()| file.seek(SeekFrom::Start(0))).map_err(told)?;
    Ok(file)
}

type Count = std::sync::Arc<std::sync::atomic::AtomicU64>;

/// Counts what was read.
struct Counted<R> {
    inner: R,
    count: Count,
}

impl<R> Counted<R> {
    fn new(inner: R) -> (Counted<R>, Count) {
        let count = Count::default();
        (Counted { inner, count: count.clone() }, count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, std::sync::atomic::Ordering::Relaxed);
        Ok(read)
    }
}

/// Fails where much more comes out than went in.
struct Bounded<R> {
    inner: R,
    packed: Count,
    out: u64,
}

impl<R> Bounded<R> {
    fn new(inner: R, packed: Count) -> Bounded<R> {
        Bounded { inner, packed, out: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.out += read as u64;
        let packed = self.packed.load(std::sync::atomic::Ordering::Relaxed);
        if self.out > BOMB_FLOOR && self.out > packed.saturating_mul(BOMB_RATIO) {
            return Err(std::io::Error::other(format!("unpacks to more than {BOMB_RATIO} times its size: a decompression bomb")));
        }
        Ok(read)
    }
}
