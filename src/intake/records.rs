//! Cuts a text into records: the lines of JSONL, the items of a top-level JSON array, the rows of a CSV file, or one
//! document as a whole. Never more than a chunk and one record are in memory.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};
use serde_json::Value;

use crate::intake::buffers::{Buffer, Buffers};
use crate::intake::{MAX_RECORD, Source};

/// Bytes of a chunk, as far as records allow.
pub const CHUNK: usize = 4 << 20;

/// Some records in a row.
#[derive(Debug, Default)]
pub struct Chunk {
    /// Their bytes.
    pub text: Buffer,
    /// Where each record ends; none where lines end them.
    pub ends: Option<Vec<usize>>,
    /// Place of the first one, from 1.
    pub first: u64,
    /// Records that could not even be cut: their places, and why.
    pub refused: Vec<(u64, String)>,
}

impl Chunk {
    /// Its records with their places; blank lines count for the place and are left out.
    pub fn records(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let ends: Box<dyn Iterator<Item = usize>> = match &self.ends {
            Some(ends) => Box::new(ends.iter().copied()),
            None => Box::new(
                memchr_iter(b'\n', &self.text).map(|at| at + 1).chain((self.text.last() != Some(&b'\n')).then_some(self.text.len())),
            ),
        };
        let mut start = 0;
        let spans = ends.map(move |end| (std::mem::replace(&mut start, end), end));
        let records = spans.enumerate().map(|(index, (start, end))| (self.first + index as u64, self.text[start..end].trim_ascii()));
        records.filter(|(_, record)| !record.is_empty())
    }
}

/// How a text is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One record a line.
    Lines,
    /// The items of one array.
    Items,
    /// All of it is one record.
    Whole,
    /// Rows under a header.
    Csv,
}

/// How the text that begins with `head` is cut; none where it is neither JSON nor CSV. `all` says that nothing
/// follows the head.
pub fn framing(head: &[u8], all: bool, path: &str) -> Option<Framing> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lines = || text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    let complete = |line: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
    match text.first()? {
        b'[' => {
            let first = lines().next().unwrap_or_default();
            let more = lines().skip(1).any(|line| !line.is_empty());
            if complete(first) && more {
                return Some(Framing::Lines);
            }
            // A list of messages is one conversation.
            let item: Option<Value> = serde_json::Deserializer::from_slice(&text[1..]).into_iter().next().and_then(Result::ok);
            Some(if item.is_some_and(|item| is_message(&item)) { Framing::Whole } else { Framing::Items })
        }
        b'{' => {
            let long = !all && memchr(b'\n', text).is_none();
            let objects = || lines().filter(|line| !line.is_empty()).take(20).map(|line| line.first() == Some(&b'{') && complete(line));
            let mostly = objects().filter(|whole| *whole).count() > 1 && objects().filter(|whole| !whole).count() <= 2;
            Some(if long || objects().next() == Some(true) || mostly { Framing::Lines } else { Framing::Whole })
        }
        _ => {
            let header = lines().next().unwrap_or_default();
            let named = [".csv", ".csv.gz", ".csv.zst"].iter().any(|ending| path.to_ascii_lowercase().ends_with(ending));
            (named && header.contains(&b',')).then_some(Framing::Csv)
        }
    }
}

fn is_message(item: &Value) -> bool {
    let item = item.as_object();
    item.is_some_and(|m| (m.contains_key("role") && m.contains_key("content")) || m.contains_key("call_id"))
}

/// Cuts one text.
pub struct Cutter {
    reader: Box<dyn Read + Send>,
    framing: Framing,
    held: Vec<u8>,
    buffers: Buffers,
    ended: bool,
    next: u64,
    csv: Option<csv::Reader<Box<dyn Read + Send>>>,
    inside: bool,
}

