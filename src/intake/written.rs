//! Hands rows over to the lake in parts, so that no more than a part is in memory.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::thread::JoinHandle;

use arrow::array::RecordBatch;

use crate::error::{Error, Result};
use crate::intake::episode::Rows;
use crate::lake::columns::kept;
use crate::lake::commit::Commit;
use crate::lake::schema::{self, Table};
use crate::lake::{Lake, Session, segment};

/// Rows of one table that make a part.
const PART_ROWS: usize = 60_000;
/// Bytes of one table that make a part.
const PART_BYTES: usize = 96 << 20;

/// Tables that are written in parts.
const TABLES: [&str; 4] = ["episode", "call", "flow", "trace"];

/// Writes the rows of episodes that the lake does not have yet.
pub struct Writer {
    root: PathBuf,
    writing: Option<(&'static Table, JoinHandle<Result<segment::Written>>)>,
    waiting: BTreeMap<&'static str, Vec<RecordBatch>>,
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
            writing: None,
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
        let all = fresh.iter().all(|fresh| *fresh);
        let each = |count: fn(&(String, usize, usize)) -> usize| -> Vec<bool> {
            rows.made.iter().zip(&fresh).flat_map(|(made, fresh)| std::iter::repeat_n(*fresh, count(made))).collect()
        };
        let tables = [
            ("episode", rows.episodes.finish()?, each(|_| 1)),
            ("call", rows.calls.finish()?, each(|made| made.1)),
            ("flow", rows.flows.finish()?, each(|made| made.2)),
            ("trace", rows.traces.finish()?, each(|_| 1)),
        ];
        for (table, batch, keep) in tables {
            let batch = if all { batch } else { kept(&batch, keep)? };
            if batch.num_rows() > 0 {
                let waiting = self.waiting.entry(table).or_default();
                waiting.push(batch);
                let bytes: usize = waiting.iter().map(RecordBatch::get_array_memory_size).sum();
                if bytes >= PART_BYTES || waiting.iter().map(RecordBatch::num_rows).sum::<usize>() >= PART_ROWS {
                    self.write(table, commit)?;
                }
            }
        }
        Ok(written)
    }

    /// Writes what is left.
    pub fn finish(mut self, commit: &mut Commit<'_>) -> Result<()> {
        TABLES.iter().try_for_each(|table| self.write(table, commit))?;
        self.settle(commit)
    }

    /// Writes a part beside the reading of the next, one at a time: two would be in memory.
    fn write(&mut self, table: &'static str, commit: &mut Commit<'_>) -> Result<()> {
        let batches = self.waiting.remove(table).unwrap_or_default();
        let Some(table) = schema::table(table).filter(|_| !batches.is_empty()) else { return Ok(()) };
        self.settle(commit)?;
        let (root, lineage) = (self.root.clone(), commit.lineage().clone());
        self.writing = Some((table, std::thread::spawn(move || segment::write_batches(&root, &lineage, table, &batches))));
        Ok(())
    }

    /// Waits for the part that is being written.
    fn settle(&mut self, commit: &mut Commit<'_>) -> Result<()> {
        if let Some((table, thread)) = self.writing.take() {
            let ended = |_| Error::Query(format!("rows of {} could not be written", table.name));
            commit.add_segment(table, thread.join().map_err(ended)??);
        }
        Ok(())
    }
}
