//! `fsck`: whether the lake holds what its catalog says. `gc`: removal of files no snapshot knows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::manifest::Manifest;
use crate::lake::{Lake, files};

/// What `fsck` found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Files that are missing or not what they should be, with what is wrong.
    pub damaged: Vec<String>,
    /// Files that no snapshot knows; harmless, `gc` removes them.
    pub unregistered: Vec<PathBuf>,
    /// Snapshots looked at.
    pub snapshots: u64,
    /// Segments looked at.
    pub segments: usize,
}

/// Checks every manifest and the content of every segment of every snapshot.
pub fn fsck(lake: &Lake) -> Result<Findings> {
    let (newest, registered) = {
        let catalog = Catalog::read(&lake.catalog_path())?;
        (catalog.newest()?, catalog.all_paths()?)
    };
    let mut findings = Findings { snapshots: newest, segments: registered.len(), ..Findings::default() };
    let mut known: BTreeSet<String> = BTreeSet::new();
    for id in 1..=newest {
        match Manifest::read(lake.root(), id) {
            Ok(manifest) => known.extend(manifest.added.into_iter().map(|s| s.path)),
            Err(error) => findings.damaged.push(error.to_string()),
        }
    }
    for path in &registered {
        if !known.contains(path) {
            findings.damaged.push(format!("{path}: is in the catalog but in no manifest"));
        }
        let file = lake.root().join(path);
        let link = std::fs::symlink_metadata(&file).is_ok_and(|m| m.file_type().is_symlink());
        match files::sha256_file(&file) {
            _ if link => findings.damaged.push(format!("{path}: is a symbolic link")),
            Ok((sha256, _)) if path.ends_with(&format!("/{sha256}.parquet")) => {}
            Ok(_) => findings.damaged.push(format!("{path}: does not have the content its name says")),
            Err(error) => findings.damaged.push(error.to_string()),
        }
    }
    findings.unregistered = unregistered(lake, &registered, newest)?;
    Ok(findings)
}

fn unregistered(lake: &Lake, registered: &[String], newest: u64) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let registered: BTreeSet<PathBuf> = registered.iter().map(|p| lake.root().join(p)).collect();
    let data = lake.root().join("data");
    for table in entries(&data)?.into_iter().filter(|path| path.is_dir()) {
        out.extend(entries(&table)?.into_iter().filter(|file| !registered.contains(file)));
    }
    let manifests: BTreeSet<PathBuf> = (1..=newest).map(|id| lake.root().join(Manifest::path(id))).collect();
    out.extend(entries(&lake.root().join("snapshots"))?.into_iter().filter(|file| !manifests.contains(file)));
    Ok(out)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(folder).map_err(Error::io("reading", folder))?;
    let mut paths: Vec<PathBuf> = listed.flatten().map(|e| e.path()).collect();
    paths.sort();
    Ok(paths)
}

/// Removes files that no snapshot knows; only names them where `dry_run` is set. The catalog is held
/// meanwhile, so that no commit is in the middle of registering them, and files younger than an hour stay:
/// another process may be about to register them.
pub fn gc(lake: &Lake, dry_run: bool) -> Result<Vec<PathBuf>> {
    let catalog = Catalog::write(&lake.catalog_path())?;
    let young = |path: &PathBuf| {
        let age = std::fs::metadata(path).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
        age.is_none_or(|age| age.as_secs() < 3600)
    };
    let mut old = unregistered(lake, &catalog.all_paths()?, catalog.newest()?)?;
    old.retain(|path| !young(path));
    if !dry_run {
        for path in &old {
            std::fs::remove_file(path).map_err(Error::io("removing", path))?;
        }
    }
    Ok(old)
}
