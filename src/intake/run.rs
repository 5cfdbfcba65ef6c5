//! Reads files into the lake: one commit for all that is named.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::ProgressBar;
use serde_json::json;
use twox_hash::XxHash3_128;

use crate::error::{Error, Result};
use crate::intake::Source;
use crate::intake::called::Known;
use crate::intake::catalogue::{Catalogue, Kind, Seen};
use crate::intake::episode::Origin;
use crate::intake::inferred::Inferred;
use crate::intake::open::{self, Body, Entry};
use crate::intake::reader::{Read as Part, Reading, read_entry};
use crate::intake::tables::{LinkRow, RejectedRow, SourceRow, TaskRow};
use crate::intake::written::Writer;
use crate::json::parse;
use crate::lake::commit::Commit;
use crate::lake::{Lake, Lineage, Output, Session, Snapshot};
use crate::progress;
use crate::redact;
use crate::sql;
use crate::state::takes_path;
use crate::text::shorten;

/// Rows of `rejected` kept of one file; all are counted.
const MAX_REJECTED: u64 = 10_000;

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Name of the format, where it is not to be recognised.
    pub format: Option<String>,
    /// Collection the rows are said to come from.
    pub label: Option<String>,
    /// Whether the first rejected record is an error.
    pub strict: bool,
}

/// What became of one file.
#[derive(Debug, Default, Clone)]
pub struct FileReport {
    /// Its path.
    pub path: String,
    /// Formats it was read as.
    pub formats: BTreeSet<&'static str>,
    /// Whether the lake had it already, byte for byte.
    pub known: bool,
    /// Why nothing of it was read.
    pub left_out: Option<String>,
    /// First reason for which a record was rejected.
    pub first_rejection: Option<String>,
    /// What was counted.
    pub counts: BTreeMap<&'static str, u64>,
}

impl FileReport {
    fn count(&mut self, what: &'static str, by: u64) {
        if by > 0 {
            *self.counts.entry(what).or_default() += by;
        }
    }
}

/// What became of all files.
#[derive(Debug)]
pub struct Report {
    /// The newest snapshot; the one made, if there was anything new.
    pub snapshot: Snapshot,
    /// Each file.
    pub files: Vec<FileReport>,
    /// Files of folders that were passed over because their names say that they are something else.
    pub others: Vec<PathBuf>,
}

/// Reads all of `paths` (files, folders, `-` for standard input) with the first of `sources` that recognises each.
///
/// Errors with [`Error::Unreadable`] where a path can't be read at all and, if `options.strict`, at the first record that
/// can't; then nothing is committed.
pub fn files(lake: &Lake, paths: &[PathBuf], sources: &'static [&'static dyn Source], options: &Options) -> Result<Report> {
    let chosen: Vec<&'static dyn Source> = match &options.format {
        None => sources.to_vec(),
        Some(name) => vec![*sources.iter().find(|s| s.name() == name).ok_or_else(|| unknown_format(name, sources))?],
    };
    // Beside the opening of the lake, which leaves the other cores idle.
    std::thread::spawn(redact::prepare);
    let session = lake.session()?;
    let mut commit = lake.begin(&session, Lineage::of(&session, "ingest", &[], parameters(paths, options), None));
    let mut intake = Intake::new(lake, &session, chosen, options)?;
    let (mut reports, mut others) = (Vec::new(), Vec::new());
    let bar = progress::bytes("ingest");
    for path in paths {
        let from_stdin = path.as_os_str() == "-";
        let spooled = if from_stdin { Some(standard_input()?) } else { None };
        let found = match &spooled {
            Some(file) => vec![file.path().to_owned()],
            None => {
                let listed = open::files(path)?;
                others.extend(listed.others);
                listed.files
            }
        };
        for file in found {
            let name = if from_stdin { "-".to_owned() } else { file.to_string_lossy().into_owned() };
            bar.set_message(name.clone());
            reports.push(intake.file(&file, &name, &mut commit, &bar)?);
        }
    }
    bar.finish_and_clear();
    let snapshot = intake.finish(commit)?;
    Ok(Report { snapshot, files: reports, others })
}

fn unknown_format(name: &str, sources: &[&dyn Source]) -> Error {
    let known: Vec<_> = sources.iter().map(|s| s.name()).collect();
    Error::Usage(format!("no format is called `{name}`; there are {}", known.join(", ")))
}

