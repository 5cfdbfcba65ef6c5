//! Names of snapshots: a commit that adds no rows and says which snapshot is meant by a name.

use serde_json::json;

use crate::error::{Error, Result};
use crate::lake::catalog::Catalog;
use crate::lake::{Lake, Lineage, Session, Snapshot};

/// The number of the snapshot that `at`, a number or a name, means.
pub fn resolve(catalog: &Catalog, at: &str) -> Result<u64> {
    let found = match at.parse() {
        Ok(id) => Some(id).filter(|id| *id > 0),
        Err(_) => catalog.named(at)?,
    };
    match found {
        Some(id) if catalog.has(id)? => Ok(id),
        _ => Err(Error::NoSnapshot(at.into())),
    }
}

/// Gives `name` to the snapshot `at`, or to the newest. A name is given once: what was published under it stays.
pub fn create(lake: &Lake, name: &str, at: Option<&str>, note: Option<&str>) -> Result<Snapshot> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if name.is_empty() || name.len() > 100 || !name.chars().all(plain) || name.chars().all(|c| c.is_ascii_digit()) {
        return Err(Error::Usage(format!("`{name}` can't name a snapshot: letters, digits, `.`, `_` and `-`, and not digits alone")));
    }
    let snapshot = lake.snapshot(at)?;
    if snapshot.id == 0 {
        return Err(Error::Empty { what: "the lake is empty; there is no snapshot to name".into(), hint: "firefly ingest".into() });
    }
    if Catalog::read(&lake.catalog_path())?.named(name)?.is_some() {
        return Err(Error::Usage(format!("`{name}` names another snapshot already; a name is given once")));
    }
    let session = Session::empty()?;
    let lineage = Lineage::of(&session, "name", &[], json!({"name": name, "snapshot": snapshot.id, "note": note}), None);
    let mut commit = lake.begin(&session, Lineage { input: snapshot.id, ..lineage });
    commit.name(name, snapshot.id);
    commit.finish()?;
    Ok(snapshot)
}