impl Cutter {
    /// A cutter of what `held` begins and `reader` goes on with.
    pub fn new(held: Vec<u8>, reader: Box<dyn Read + Send>, framing: Framing) -> Cutter {
        let mut cutter = Cutter { reader, framing, held, buffers: Buffers::default(), ended: false, next: 1, csv: None, inside: false };
        if cutter.held.starts_with(b"\xef\xbb\xbf") {
            cutter.held.drain(..3);
        }
        if framing == Framing::Csv {
            let head = std::io::Cursor::new(std::mem::take(&mut cutter.held));
            let rest = std::mem::replace(&mut cutter.reader, Box::new(std::io::empty()));
            let whole: Box<dyn Read + Send> = Box::new(head.chain(rest));
            cutter.csv = Some(csv::ReaderBuilder::new().flexible(false).from_reader(whole));
        }
        cutter
    }

    /// The next records, those of one episode together where `source` knows them; none at the end.
    pub fn next(&mut self, source: Option<&dyn Source>) -> std::io::Result<Option<Chunk>> {
        match self.framing {
            Framing::Lines => self.lines(source),
            Framing::Items => self.items(source),
            Framing::Whole => self.whole(),
            Framing::Csv => self.rows(),
        }
    }

    /// Reads up to `more` bytes behind those held.
    fn read(&mut self, more: usize) -> std::io::Result<()> {
        let before = self.held.len();
        (&mut self.reader).take(more as u64).read_to_end(&mut self.held)?;
        self.ended = self.held.len() - before < more;
        Ok(())
    }

