//! The check of an export, by readers that share no code with its writer.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use crate::error::{Error, Result};
use crate::lake::export::ExportManifest;
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::FORMAT;
use crate::lake::{files, reread, schema};

/// Largest manifest and checksum file that are read.
const LARGEST: u64 = 256 << 20;

/// Checks an export: the checksum of each file, and with Polars, which shares no code with the writer, the
/// rows and the logical hash of each table. The list names everything that is wrong.
pub fn verify(folder: &Path) -> Result<(ExportManifest, Vec<String>)> {
    let path = folder.join("manifest.json");
    let text = files::read_plain(folder, "manifest.json", LARGEST)?;
    let manifest: ExportManifest =
        serde_json::from_slice(&text).map_err(|e| Error::Damaged { path: path.clone(), what: format!("is no manifest: {e}") })?;
    if manifest.format > FORMAT {
        let what = format!("was written by a newer firefly (format {}; this one reads up to {FORMAT}): update firefly", manifest.format);
        return Err(Error::Damaged { path, what });
    }
    let mut wrong = check_sums(folder)?;
    for (name, about) in &manifest.tables {
        let Some(table) = schema::table(name) else {
            wrong.push(format!("{name}: is no table that this firefly knows"));
            continue;
        };
        let (mut rows, mut hash) = (0, LogicalHash::default());
        for (file, told) in &about.files {
            match sha256_below(folder, file) {
                Ok(found) if found != told.sha256 => wrong.push(format!("{file}: has another SHA-256 than the manifest says")),
                Ok(_) => match reread::hash(table, &folder.join(file)) {
                    Ok((n, h)) => {
                        rows += n;
                        hash.add(h);
                    }
                    Err(error) => wrong.push(format!("{file}: {error}")),
                },
                Err(error) => wrong.push(error.to_string()),
            }
        }
        if rows != about.rows {
            wrong.push(format!("{name}: holds {rows} rows, not {}", about.rows));
        }
        if hash.to_string() != about.logical_hash {
            wrong.push(format!("{name}: has the logical hash {hash}, not {}", about.logical_hash));
        }
    }
    wrong.sort();
    wrong.dedup();
    Ok((manifest, wrong))
}

fn check_sums(folder: &Path) -> Result<Vec<String>> {
    let text = files::read_plain(folder, "SHA256SUMS", LARGEST)?;
    let text = String::from_utf8_lossy(&text);
    let mut wrong = Vec::new();
    let listed: BTreeSet<&str> = text.lines().filter_map(|line| Some(line.split_once("  ")?.1)).collect();
    for name in below(folder, folder)? {
        if !listed.contains(name.as_str()) && !["SHA256SUMS", "catalog.ducklake"].contains(&name.as_str()) {
            wrong.push(format!("{name}: is not in SHA256SUMS"));
        }
    }
    for line in text.lines() {
        let Some((sha256, name)) = line.split_once("  ") else {
            wrong.push(format!("SHA256SUMS: `{line}` is no checksum"));
            continue;
        };
        match sha256_below(folder, name) {
            Ok(found) if found == sha256 => {}
            Ok(_) => wrong.push(format!("{name}: has another SHA-256 than SHA256SUMS says")),
            Err(Error::Io { .. }) => wrong.push(format!("{name}: is missing")),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    Ok(wrong)
}

/// The files below `folder`, relative to `root`; a link counts as a file.
fn below(root: &Path, folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(Error::io("reading", folder))?.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => names.extend(below(root, &entry.path())?),
            _ => names.push(entry.path().strip_prefix(root).unwrap_or(&entry.path()).to_string_lossy().into_owned()),
        }
    }
    Ok(names)
}

/// SHA-256 of the plain file `name`, which must lie in the export: a checksum file from someone else must not
/// lead out of it.
fn sha256_below(folder: &Path, name: &str) -> Result<String> {
    if Path::new(name).components().any(|c| !matches!(c, Component::Normal(_))) {
        return Err(Error::Damaged { path: name.into(), what: "is not a path below the export".into() });
    }
    let (path, _) = files::plain(folder, name)?;
    files::sha256_file(&path).map(|(sha256, _)| sha256)
}
