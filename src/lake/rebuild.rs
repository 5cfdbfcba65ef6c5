//! `rebuild`: the catalog, made anew from the manifests and segments alone.

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::manifest::{self, Manifest};
use crate::lake::{Lake, trust};

/// What a rebuild found.
#[derive(Debug)]
pub struct Rebuilt {
    /// Snapshots that the catalog has now.
    pub snapshots: u64,
    /// Segments of all of them.
    pub segments: usize,
    /// A last manifest whose segments are not all there: a commit that a crash ended, left out.
    pub left_out: Option<String>,
}

impl Lake {
    /// Makes the catalog anew. Each manifest and each segment is checked first; nothing is changed where one is
    /// damaged or missing.
    pub fn rebuild(root: impl Into<std::path::PathBuf>) -> Result<Rebuilt> {
        let lake = Lake { root: root.into() };
        // Where the old catalog can be opened, no other process may commit meanwhile; where not, none can.
        let held = match lake.catalog_path().exists().then(|| Catalog::write(&lake.catalog_path())) {
            Some(Err(error @ Error::Locked(_))) => return Err(error),
            Some(Ok(catalog)) => Some(catalog),
            _ => None,
        };
        let known = held.as_ref().and_then(|catalog| catalog.newest().ok());
        let newest = manifest::newest(&lake.root)?;
        if newest == 0 && !lake.root.join("data").is_dir() {
            return Err(Error::NoLake(lake.root));
        }
        let mut manifests = Vec::new();
        let mut left_out = None;
        for id in 1..=newest {
            let manifest = Manifest::read(&lake.root, id)?;
            match manifest.added.iter().try_for_each(|segment| trust::check(&lake.root, segment)) {
                Ok(()) => manifests.push(manifest),
                // The old catalog does not know it: its commit was never finished.
                Err(error) if known.is_some_and(|known| known < id) && id == newest => left_out = Some(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        drop(held);
        Catalog::make(&lake.catalog_path(), &manifests)?;
        let segments = manifests.iter().map(|m| m.added.len()).sum();
        Ok(Rebuilt { snapshots: manifests.len() as u64, segments, left_out })
    }
}