    fn lines(&mut self, source: Option<&dyn Source>) -> std::io::Result<Option<Chunk>> {
        let mut chunk = Chunk { first: self.next, ..Chunk::default() };
        loop {
            if self.held.len() < CHUNK && !self.ended {
                self.held.reserve(CHUNK);
                self.read(CHUNK)?;
            }
            let end = if self.ended { Some(self.held.len()) } else { memrchr(b'\n', &self.held).map(|at| at + 1) };
            match end {
                Some(0) => return Ok((!chunk.refused.is_empty()).then_some(chunk)),
                Some(end) => {
                    let end = match (self.ended, whole_episodes(&self.held[..end], source)) {
                        (true, _) => end,
                        (false, Some(whole)) => whole,
                        // All of it is one episode so far.
                        (false, None) if source.is_some() && self.held.len() <= MAX_RECORD => {
                            self.read(CHUNK)?;
                            continue;
                        }
                        (false, None) => end,
                    };
                    let mut next = self.buffers.take();
                    next.extend_from_slice(&self.held[end..]);
                    self.held.truncate(end);
                    chunk.text = self.buffers.lend(std::mem::replace(&mut self.held, next));
                    self.next += memchr_iter(b'\n', &chunk.text).count() as u64;
                    return Ok(Some(chunk));
                }
                None if self.held.len() > MAX_RECORD => {
                    chunk.refused.push((self.next, too_long("line")));
                    self.skip_line()?;
                    self.next += 1;
                    chunk.first = self.next;
                }
                None => self.read(CHUNK)?,
            }
        }
    }

    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            if let Some(at) = memchr(b'\n', &self.held) {
                self.held.drain(..=at);
                return Ok(());
            }
            self.held.clear();
            if self.ended {
                return Ok(());
            }
            self.read(CHUNK)?;
        }
    }

    fn items(&mut self, source: Option<&dyn Source>) -> std::io::Result<Option<Chunk>> {
        let mut chunk = Chunk { first: self.next, ends: Some(Vec::new()), ..Chunk::default() };
        if !self.inside {
            if self.held.is_empty() {
                self.read(CHUNK)?;
            }
            let start = memchr(b'[', &self.held).map_or(0, |at| at + 1);
            self.held.drain(..start);
            self.inside = true;
        }
        let mut scan = ItemScan::default();
        let mut from = 0;
        loop {
            match scan.step(&self.held) {
                Step::Item(start, end) => {
                    let record = &self.held[start..end];
                    from = end;
                    if record.trim_ascii().is_empty() {
                        continue;
                    }
                    let full = chunk.text.len() >= CHUNK;
                    if full && (chunk.text.len() > MAX_RECORD || !continues(source, last_of(&chunk), record)) {
                        self.held.drain(..start);
                        return Ok(Some(chunk));
                    }
                    chunk.text.extend_from_slice(record);
                    if let Some(ends) = &mut chunk.ends {
                        ends.push(chunk.text.len());
                    }
                    self.next += 1;
                }
                Step::End => {
                    let rest = self.held.get(scan.at..).unwrap_or_default().trim_ascii();
                    if !rest.is_empty() {
                        chunk.refused.push((self.next, "something follows the array; it is not read".into()));
                    }
                    self.held.clear();
                    self.ended = true;
                    self.reader = Box::new(std::io::empty());
                    return Ok((!chunk.text.is_empty() || !chunk.refused.is_empty()).then_some(chunk));
                }
                Step::More if self.ended => {
                    let rest = self.held[from..].trim_ascii().len();
                    self.held.clear();
                    if rest > 0 {
                        chunk.refused.push((self.next, "the array ends in the middle of an item".into()));
                    }
                    return Ok((!chunk.text.is_empty() || rest > 0).then_some(chunk));
                }
                Step::More => {
                    if self.held.len() - from > MAX_RECORD {
                        chunk.refused.push((self.next, format!("{}; what follows it is not read", too_long("item"))));
                        self.held.clear();
                        self.ended = true;
                        self.reader = Box::new(std::io::empty());
                        return Ok(Some(chunk));
                    }
                    self.held.drain(..from);
                    scan.back(from);
                    from = 0;
                    self.read(CHUNK)?;
                }
            }
        }
    }

    fn whole(&mut self) -> std::io::Result<Option<Chunk>> {
        if self.inside {
            return Ok(None);
        }
        self.inside = true;
        self.read((MAX_RECORD + 1).saturating_sub(self.held.len()))?;
        let text = std::mem::take(&mut self.held);
        let refused = if text.len() > MAX_RECORD { vec![(1, too_long("document"))] } else { Vec::new() };
        let text = self.buffers.lend(if refused.is_empty() { text } else { Vec::new() });
        Ok(Some(Chunk { ends: Some(vec![text.len()]), text, first: 1, refused }))
    }

    fn rows(&mut self) -> std::io::Result<Option<Chunk>> {
        let Some(reader) = &mut self.csv else { return Ok(None) };
        let mut chunk = Chunk { first: self.next, ..Chunk::default() };
        let headers = reader.headers().map_err(std::io::Error::other)?.clone();
        let mut row = csv::StringRecord::new();
        while chunk.text.len() < CHUNK {
            match reader.read_record(&mut row) {
                Ok(false) => break,
                Ok(true) => {
                    let members = headers.iter().zip(&row).map(|(name, cell)| (name.to_owned(), Value::from(cell)));
                    chunk.text.extend(Value::Object(members.collect()).to_string().bytes());
                }
                Err(error) if error.is_io_error() => return Err(std::io::Error::other(error)),
                Err(error) => chunk.refused.push((self.next, error.to_string())),
            }
            // A refused row leaves an empty line, so that places stay right.
            chunk.text.push(b'\n');
            self.next += 1;
        }
        Ok((!chunk.text.is_empty()).then_some(chunk))
    }
}

fn too_long(what: &str) -> String {
    format!("a {what} of more than {} MiB", MAX_RECORD >> 20)
}

fn last_of(chunk: &Chunk) -> &[u8] {
    let ends = chunk.ends.as_deref().unwrap_or_default();
    let start = ends.len().checked_sub(2).map_or(0, |index| ends[index]);
    &chunk.text[start..]
}

fn continues(source: Option<&dyn Source>, record: &[u8], next: &[u8]) -> bool {
    let texts = (std::str::from_utf8(record.trim_ascii()), std::str::from_utf8(next.trim_ascii()));
    source.is_some_and(|source| matches!(texts, (Ok(record), Ok(next)) if source.continues(record, next)))
}

/// Where the last episode of some lines begins, unless it is their only one: it may go on behind them.
fn whole_episodes(lines: &[u8], source: Option<&dyn Source>) -> Option<usize> {
    source?;
    let mut end = lines.len();
    loop {
        let start = memrchr(b'\n', &lines[..end.checked_sub(1)?]).map(|at| at + 1)?;
        let before = memrchr(b'\n', &lines[..start.checked_sub(1)?]).map_or(0, |at| at + 1);
        if !continues(source, &lines[before..start], &lines[start..end]) {
            return Some(start);
        }
        end = start;
    }
}

