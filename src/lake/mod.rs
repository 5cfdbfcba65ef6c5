//! The lake: versioned tables as immutable Parquet segments, a catalog that says which segments make
//! up which snapshot, and sessions that query one snapshot. No other module touches the lake's files.

pub mod catalog;
pub mod check;
pub mod columns;
pub mod commit;
pub mod diff;
pub mod export;
pub mod files;
pub mod gathered;
pub mod hash;
pub mod history;
pub mod inspect;
pub mod manifest;
pub mod migrate;
pub mod naming;
pub mod publish;
pub mod query;
pub mod rebuild;
pub mod reread;
pub mod schema;
pub mod segment;
pub mod session;
pub mod settings;
pub mod spool;
pub mod trust;

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
            if manifest::newest(&lake.root)? > 0 {
                return Err(Error::NoCatalog(lake.root));
            }
            settings::write_default(&lake.root)?;
            Catalog::make(&lake.catalog_path(), &[])?;
        }
        Ok(lake)
    }

    /// Opens the lake at `root`.
    pub fn open(root: impl Into<PathBuf>) -> Result<Lake> {
        let lake = Lake { root: root.into() };
        match lake.catalog_path().symlink_metadata() {
            Ok(metadata) if metadata.is_file() => Ok(lake),
            Ok(_) => Err(Error::Damaged { path: lake.catalog_path(), what: "is no plain file; a lake has no links".into() }),
            Err(_) if manifest::newest(&lake.root).is_ok_and(|newest| newest > 0) => Err(Error::NoCatalog(lake.root)),
            Err(_) => Err(Error::NoLake(lake.root)),
        }
    }

    /// The folder it lives in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of the catalog.
    pub fn catalog_path(&self) -> PathBuf {
        self.root.join("firefly.duckdb")
    }

    /// The snapshot with the number or name `at`, or the newest.
    pub fn snapshot(&self, at: Option<&str>) -> Result<Snapshot> {
        let catalog = Catalog::read(&self.catalog_path())?;
        let id = match at {
            Some(at) => naming::resolve(&catalog, at)?,
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

    /// The manifest of the snapshot with the number or name `at`.
    pub fn manifest(&self, at: &str) -> Result<Manifest> {
        let id = naming::resolve(&Catalog::read(&self.catalog_path())?, at)?;
        Manifest::read(&self.root, id)
    }
}
