//! The lake: versioned tables as immutable Parquet segments, a catalog that says which segments make
//! up which snapshot, and sessions that query one snapshot. No other module touches the lake's files.

pub mod catalog;
pub mod check;
pub mod commit;
pub mod export;
pub mod files;
pub mod hash;
pub mod lines;
pub mod manifest;
pub mod query;
pub mod reread;
pub mod schema;
pub mod session;
pub mod settings;

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Result};
use catalog::Catalog;
pub use commit::{Mode, Output};
pub use manifest::Lineage;
use manifest::{Manifest, Segment};
pub use session::Session;

/// A lake on disk.
#[derive(Debug, Clone)]
pub struct Lake {
    root: PathBuf,
}

/// One version of all tables: the segments that make them up.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Its number; 0 is the empty lake.
    pub id: u64,
    /// Its segments, sorted by table and path.
    pub segments: Vec<Segment>,
}

impl Snapshot {
    /// The segments of one table.
    pub fn of<'a>(&'a self, table: &'a str) -> impl Iterator<Item = &'a Segment> {
        self.segments.iter().filter(move |s| s.table == table)
    }
}

impl Lake {
    /// Makes a lake at `root`, or opens the one that is there.
    pub fn init(root: impl Into<PathBuf>) -> Result<Lake> {
        let root = root.into();
        for folder in ["snapshots", "data"] {
            let folder = root.join(folder);
            std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
        }
        let lake = Lake { root };
        if !lake.catalog_path().exists() {
            settings::write_default(&lake.root)?;
            Catalog::create(&lake.catalog_path())?;
        }
        Ok(lake)
    }

    /// Opens the lake at `root`.
    pub fn open(root: impl Into<PathBuf>) -> Result<Lake> {
        let lake = Lake { root: root.into() };
        if lake.catalog_path().exists() { Ok(lake) } else { Err(Error::NoLake(lake.root)) }
    }

    /// The folder it lives in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of the catalog.
    pub fn catalog_path(&self) -> PathBuf {
        self.root.join("firefly.duckdb")
    }

    /// The snapshot numbered `id`, or the newest.
    pub fn snapshot(&self, id: Option<u64>) -> Result<Snapshot> {
        let catalog = Catalog::read(&self.catalog_path())?;
        let id = match id {
            Some(id) if id == 0 || !catalog.has(id)? => return Err(Error::NoSnapshot(id)),
            Some(id) => id,
            None => catalog.newest()?,
        };
        Ok(Snapshot { id, segments: catalog.segments(id)? })
    }

    /// A session on the newest snapshot.
    pub fn session(&self) -> Result<Session> {
        Session::open(self, self.snapshot(None)?)
    }

    /// All snapshots, oldest first.
    pub fn snapshots(&self) -> Result<(SchemaRef, Vec<RecordBatch>)> {
        Catalog::read(&self.catalog_path())?.list()
    }

    /// The manifest of snapshot `id`.
    pub fn manifest(&self, id: u64) -> Result<Manifest> {
        if !Catalog::read(&self.catalog_path())?.has(id)? {
            return Err(Error::NoSnapshot(id));
        }
        Manifest::read(&self.root, id)
    }
}
