//! What changed between two snapshots: rows added, gone and changed per table, and the tasks that rest on tools
//! which are not what they were.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lake::manifest::Segment;
use crate::lake::schema::{self, Table, literal, quote};
use crate::lake::{Lake, Session, Snapshot};
use crate::sql;

/// What happened to one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Change {
    /// Table.
    #[serde(default)]
    pub table: String,
    /// Rows whose key is in the later snapshot only.
    pub added: u64,
    /// Rows whose key is in the earlier snapshot only.
    pub gone: u64,
    /// Rows of the same key with other content; times and durations do not count.
    pub changed: u64,
}

/// A task that rests on a tool which is not what it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invalidated {
    /// Task of the earlier snapshot.
    pub task_id: String,
    /// Server of the tool.
    pub server: String,
    /// Tool that one of its gold calls uses.
    pub tool: String,
    /// `changed` or `gone`.
    pub change: String,
}

/// Two snapshots of a lake, ready to be compared.
pub struct Diff {
    session: Session,
    root: std::path::PathBuf,
    later: Snapshot,
}

impl Diff {
    /// Opens both; `session` reads the earlier one.
    pub fn open(lake: &Lake, earlier: Snapshot, later: Snapshot) -> Result<Diff> {
        crate::lake::trust::verify(lake.root(), &later.segments)?;
        let root = std::path::absolute(lake.root()).map_err(Error::io("finding", lake.root()))?;
        Ok(Diff { session: Session::open(lake, earlier)?, root, later })
    }

    /// One entry for each table that differs.
    pub fn changes(&self) -> Result<Vec<Change>> {
        let mut changes = Vec::new();
        for table in schema::tables() {
            let Some(text) = self.compared(table) else { continue };
            let count = |of: &str| format!("count(*) FILTER (change = '{of}') AS {of}");
            let text = format!("SELECT {}, {}, {} FROM ({text})", count("added"), count("gone"), count("changed"));
            let counted: Vec<Change> = self.session.query(&text)?;
            let differ = |c: &Change| c.added + c.gone + c.changed > 0;
            changes.extend(counted.into_iter().filter(differ).map(|c| Change { table: table.name.clone(), ..c }));
        }
        Ok(changes)
    }

    /// The query of the keys of `table` that differ, with `change`; none where its segments are the same.
    pub fn compared(&self, table: &Table) -> Option<String> {
        let (before, after): (Vec<_>, Vec<_>) = (self.session.snapshot().of(&table.name).collect(), self.later.of(&table.name).collect());
        if before == after {
            return None;
        }
        // Segments in both hold the same rows in both.
        let only = |these: &[&Segment], those: &[&Segment]| these.iter().filter(|s| !those.contains(s)).map(|s| (*s).clone()).collect();
        let (gone, added): (Vec<Segment>, Vec<Segment>) = (only(&before, &after), only(&after, &before));
        let key = table.key_list();
        let hashed: Vec<_> = table.columns.iter().filter(|c| c.hashed).map(|c| quote(&c.name)).collect();
        let side = |segments: &[Segment]| {
            format!("SELECT {key}, hash({}) AS content, true AS here FROM {}", hashed.join(", "), self.read(table, segments))
        };
        Some(format!(
            "SELECT {key}, CASE WHEN a.here IS NULL THEN 'added' WHEN b.here IS NULL THEN 'gone' ELSE 'changed' END AS change
             FROM ({}) AS a FULL JOIN ({}) AS b USING ({key})
             WHERE a.content IS DISTINCT FROM b.content ORDER BY {key}",
            side(&gone),
            side(&added)
        ))
    }

    /// Tasks of the earlier snapshot that rest on a tool which the later one does not have, or has in another form.
    pub fn invalidated(&self) -> Result<Vec<Invalidated>> {
        let table = schema::table("tool").expect("there is a table of tools");
        let segments: Vec<Segment> = self.later.of("tool").cloned().collect();
        self.session.execute("later_tool", &format!("CREATE OR REPLACE TEMP VIEW later_tool AS FROM {}", self.read(table, &segments)))?;
        self.session.rows(sql::get("stages/invalidated_task.sql"))
    }

    /// The session on the earlier snapshot, which can run [`Diff::compared`].
    pub fn session(&self) -> &Session {
        &self.session
    }

    fn read(&self, table: &Table, segments: &[Segment]) -> String {
        if segments.is_empty() {
            let columns: Vec<_> = table.columns.iter().map(|c| format!("CAST(NULL AS {}) AS {}", c.kind.sql(), quote(&c.name))).collect();
            return format!("(SELECT {} LIMIT 0)", columns.join(", "));
        }
        let files: Vec<_> = segments.iter().map(|s| literal(&self.root.join(&s.path).to_string_lossy())).collect();
        format!("read_parquet([{}])", files.join(", "))
    }
}