enum Step {
    Item(usize, usize),
    More,
    End,
}

/// Finds the items of an array by brackets and quotes alone; whether an item is JSON is for its reader to say.
#[derive(Default)]
struct ItemScan {
    at: usize,
    start: usize,
    depth: usize,
    quoted: bool,
    escaped: bool,
    done: bool,
}

impl ItemScan {
    fn step(&mut self, text: &[u8]) -> Step {
        if self.done {
            return Step::End;
        }
        while let Some(&byte) = text.get(self.at) {
            let here = self.at;
            self.at += 1;
            if self.quoted {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.quoted = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.quoted = true,
                b'[' | b'{' => self.depth += 1,
                b']' if self.depth == 0 => {
                    self.done = true;
                    return Step::Item(std::mem::replace(&mut self.start, self.at), here);
                }
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                b',' if self.depth == 0 => return Step::Item(std::mem::replace(&mut self.start, self.at), here),
                _ => {}
            }
        }
        Step::More
    }

    /// The text lost its first `bytes`.
    fn back(&mut self, bytes: usize) {
        self.at -= bytes;
        self.start = self.start.saturating_sub(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, framing: Framing) -> Vec<(u64, String)> {
        let mut cutter = Cutter::new(Vec::new(), Box::new(std::io::Cursor::new(text.to_owned())), framing);
        let mut all = Vec::new();
        while let Some(chunk) = cutter.next(None).unwrap_or_else(|e| panic!("{e}")) {
            all.extend(chunk.refused.iter().cloned());
            all.extend(chunk.records().map(|(place, record)| (place, String::from_utf8_lossy(record).into_owned())));
        }
        all
    }

    fn places(pairs: &[(u64, &str)]) -> Vec<(u64, String)> {
        pairs.iter().map(|(place, text)| (*place, (*text).to_owned())).collect()
    }

    #[test]
    fn lines_items_and_rows_keep_their_places() {
        assert_eq!(cut("{\"a\":1}\n\n{\"a\":2}", Framing::Lines), places(&[(1, "{\"a\":1}"), (3, "{\"a\":2}")]));
        assert_eq!(cut(" [ {\"a\": \"],\\\"\"} ,\n[2] ] ", Framing::Items), places(&[(1, "{\"a\": \"],\\\"\"}"), (2, "[2]")]));
        assert_eq!(cut("[]", Framing::Items), places(&[]));
        assert_eq!(cut("[1, {", Framing::Items), places(&[(2, "the array ends in the middle of an item"), (1, "1")]));
        assert_eq!(cut("x,y\n1,\"a\nb\"\n3\n5,6\n", Framing::Csv).len(), 3);
        assert_eq!(cut("{\n}", Framing::Whole), places(&[(1, "{\n}")]));
    }

    #[test]
    fn framing_is_told_from_the_head() {
        let told = |text: &str| framing(text.as_bytes(), true, "x.json");
        assert_eq!(told("{\"a\": 1}\n{\"a\": 2}\n"), Some(Framing::Lines));
        assert_eq!(told("{broken\n{\"a\": 2}\n{\"a\": 3}\n"), Some(Framing::Lines));
        assert_eq!(told("{ \"tools\": [\n{\"a\": 1},\n{\"a\": 2},\n{\"a\": 3}\n]}\n"), Some(Framing::Whole));
        assert_eq!(told("{\n  \"a\": 1\n}\n"), Some(Framing::Whole));
        assert_eq!(told("[{\"a\": 1}, {\"a\": 2}]"), Some(Framing::Items));
        assert_eq!(told("[{\"role\": \"user\", \"content\": \"x\"}]"), Some(Framing::Whole));
        assert_eq!(told("[1]\n[2]\n"), Some(Framing::Lines));
        assert_eq!(told("# Title\n"), None);
        assert_eq!(framing(b"a,b\n1,2\n", true, "T.CSV"), Some(Framing::Csv));
    }
}
