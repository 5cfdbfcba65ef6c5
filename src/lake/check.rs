//! `fsck`: whether the lake holds what its catalog says. `gc`: removal of files no snapshot knows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::manifest::{self, Manifest, Segment};
use crate::lake::{Lake, trust};

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

/// Checks every manifest, the catalog against them, and the content of every segment of every snapshot.
pub fn fsck(lake: &Lake) -> Result<Findings> {
    let (newest, registered, spans) = {
        let catalog = Catalog::read(&lake.catalog_path())?;
        (catalog.newest()?, catalog.all_segments()?, catalog.spans()?)
    };
    let mut findings = Findings { snapshots: newest, segments: registered.len(), ..Findings::default() };
    let mut said: BTreeMap<String, Segment> = BTreeMap::new();
    findings.damaged.extend(refuse_stale(lake, newest).err().map(|e| e.to_string()));
    let mut replayed: BTreeSet<(String, u64, Option<u64>)> = BTreeSet::new();
    for id in 1..=newest {
        match Manifest::read(lake.root(), id) {
            Ok(manifest) => {
                for path in &manifest.ended {
                    if let Some(live) = replayed.iter().find(|(p, _, end)| p == path && end.is_none()).cloned() {
                        replayed.remove(&live);
                        replayed.insert((live.0, live.1, Some(id)));
                    }
                }
                replayed.extend(manifest.added.iter().map(|s| (s.path.clone(), id, None)));
                said.extend(manifest.added.into_iter().map(|s| (s.path.clone(), s)));
            }
            Err(error) => findings.damaged.push(error.to_string()),
        }
    }
    for segment in &registered {
        match said.remove(&segment.path) {
            None => findings.damaged.push(format!("{}: is in the catalog but in no manifest", segment.path)),
            Some(other) if other != *segment => {
                findings.damaged.push(format!("{}: the catalog and the manifest say different things of it", segment.path));
            }
            Some(_) => {}
        }
        if let Err(error) = trust::check(lake.root(), segment) {
            findings.damaged.push(error.to_string());
        }
    }
    for (path, begin, end) in replayed.symmetric_difference(&spans) {
        let until = end.map_or("now".into(), |end| end.to_string());
        findings.damaged.push(format!("{path}: catalog and manifests differ on whether it counts from snapshot {begin} to {until}"));
    }
    findings.damaged.extend(said.into_keys().map(|path| format!("{path}: is in a manifest but not in the catalog")));
    let paths: Vec<String> = registered.into_iter().map(|s| s.path).collect();
    findings.unregistered = unregistered(lake, &paths, newest)?;
    Ok(findings)
}

fn unregistered(lake: &Lake, registered: &[String], newest: u64) -> Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let registered: BTreeSet<PathBuf> = registered.iter().map(|p| lake.root().join(p)).collect();
    let data = lake.root().join("data");
    // Scratch folders in which a catalog was being made.
    out.extend(
        entries(lake.root())?.into_iter().filter(|path| path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b".catalog"))),
    );
    for table in entries(&data)?.into_iter().filter(|path| is_folder(path)) {
        out.extend(entries(&table)?.into_iter().filter(|file| !registered.contains(file) && !is_folder(file)));
    }
    let manifests: BTreeSet<PathBuf> = (1..=newest).map(|id| lake.root().join(Manifest::path(id))).collect();
    out.extend(entries(&lake.root().join("snapshots"))?.into_iter().filter(|file| !manifests.contains(file)));
    Ok(out)
}

/// Whether it is a folder itself; a link to one is not.
fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|m| m.is_dir())
}

/// A crash leaves one manifest above the catalog's newest snapshot at most. More of them were committed: the catalog
/// is an older one, and what it does not know must be neither removed nor written over.
pub fn refuse_stale(lake: &Lake, newest: u64) -> Result<()> {
    let there = manifest::newest(lake.root())?;
    if there <= newest + 1 {
        return Ok(());
    }
    let what = format!("knows {newest} snapshots, and there are manifests up to {there}: `firefly rebuild` brings them back");
    Err(Error::Damaged { path: lake.catalog_path(), what })
}

/// What is in a folder of the lake, which must not be a link.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    if !is_folder(folder) {
        return Err(Error::Damaged { path: folder.into(), what: "is no plain folder; a lake has no links".into() });
    }
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
        let age = path.symlink_metadata().and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
        age.is_none_or(|age| age.as_secs() < 3600)
    };
    refuse_stale(lake, catalog.newest()?)?;
    let paths: Vec<String> = catalog.all_segments()?.into_iter().map(|s| s.path).collect();
    let mut old = unregistered(lake, &paths, catalog.newest()?)?;
    old.retain(|path| !young(path));
    if !dry_run {
        for path in &old {
            if is_folder(path) { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
                .map_err(Error::io("removing", path))?;
        }
    }
    Ok(old)
}
