//! Commits: new segments, then the manifest, then one short transaction in the catalog.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{self, Lineage, Manifest, Segment};
use crate::lake::schema::{self, ColumnType, Table, literal, quote};
use crate::lake::segment::Written;
use crate::lake::{Lake, Session, Snapshot, check, files, segment, trust};
use crate::sql::SqlFile;

/// What a commit does to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Adds rows.
    Append,
    /// Puts new rows in the place of all rows.
    Replace,
}

/// One table of a commit: where its new rows are.
#[derive(Debug, Clone)]
pub struct Output {
    /// Table of the lake.
    pub table: &'static str,
    /// Relation in the session that holds the rows.
    pub relation: String,
    /// What happens to the rows that are there.
    pub mode: Mode,
}

impl Output {
    /// The rows of `new_<table>` take the place of all rows of `table`.
    pub fn replace(table: &'static str) -> Output {
        Output { table, relation: format!("new_{table}"), mode: Mode::Replace }
    }

    /// The rows of `new_<table>` are added to `table`.
    pub fn append(table: &'static str) -> Output {
        Output { table, relation: format!("new_{table}"), mode: Mode::Append }
    }
}

impl Lineage {
    /// Lineage of a stage that read `session`.
    pub fn of(session: &Session, stage: &str, sql: &[SqlFile], parameters: Value, seed: Option<u64>) -> Lineage {
        Lineage {
            stage: stage.into(),
            sql: sql.iter().map(|f| (f.path.to_owned(), f.checksum())).collect(),
            parameters,
            seed,
            input: session.snapshot().id,
            firefly: env!("CARGO_PKG_VERSION").into(),
            duckdb: session.duckdb_version().into(),
        }
    }
}

impl Lake {
    /// Commits the rows that `session` holds for `outputs` as one new snapshot.
    ///
    /// Errors with [`Error::Conflict`] when a table to be replaced has changed since the session's
    /// snapshot, or rows to be added are there already, and with [`Error::Locked`] when another process keeps
    /// the catalog.
    pub fn commit(&self, session: &Session, lineage: Lineage, outputs: &[Output]) -> Result<Snapshot> {
        let mut commit = self.begin(session, lineage);
        for output in outputs {
            commit.add(output)?;
        }
        commit.finish()
    }

    /// Begins a commit whose rows come in parts, so that no more than a part is in memory at a time. Nothing is
    /// seen of it before [`Commit::finish`].
    pub fn begin<'a>(&'a self, session: &'a Session, lineage: Lineage) -> Commit<'a> {
        Commit { lake: self, session, lineage, parts: Vec::new(), names: BTreeMap::new() }
    }
}

/// A commit in the making.
pub struct Commit<'a> {
    lake: &'a Lake,
    session: &'a Session,
    lineage: Lineage,
    parts: Vec<Part>,
    names: BTreeMap<String, u64>,
}

/// What a commit does to one table.
struct Part {
    table: &'static Table,
    mode: Mode,
    added: Vec<Segment>,
    /// Hashes of the keys, as long as those of all segments are known.
    keys: Option<Vec<u128>>,
}

impl Part {
    fn take(&mut self, written: Written) {
        self.added.push(written.segment);
        self.keys.iter_mut().for_each(|keys| keys.extend(&written.keys));
    }
}

