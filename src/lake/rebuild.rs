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
        let newest = manifest::newest(&lake.root)?;
        if newest == 0 && !lake.root.join("data").is_dir() {
            return Err(Error::NoLake(lake.root));
        }
        // Where the old catalog can be opened, no other process may be at work on it.
        if lake.catalog_path().exists()
            && let Err(error @ Error::Locked(_)) = Catalog::write(&lake.catalog_path())
        {
            return Err(error);
        }
        let mut manifests = Vec::new();
        let mut left_out = None;
        for id in 1..=newest {
            let manifest = Manifest::read(&lake.root, id)?;
            match manifest.added.iter().try_for_each(|segment| trust::check(&lake.root, segment)) {
                Ok(()) => manifests.push(manifest),
                Err(error) if id == newest => left_out = Some(error.to_string()),
                Err(error) => return Err(error),
            }
        }
        Catalog::make(&lake.catalog_path(), &manifests)?;
        let segments = manifests.iter().map(|m| m.added.len()).sum();
        Ok(Rebuilt { snapshots: manifests.len() as u64, segments, left_out })
    }
}
