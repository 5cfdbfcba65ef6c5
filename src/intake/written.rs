//! Hands rows over to the lake in parts, so that no more than a part is in memory.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::thread::JoinHandle;

use crate::error::{Error, Result};
use crate::intake::episode::Rows;
use crate::lake::commit::Commit;
use crate::lake::gathered::Gathered;
use crate::lake::schema::Table;
use crate::lake::{Lake, Session, segment};

/// Rows of one table that make a part.
const PART_ROWS: usize = 60_000;
/// Bytes of one table that make a part.
const PART_BYTES: usize = 96 << 20;
/// Parts that are written at once: with one, reading stood still whenever the next was full before; each is in memory.
const WRITING: usize = 2;

/// A part that a thread writes, and its table.
type Writing = (&'static Table, JoinHandle<Result<segment::Written>>);

/// Writes the rows of episodes that the lake does not have yet.
pub struct Writer {
    root: PathBuf,
    writing: VecDeque<Writing>,
    waiting: BTreeMap<&'static str, Gathered>,
    known: HashSet<String>,
}

/// What was written of some rows.
#[derive(Debug, Default, Clone, Copy)]
pub struct Written {
    /// Episodes.
    pub episodes: u64,
    /// Calls.
    pub calls: u64,
    /// Flows.
    pub flows: u64,
    /// Episodes that the lake had already.
    pub known: u64,
}

impl Writer {
    /// A writer that knows the episodes of the session's snapshot.
    pub fn new(lake: &Lake, session: &Session) -> Result<Writer> {
        #[derive(serde::Deserialize)]
        struct Id {
            episode_id: String,
        }
        let ids: Vec<Id> = session.rows(crate::sql::get("stages/recorded_episode.sql"))?;
        Ok(Writer {
            root: lake.root().to_owned(),
            writing: VecDeque::new(),
            waiting: BTreeMap::new(),
            known: ids.into_iter().map(|row| row.episode_id).collect(),
        })
    }

    /// Takes rows, and writes those that make a part.
    pub fn add(&mut self, rows: Rows, commit: &mut Commit<'_>) -> Result<Written> {
        let mut written = Written::default();
        let fresh: Vec<bool> = rows.made.iter().map(|(id, _, _)| self.known.insert(id.clone())).collect();
        for ((_, calls, flows), fresh) in rows.made.iter().zip(&fresh) {
            if *fresh {
                written.episodes += 1;
                written.calls += *calls as u64;
                written.flows += *flows as u64;
            } else {
                written.known += 1;
            }
        }
        // Mostly all are new, and nothing has to be left out.
        let all = fresh.iter().all(|fresh| *fresh);
        let each = |count: fn(&(String, usize, usize)) -> usize| -> Option<Vec<bool>> {
            (!all).then(|| rows.made.iter().zip(&fresh).flat_map(|(made, fresh)| std::iter::repeat_n(*fresh, count(made))).collect())
        };
        let tables = [
            (rows.episodes, each(|_| 1)),
            (rows.calls, each(|made| made.1)),
            (rows.flows, each(|made| made.2)),
            (rows.traces, each(|_| 1)),
        ];
        for (rows, keep) in tables {
            let table = rows.table();
            let waiting = self.waiting.entry(table.name.as_str()).or_insert_with(|| Gathered::new(table));
            waiting.add(rows, keep)?;
            if waiting.bytes() >= PART_BYTES || waiting.rows() >= PART_ROWS {
                self.write(&table.name, commit)?;
            }
        }
        Ok(written)
    }

    /// Writes what is left, all of it at once: nothing more is read beside it.
    pub fn finish(mut self, commit: &mut Commit<'_>) -> Result<()> {
        self.settle(0, commit)?;
        let left = std::mem::take(&mut self.waiting).into_values().filter(|rows| rows.rows() > 0);
        let writing: Vec<Writing> = left.map(|rows| self.start(rows, commit)).collect();
        writing.into_iter().try_for_each(|(table, thread)| settle(table, thread, commit))
    }

    /// Writes a part beside the reading of the next.
    fn write(&mut self, table: &str, commit: &mut Commit<'_>) -> Result<()> {
        let Some(rows) = self.waiting.remove(table) else { return Ok(()) };
        self.settle(WRITING - 1, commit)?;
        self.writing.push_back(self.start(rows, commit));
        Ok(())
    }

    fn start(&self, rows: Gathered, commit: &Commit<'_>) -> Writing {
        let (root, lineage) = (self.root.clone(), commit.lineage().clone());
        (rows.table, std::thread::spawn(move || segment::write_rows(&root, &lineage, &rows)))
    }

    /// Waits until no more than `left` parts are being written, the first one first.
    fn settle(&mut self, left: usize, commit: &mut Commit<'_>) -> Result<()> {
        while self.writing.len() > left {
            let Some((table, thread)) = self.writing.pop_front() else { break };
            settle(table, thread, commit)?;
        }
        Ok(())
    }
}

fn settle(table: &'static Table, thread: JoinHandle<Result<segment::Written>>, commit: &mut Commit<'_>) -> Result<()> {
    let ended = |_| Error::Query(format!("rows of {} could not be written", table.name));
    commit.add_segment(table, thread.join().map_err(ended)??);
    Ok(())
}