impl Commit<'_> {
    /// Writes the rows of `output`, which may be one of several for its table. Number of rows.
    pub fn add(&mut self, output: &Output) -> Result<u64> {
        let table = schema::table(output.table).expect("outputs name tables of schemas/");
        let written = segment::write(self.lake, self.session, &self.lineage, table, &output.relation)?;
        let rows = written.as_ref().map_or(0, |s| s.rows);
        let part = self.part(table, output.mode);
        part.added.extend(written);
        part.keys = None;
        Ok(rows)
    }

    /// Adds a segment that [`segment::write_rows`] wrote, as rows to be appended.
    pub fn add_segment(&mut self, table: &'static Table, written: Written) {
        self.part(table, Mode::Append).take(written);
    }

    /// Puts segments that [`segment::write_rows`] wrote, and whatever else is added, in the place of all rows.
    pub fn replace(&mut self, table: &'static Table, segments: Vec<Written>) {
        let part = self.part(table, Mode::Replace);
        segments.into_iter().for_each(|written| part.take(written));
    }

    fn part(&mut self, table: &'static Table, mode: Mode) -> &mut Part {
        let place = self.parts.iter().position(|p| p.table.name == table.name).unwrap_or_else(|| {
            self.parts.push(Part { table, mode, added: Vec::new(), keys: Some(Vec::new()) });
            self.parts.len() - 1
        });
        &mut self.parts[place]
    }

    /// Lineage that its segments name.
    pub fn lineage(&self) -> &Lineage {
        &self.lineage
    }

    /// Gives a name to a snapshot that is there.
    pub fn name(&mut self, name: &str, snapshot: u64) {
        self.names.insert(name.into(), snapshot);
    }

    /// Registers what was written: the manifest, then one short transaction in the catalog. All that takes long
    /// is done before the catalog is held, because nobody can read it meanwhile.
    pub fn finish(mut self) -> Result<Snapshot> {
        let keys: Vec<Option<Vec<u128>>> = self.parts.iter_mut().map(|part| part.keys.take()).collect();
        for (part, keys) in self.parts.iter().zip(keys) {
            self.refuse_doubles(part, keys)?;
            if part.mode == Mode::Append {
                self.refuse_overlap(part, &self.session.snapshot().of(&part.table.name).collect::<Vec<_>>())?;
            }
        }
        let mut catalog = Catalog::write(&self.lake.catalog_path())?;
        let parent = catalog.newest()?;
        check::refuse_stale(self.lake, parent)?;
        let mut current = Snapshot { id: parent, segments: catalog.segments(parent)? };
        let (mut added, mut ended) = (Vec::new(), Vec::new());
        for part in &self.parts {
            let name = &part.table.name;
            let (then, now): (Vec<_>, Vec<_>) = (self.session.snapshot().of(name).collect(), current.of(name).collect());
            match part.mode {
                Mode::Replace if now != then => return Err(Error::Conflict(name.clone())),
                // The same content again: the segments that hold it stay.
                Mode::Replace if sum(&now) == sum(&part.added.iter().collect::<Vec<_>>()) => {
                    self.discard(&catalog, part)?;
                    continue;
                }
                Mode::Replace => ended.extend(now.iter().map(|s| s.path.clone())),
                Mode::Append => self.refuse_overlap(part, &now.into_iter().filter(|s| !then.contains(s)).collect::<Vec<_>>())?,
            }
            added.extend(part.added.iter().cloned());
        }
        // `gc` may have taken files that were written long ago and not registered yet.
        for segment in &added {
            files::plain(&self.lake.root, &segment.path)?;
        }
        let created_at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        let (lineage, names) = (self.lineage, self.names);
        let manifest = Manifest { format: manifest::FORMAT, snapshot: parent + 1, parent, created_at, lineage, added, ended, names };
        manifest.write(&self.lake.root)?;
        catalog.register(&manifest)?;
        drop(catalog);
        trust::vouch(&self.lake.root, manifest.added.iter());
        current.segments.retain(|s| !manifest.ended.contains(&s.path));
        current.segments.extend(manifest.added);
        current.segments.sort_by(|a, b| (&a.table, &a.path).cmp(&(&b.table, &b.path)));
        Ok(Snapshot { id: manifest.snapshot, segments: current.segments })
    }

    /// Removes files that were written and turned out not to be needed.
    fn discard(&self, catalog: &Catalog, part: &Part) -> Result<()> {
        for segment in &part.added {
            if !catalog.has_path(&segment.path)? {
                let path = self.lake.root.join(&segment.path);
                std::fs::remove_file(&path).map_err(Error::io("removing", &path))?;
            }
        }
        Ok(())
    }

    /// Refuses keys that would stand in the table twice.
    fn refuse_doubles(&self, part: &Part, keys: Option<Vec<u128>>) -> Result<()> {
        if part.added.is_empty() {
            return Ok(());
        }
        let in_hand = keys.map(|mut keys| {
            keys.sort_unstable();
            keys.windows(2).filter(|pair| pair[0] == pair[1]).count()
        });
        if in_hand == Some(0) {
            return Ok(());
        }
        let key = part.table.key_list();
        let files = self.read(part.added.iter());
        let doubles = self.session.count(&format!("SELECT count(*) FROM (SELECT 1 FROM {files} GROUP BY {key} HAVING count(*) > 1)"))?;
        if doubles == 0 {
            return Ok(());
        }
        let what = format!("{doubles} keys ({}) would stand in it twice", part.table.key.join(", "));
        Err(Error::Damaged { path: PathBuf::from(&part.table.name), what })
    }

    /// Refuses keys that stand in `there` already: another process did the same work meanwhile.
    fn refuse_overlap(&self, part: &Part, there: &[&Segment]) -> Result<()> {
        if part.added.is_empty() || there.is_empty() {
            return Ok(());
        }
        let (new, old) = (self.read(part.added.iter()), self.read(there.iter().copied()));
        let range = self.key_range(part.table, &new)?;
        let keys = part.table.key_list();
        let both = self.session.count(&format!("SELECT count(*) FROM {new} SEMI JOIN (FROM {old} {range}) USING ({keys})"))?;
        if both == 0 { Ok(()) } else { Err(Error::Conflict(part.table.name.clone())) }
    }

    /// The condition on the first column of the key that all rows of `new` meet, as constants: what is there and lies elsewhere,
    /// such as all that a log holds from before, is then not read.
    fn key_range(&self, table: &Table, new: &str) -> Result<String> {
        #[derive(serde::Deserialize)]
        struct Range {
            low: Option<String>,
            high: Option<String>,
        }
        let first = table.columns.iter().find(|c| Some(&c.name) == table.key.first() && c.kind == ColumnType::Varchar);
        let Some(first) = first.map(|c| quote(&c.name)) else { return Ok(String::new()) };
        let found: Vec<Range> = self.session.query(&format!("SELECT min({first}) AS low, max({first}) AS high FROM {new}"))?;
        let range = found.into_iter().next().and_then(|range| Some((range.low?, range.high?)));
        Ok(range.map_or_else(String::new, |(low, high)| format!("WHERE {first} BETWEEN {} AND {}", literal(&low), literal(&high))))
    }

    fn read<'s>(&self, segments: impl Iterator<Item = &'s Segment>) -> String {
        let files: Vec<_> = segments.map(|s| literal(&self.lake.root.join(&s.path).to_string_lossy())).collect();
        format!("read_parquet([{}])", files.join(", "))
    }
}

/// Rows and logical hash of some segments together.
fn sum(segments: &[&Segment]) -> (u64, LogicalHash) {
    let mut hash = LogicalHash::default();
    segments.iter().for_each(|s| hash.add(LogicalHash::parse(&s.logical_hash).unwrap_or_default()));
    (segments.iter().map(|s| s.rows).sum(), hash)
}