fn parameters(paths: &[PathBuf], options: &Options) -> serde_json::Value {
    let paths: Vec<_> = paths.iter().map(|p| p.to_string_lossy()).collect();
    json!({"paths": paths, "format": options.format, "source": options.label})
}

fn standard_input() -> Result<tempfile::NamedTempFile> {
    let told = |e| Error::Unreadable { path: "standard input".into(), reason: std::io::Error::to_string(&e) };
    let mut file = tempfile::NamedTempFile::new().map_err(told)?;
    std::io::copy(&mut std::io::stdin().lock(), &mut file).map_err(told)?;
    Ok(file)
}

struct Intake<'a> {
    session: &'a Session,
    options: &'a Options,
    sources: Vec<&'static dyn Source>,
    writer: Writer,
    catalogue: Catalogue,
    known: Known,
    known_sources: HashMap<String, SourceRow>,
    known_tasks: BTreeSet<(String, String)>,
    new_sources: Vec<SourceRow>,
    tasks: Vec<TaskRow>,
    known_links: BTreeSet<(String, String, String)>,
    links: Vec<LinkRow>,
    rejected: Vec<RejectedRow>,
    now: chrono::DateTime<chrono::Utc>,
    changed: bool,
}

impl<'a> Intake<'a> {
    fn new(lake: &Lake, session: &'a Session, sources: Vec<&'static dyn Source>, options: &'a Options) -> Result<Intake<'a>> {
        #[derive(serde::Deserialize)]
        struct Nature {
            server: String,
            tool: String,
            input_schema: String,
            reads: bool,
        }
        #[derive(serde::Deserialize)]
        struct Key {
            benchmark: String,
            task_id: String,
        }
        let natures: Vec<Nature> = session.rows(sql::get("stages/sim_tool.sql"))?;
        let mut known: HashMap<String, HashMap<String, (bool, bool)>> = HashMap::new();
        for n in natures {
            known.entry(n.server).or_default().insert(n.tool, (n.reads, takes_path(&parse(&n.input_schema))));
        }
        let rows: Vec<SourceRow> = session.table("source")?;
        let tasks: Vec<Key> = session.table("benchmark_task")?;
        let links: Vec<LinkRow> = session.table("known_link")?;
        Ok(Intake {
            session,
            options,
            sources,
            writer: Writer::new(lake, session)?,
            catalogue: Catalogue::load(session)?,
            known: Arc::new(known),
            known_sources: rows.into_iter().map(|row| (row.source_id.clone(), row)).collect(),
            known_tasks: tasks.into_iter().map(|t| (t.benchmark, t.task_id)).collect(),
            new_sources: Vec::new(),
            tasks: Vec::new(),
            known_links: links.into_iter().map(LinkRow::key).collect(),
            links: Vec::new(),
            rejected: Vec::new(),
            now: chrono::Utc::now(),
            changed: false,
        })
    }

    fn file(&mut self, path: &Path, name: &str, commit: &mut Commit<'_>, bar: &ProgressBar) -> Result<FileReport> {
        let mut report = FileReport { path: name.into(), ..FileReport::default() };
        let (content, bytes) = fingerprint(path)?;
        // The same bytes read as something else, or for another collection, are something else.
        let asked = [self.options.format.as_deref(), self.options.label.as_deref()];
        let mut source_id = if asked == [None, None] { content } else { mixed(&[&content, &format!("{asked:?}")]) };
        bar.inc_length(bytes);
        // Where the path says what a file is, a copy elsewhere is another file.
        if self.known_sources.get(&source_id).is_some_and(|row| row.path != name && self.by_path(row)) {
            source_id = mixed(&[&source_id, name]);
        }
        if self.known_sources.contains_key(&source_id) {
            report.known = true;
            bar.inc(bytes);
            return Ok(report);
        }
        let counted = |file: File| -> Box<dyn Read + Send> { Box::new(bar.wrap_read(file)) };
        let mut inferred = Inferred::default();
        let mut labels = BTreeMap::new();
        let outcome = open::entries(path, name, &counted, &mut |entry| {
            self.entry(entry, &source_id, &mut report, &mut inferred, &mut labels, commit)
        });
        match outcome {
            // A file that breaks off half-way keeps what was read of it.
            Err(Error::Unreadable { path, reason }) if !self.options.strict => {
                self.reject(&source_id, &mut report, &path, 0, reason)?;
            }
            other => other?,
        }
        for (server, tool, schema) in inferred.schemas() {
            let label = labels.values().next().map_or("recorded", String::as_str);
            let seen = self.catalogue.called(&source_id, label, server, tool, &schema);
            report.count("tools known from calls alone", seen.new);
        }
        let read = !report.formats.is_empty();
        if !read {
            let reason = report.first_rejection.clone().unwrap_or_else(|| "it is empty".into());
            report.left_out = Some(reason);
        }
        if read || report.counts.contains_key("rejected") {
            let counts: serde_json::Map<_, _> = report.counts.iter().map(|(what, n)| ((*what).to_owned(), json!(n))).collect();
            let count = |what| report.counts.get(what).copied().unwrap_or_default() as i64;
            let row = SourceRow {
                source_id: source_id.clone(),
                path: name.into(),
                format: (!report.formats.is_empty()).then(|| report.formats.iter().copied().collect::<Vec<_>>().join(", ")),
                label: labels.into_values().next(),
                bytes: bytes as i64,
                records: count("records"),
                rejected: count("rejected"),
                counts: crate::json::canonical(&counts.into()),
                ingested_at: self.now.naive_utc().to_string(),
            };
            self.known_sources.insert(source_id, row.clone());
            self.new_sources.push(row);
            self.changed = true;
        }
        Ok(report)
    }

    fn by_path(&self, row: &SourceRow) -> bool {
        let formats = row.format.as_deref().unwrap_or_default();
        self.sources.iter().any(|source| source.by_path() && formats.split(", ").any(|format| format == source.name()))
    }

    fn entry(
        &mut self,
        entry: Entry,
        source_id: &str,
        report: &mut FileReport,
        inferred: &mut Inferred,
        labels: &mut BTreeMap<&'static str, String>,
        commit: &mut Commit<'_>,
    ) -> Result<()> {
        let Entry { place, body } = entry;
        if let Body::Refused(reason) = body {
            return self.reject(source_id, report, &place.path, 0, reason);
        }
        let now_us = self.now.timestamp_micros();
        let known = self.known.clone();
        let sources = self.sources.clone();
        let label = self.options.label.clone();
        let reading = Reading { sources: &sources, label: label.as_deref(), source_id, place: &place, now_us, known };
        let ended = read_entry(&reading, body, inferred, &mut |part, source| {
            report.formats.insert(source.name());
            labels.entry(source.name()).or_insert_with(|| label.clone().unwrap_or_else(|| source.label().to_owned()));
            self.part(part, &reading.origin(source, 0), report, commit)
        });
        match ended {
            Err(Error::Unreadable { reason, .. }) if !self.options.strict => self.reject(source_id, report, &place.path, 0, reason),
            other => other,
        }
    }

    /// Takes what was read of one chunk.
    fn part(&mut self, part: Part, origin: &Origin<'_>, report: &mut FileReport, commit: &mut Commit<'_>) -> Result<()> {
        report.count("records", part.records);
        report.count("secrets masked", part.rows.masked);
        for (position, reason) in part.refused {
            self.reject(origin.source_id, report, origin.path, position, reason)?;
        }
        for (what, count) in part.odd.0 {
            report.count(what, count);
        }
        for server in part.servers {
            report.count("servers", 1);
            report.count("tools listed", server.tools.len() as u64);
            let Seen { new, known, changed, twice, masked } = self.catalogue.listed(origin.source_id, origin.label, server, Kind::Listed);
            report.count("tools", new);
            report.count("tools known before", known);
            report.count("tools changed", changed);
            report.count("tools listed twice by their server", twice);
            report.count("secrets masked", masked);
        }
        for link in part.links {
            let row = LinkRow::of(link, origin.label);
            if self.known_links.insert(row.clone().key()) {
                report.count("links between tools", 1);
                self.links.push(row);
            } else {
                report.count("links known before", 1);
            }
        }
        for task in part.tasks {
            let (row, masked) = TaskRow::of(task, origin.source_id);
            report.count("secrets masked", masked);
            if self.known_tasks.insert(row.key()) {
                report.count("benchmark tasks", 1);
                self.tasks.push(row);
            } else {
                report.count("benchmark tasks known before", 1);
            }
        }
        let written = self.writer.add(part.rows, commit)?;
        report.count("episodes", written.episodes);
        report.count("calls", written.calls);
        report.count("flows", written.flows);
        report.count("episodes known before", written.known);
        Ok(())
    }

    fn reject(&mut self, source_id: &str, report: &mut FileReport, path: &str, position: u64, reason: String) -> Result<()> {
        let reason = shorten(&redact::text(&reason).map_or(reason, |(clean, _)| clean), 500);
        if self.options.strict {
            return Err(Error::Unreadable { path: at(path, position), reason });
        }
        report.count("rejected", 1);
        report.first_rejection.get_or_insert_with(|| format!("{}: {reason}", at(path, position)));
        if report.counts["rejected"] <= MAX_REJECTED {
            let row = RejectedRow { source_id: source_id.into(), path: path.into(), position: position as i64, reason };
            self.rejected.push(row);
        }
        Ok(())
    }

    /// Commits, if there is anything new.
    fn finish(mut self, mut commit: Commit<'_>) -> Result<Snapshot> {
        if !self.changed {
            return Ok(self.session.snapshot().clone());
        }
        self.rejected.sort_by(|a, b| (&a.source_id, &a.path, a.position).cmp(&(&b.source_id, &b.path, b.position)));
        // One record may hold several that can't be read.
        self.rejected.dedup_by(|a, b| {
            let same = (&a.source_id, &a.path, a.position) == (&b.source_id, &b.path, b.position);
            if same {
                b.reason = shorten(&format!("{}; {}", b.reason, a.reason), 1000);
            }
            same
        });
        self.session.put("source", &self.new_sources)?;
        self.session.put("rejected", &self.rejected)?;
        self.session.put("benchmark_task", &self.tasks)?;
        self.session.put("known_link", &self.links)?;
        let mut outputs: Vec<_> = ["source", "rejected", "benchmark_task", "known_link"].map(Output::append).into();
        outputs.extend(self.catalogue.put(self.session)?);
        self.writer.finish(&mut commit)?;
        for output in &outputs {
            commit.add(output)?;
        }
        commit.finish()
    }
}

/// Where a record stands, to people.
fn at(path: &str, position: u64) -> String {
    if position == 0 { path.to_owned() } else { format!("{path}, record {position}") }
}

/// An id made of several parts.
fn mixed(parts: &[&str]) -> String {
    format!("{:032x}", XxHash3_128::oneshot(parts.join("\0").as_bytes()))
}

/// Bytes that are hashed at a time, by as many threads as there are cores.
const BLOCK: u64 = 16 << 20;

/// Hash and length of a file's bytes: XXH3-128 of the XXH3-128 of its blocks of 16 MiB.
fn fingerprint(path: &Path) -> Result<(String, u64)> {
    use std::os::unix::fs::FileExt;
    let told = || Error::io("reading", path);
    let file = File::open(path).map_err(told())?;
    let bytes = file.metadata().map_err(told())?.len();
    let blocks = bytes.div_ceil(BLOCK);
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get() as u64).min(blocks.max(1));
    let hash_block = |block: u64, buffer: &mut Vec<u8>| -> std::io::Result<u128> {
        let (from, length) = (block * BLOCK, BLOCK.min(bytes - block * BLOCK));
        buffer.resize(length as usize, 0);
        file.read_exact_at(buffer, from)?;
        Ok(XxHash3_128::oneshot(buffer))
    };
    let own = |worker: u64| {
        let mut buffer = Vec::new();
        (worker..blocks)
            .step_by(workers as usize)
            .map(|block| Ok((block, hash_block(block, &mut buffer)?)))
            .collect::<std::io::Result<Vec<_>>>()
    };
    let mut hashes = std::thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|worker| scope.spawn(move || own(worker))).collect();
        let ended = |_| std::io::Error::other("hashing ended early");
        running.into_iter().map(|thread| thread.join().map_err(ended)?).collect::<std::io::Result<Vec<_>>>()
    })
    .map_err(told())?
    .concat();
    hashes.sort_unstable();
    let all: Vec<u8> = hashes.iter().flat_map(|(_, hash)| hash.to_be_bytes()).collect();
    Ok((format!("{:032x}", XxHash3_128::oneshot(&all)), bytes))
}
