//! Reads one file or entry: cuts it, has its source recognised, and lets a worker a core read the chunks. Chunks come
//! out in the order they went in, and only a few are in memory.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use crate::error::{Error, Result};
use crate::intake::called::Known;
use crate::intake::episode::{Maker, Origin, Rows};
use crate::intake::inferred::Inferred;
use crate::intake::open::Body;
use crate::intake::parquet::rows_as_lines;
use crate::intake::recognise::recognise;
use crate::intake::records::{CHUNK, Chunk, Cutter, framing};
use crate::intake::{BenchmarkTask, Found, FoundServer, KnownLink, MAX_RECORD, Odd, Place, Source};

/// Bytes looked at to tell how a text is cut.
const HEAD: usize = 1 << 20;

/// What to read, and how.
pub struct Reading<'a> {
    /// Sources to choose from.
    pub sources: &'a [&'static dyn Source],
    /// Collection the rows are said to come from, where the user says so.
    pub label: Option<&'a str>,
    /// The file's id.
    pub source_id: &'a str,
    /// File or entry.
    pub place: &'a Place,
    /// When the ingest began.
    pub now_us: i64,
    /// Tools known before.
    pub known: Known,
}

impl<'a> Reading<'a> {
    /// Where a record at `position` was found.
    pub fn origin(&self, source: &'static dyn Source, position: u64) -> Origin<'a> {
        let label = self.label.unwrap_or_else(|| source.label());
        Origin { source_id: self.source_id, label, path: &self.place.path, position, now_us: self.now_us }
    }
}

/// What was read of one chunk.
pub struct Read {
    /// Records that were read.
    pub records: u64,
    /// Those that could not be, and why.
    pub refused: Vec<(u64, String)>,
    /// Rows of episodes.
    pub rows: Rows,
    /// Servers with tools.
    pub servers: Vec<FoundServer>,
    /// Tasks.
    pub tasks: Vec<BenchmarkTask>,
    /// Links between tools.
    pub links: Vec<KnownLink>,
    /// What was odd.
    pub odd: Odd,
}

/// Reads `body` and hands what it holds to `each`, chunk by chunk.
///
/// Errors with [`Error::Unreadable`] where nothing can be made of it; what was handed over before stays.
pub fn read_entry(
    reading: &Reading<'_>,
    body: Body,
    inferred: &mut Inferred,
    each: &mut dyn FnMut(Read, &'static dyn Source) -> Result<()>,
) -> Result<()> {
    let told = |reason: String| Error::Unreadable { path: reading.place.path.clone(), reason };
    let mut reader: Box<dyn std::io::Read + Send> = match body {
        Body::Stream(reader) => reader,
        Body::Parquet(file) => rows_as_lines(file).map_err(told)?,
        Body::Refused(reason) => return Err(told(reason)),
    };
    let mut head = Vec::new();
    let mut more = |head: &mut Vec<u8>, bytes: usize| {
        let before = head.len();
        (&mut reader).take(bytes as u64).read_to_end(head).map_err(|e| told(e.to_string()))?;
        Ok::<bool, Error>(head.len() - before == bytes)
    };
    let mut goes_on = more(&mut head, HEAD)?;
    if head.trim_ascii().is_empty() {
        return Err(told("it is empty".into()));
    }
    let cut = framing(&head, !goes_on, &reading.place.path).ok_or_else(|| told("it is neither JSON nor CSV".into()))?;
    // Recognised on a copy of the beginning, so that the cutter knows from the first record on what belongs together.
    let source = loop {
        let looked = Cutter::new(head.clone(), Box::new(std::io::empty()), cut).next(None).map_err(|e| told(e.to_string()))?;
        let found = looked.as_ref().and_then(|chunk| recognise(chunk, reading.place, reading.sources));
        match (found, reading.sources) {
            (Some(source), _) => break source,
            // A first record may be long.
            _ if goes_on && head.len() <= MAX_RECORD => {
                let double = head.len();
                goes_on = more(&mut head, double)?;
            }
            // A format that was asked for says itself what it can't read.
            (None, [only]) => break *only,
            (None, _) => return Err(told(looked.as_ref().map_or_else(|| "it is empty".to_owned(), why_unknown))),
        }
    };
    let mut cutter = Cutter::new(head, reader, cut);
    let mut next = |source| cutter.next(source).map_err(|e: std::io::Error| told(e.to_string()));
    let Some(first) = next(Some(source))? else { return Ok(()) };
    if first.text.len() < CHUNK / 2 {
        // Most files are small: threads would take longer than the work.
        let mut maker = Maker::new(reading.known.clone());
        each(read_chunk(&first, source, reading, &mut maker), source)?;
        inferred.merge(maker.inferred);
        return match next(Some(source))? {
            None => Ok(()),
            Some(second) => in_parallel(reading, source, second, &mut || next(Some(source)), inferred, each),
        };
    }
    in_parallel(reading, source, first, &mut || next(Some(source)), inferred, each)
}

fn why_unknown(chunk: &Chunk) -> String {
    let broken = chunk.records().next().and_then(|(_, record)| serde_json::from_slice::<serde::de::IgnoredAny>(record).err());
    match (broken, chunk.refused.first()) {
        (Some(error), _) => format!("its first record is not JSON: {error}"),
        (None, Some((_, reason))) => reason.clone(),
        (None, None) => "no source recognises it; `firefly ingest --formats` lists what can be read".into(),
    }
}

/// Results of chunks by their number, of those that came before their turn.
type Early = BTreeMap<u64, Read>;

fn in_parallel(
    reading: &Reading<'_>,
    source: &'static dyn Source,
    first: Chunk,
    next: &mut (dyn FnMut() -> Result<Option<Chunk>> + Send),
    inferred: &mut Inferred,
    each: &mut dyn FnMut(Read, &'static dyn Source) -> Result<()>,
) -> Result<()> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (give, take) = sync_channel::<(u64, Chunk)>(workers);
    let (done, results) = sync_channel::<(u64, Read)>(workers);
    let take = Arc::new(Mutex::new(take));
    std::thread::scope(|scope| {
        let cutting = scope.spawn(move || cut_all(first, next, &give));
        let working: Vec<_> = (0..workers)
            .map(|_| (take.clone(), done.clone()))
            .map(|(take, done)| scope.spawn(move || work(&take, &done, source, reading)))
            .collect();
        drop((take, done));
        let mut outcome = Ok(());
        let (mut early, mut turn) = (Early::new(), 0);
        for (number, read) in &results {
            early.insert(number, read);
            while let Some(read) = early.remove(&turn) {
                turn += 1;
                if outcome.is_ok() {
                    outcome = each(read, source);
                }
            }
            if outcome.is_err() {
                break;
            }
        }
        drop(results);
        let ended =
            |_| Error::Unreadable { path: reading.place.path.clone(), reason: "a worker ended early: this is a defect of firefly".into() };
        for worker in working {
            inferred.merge(worker.join().map_err(ended)?);
        }
        let cut = cutting.join().map_err(ended)?;
        outcome.and(cut)
    })
}

/// Gives out chunks until there are no more, or nobody takes them.
fn cut_all(first: Chunk, next: &mut (dyn FnMut() -> Result<Option<Chunk>> + Send), give: &SyncSender<(u64, Chunk)>) -> Result<()> {
    let mut chunk = first;
    for number in 0.. {
        if give.send((number, chunk)).is_err() {
            break;
        }
        match next()? {
            Some(following) => chunk = following,
            None => break,
        }
    }
    Ok(())
}

fn work(
    take: &Mutex<Receiver<(u64, Chunk)>>,
    done: &SyncSender<(u64, Read)>,
    source: &'static dyn Source,
    reading: &Reading<'_>,
) -> Inferred {
    let mut maker = Maker::new(reading.known.clone());
    loop {
        let taken = take.lock().map(|take| take.recv());
        let Ok(Ok((number, chunk))) = taken else { return maker.inferred };
        if done.send((number, read_chunk(&chunk, source, reading, &mut maker))).is_err() {
            return maker.inferred;
        }
    }
}

/// Reads all records of a chunk; what can't be read is refused by its place.
pub fn read_chunk(chunk: &Chunk, source: &'static dyn Source, reading: &Reading<'_>, maker: &mut Maker) -> Read {
    let mut read = Read {
        records: 0,
        refused: chunk.refused.clone(),
        rows: maker.rows(),
        servers: Vec::new(),
        tasks: Vec::new(),
        links: Vec::new(),
        odd: Odd::default(),
    };
    let mut found = Found::default();
    // Traces with the place of their first record.
    let mut places: Vec<u64> = Vec::new();
    for (position, record) in chunk.records() {
        let (traces, servers, tasks, links) = (found.traces.len(), found.servers.len(), found.tasks.len(), found.links.len());
        let outcome = simdutf8::compat::from_utf8(record)
            .map_err(|e| format!("byte {} is not UTF-8", e.valid_up_to() + 1))
            .and_then(|text| source.read(text, reading.place, &mut found));
        match outcome {
            Ok(()) => read.records += 1,
            Err(reason) => {
                found.traces.truncate(traces);
                found.servers.truncate(servers);
                found.tasks.truncate(tasks);
                found.links.truncate(links);
                read.refused.push((position, reason));
            }
        }
        places.resize(found.traces.len(), position);
    }
    for (trace, position) in found.traces.iter().zip(places) {
        if trace.calls.is_empty() {
            read.odd.note("conversations without a call");
            // Of one that was graded, the grade is worth keeping: runs are compared by all their trials.
            if trace.reward.is_none() {
                continue;
            }
        }
        if let Err(reason) = maker.add(trace, &reading.origin(source, position), &mut read.rows) {
            read.refused.push((position, reason));
        }
    }
    maker.done(&read.rows);
    read.servers = found.servers;
    read.tasks = found.tasks;
    read.links = found.links;
    read.odd.merge(found.odd);
    read
}

/// What `source` makes of a text, for tests and fuzzing: never a panic, whatever the text.
pub fn read_text(text: &[u8], source: &'static dyn Source, place: &Place) -> Vec<Read> {
    let reading = Reading { sources: &[source], label: None, source_id: "", place, now_us: 0, known: Known::default() };
    let mut all = Vec::new();
    let body = Body::Stream(Box::new(Cursor::new(text.to_vec())));
    let _ = read_entry(&reading, body, &mut Inferred::default(), &mut |read, _| {
        all.push(read);
        Ok(())
    });
    all
}
