//! Export of a snapshot: its segments, a manifest and checksums, in a folder that needs no firefly to read.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{Lineage, Manifest};
use crate::lake::{Lake, Snapshot, files, lines, reread, schema};

/// `manifest.json` of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportManifest {
    /// Version of this form.
    pub format: u32,
    /// Snapshot of the lake it was made from.
    pub snapshot: u64,
    /// Version of firefly that wrote the export.
    pub firefly: String,
    /// Each table by name.
    pub tables: BTreeMap<String, ExportedTable>,
}

/// One table of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportedTable {
    /// What one row is.
    pub grain: String,
    /// Version of its schema.
    pub schema_version: u32,
    /// Number of rows.
    pub rows: u64,
    /// Logical hash of its rows.
    pub logical_hash: String,
    /// How its newest rows came about.
    pub lineage: Option<Lineage>,
    /// Its files, relative to the export, with their SHA-256.
    pub files: BTreeMap<String, String>,
}

/// Writes `snapshot` into the folder `target`, which must be empty or absent. The same snapshot gives the
/// same bytes each time. With `lines`, each table is also written as packed JSON lines.
pub fn export(lake: &Lake, snapshot: &Snapshot, target: &Path, lines: bool) -> Result<ExportManifest> {
    std::fs::create_dir_all(target).map_err(Error::io("making", target))?;
    if std::fs::read_dir(target).map_err(Error::io("reading", target))?.next().is_some() {
        return Err(Error::Usage(format!("{} is not empty; an export goes into a folder of its own", target.display())));
    }
    let lineages = newest_lineages(lake, snapshot)?;
    let mut tables = BTreeMap::new();
    for table in schema::tables() {
        let folder = target.join("data").join(&table.name);
        std::fs::create_dir_all(&folder).map_err(Error::io("making", &folder))?;
        let (mut rows, mut hash, mut exported) = (0, LogicalHash::default(), BTreeMap::new());
        for (index, segment) in snapshot.of(&table.name).enumerate() {
            let name = format!("data/{}/part-{index:05}.parquet", table.name);
            let (from, to) = (lake.root().join(&segment.path), target.join(&name));
            std::fs::copy(&from, &to).map_err(Error::io("copying", &from))?;
            let (sha256, _) = files::sha256_file(&to)?;
            if sha256 != segment.file_sha256 {
                return Err(Error::Damaged { path: from, what: "does not have the content its name says".into() });
            }
            rows += segment.rows;
            hash.add(LogicalHash::parse(&segment.logical_hash).unwrap_or_default());
            exported.insert(name, sha256);
        }
        if exported.is_empty() {
            std::fs::remove_dir(&folder).map_err(Error::io("removing", &folder))?;
        }
        let about = ExportedTable {
            grain: table.grain.clone(),
            schema_version: table.version,
            rows,
            logical_hash: hash.to_string(),
            lineage: lineages.get(&table.name).cloned(),
            files: exported,
        };
        tables.insert(table.name.clone(), about);
    }
    let manifest = ExportManifest { format: 1, snapshot: snapshot.id, firefly: env!("CARGO_PKG_VERSION").into(), tables };
    let others = if lines { lines::write(lake, snapshot, target)? } else { Vec::new() };
    write_manifest(target, &manifest, others)?;
    Ok(manifest)
}

fn write_manifest(target: &Path, manifest: &ExportManifest, others: Vec<String>) -> Result<()> {
    let mut text = serde_json::to_string_pretty(manifest).map_err(|e| Error::Query(e.to_string()))?;
    text.push('\n');
    files::write_durably(&target.join("manifest.json"), text.as_bytes())?;
    let mut sums: Vec<(String, String)> = manifest.tables.values().flat_map(|t| t.files.clone()).collect();
    sums.push(("manifest.json".into(), crate::text::sha256_hex(text.as_bytes())));
    for name in others {
        let (sha256, _) = files::sha256_file(&target.join(&name))?;
        sums.push((name, sha256));
    }
    sums.sort();
    let lines: String = sums.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
    files::write_durably(&target.join("SHA256SUMS"), lines.as_bytes())
}

/// For each table, how the newest of its segments came about.
fn newest_lineages(lake: &Lake, snapshot: &Snapshot) -> Result<BTreeMap<String, Lineage>> {
    let mut found = BTreeMap::new();
    for id in (1..=snapshot.id).rev() {
        let manifest = Manifest::read(lake.root(), id)?;
        for segment in &manifest.added {
            found.entry(segment.table.clone()).or_insert_with(|| manifest.lineage.clone());
        }
        if snapshot.segments.iter().all(|s| found.contains_key(&s.table)) {
            break;
        }
    }
    Ok(found)
}

/// Checks an export: the checksum of each file, and with Polars, which shares no code with the writer, the
/// rows and the logical hash of each table. The list names everything that is wrong.
pub fn verify(folder: &Path) -> Result<(ExportManifest, Vec<String>)> {
    let path = folder.join("manifest.json");
    let text = std::fs::read(&path).map_err(Error::io("reading", &path))?;
    let manifest: ExportManifest =
        serde_json::from_slice(&text).map_err(|e| Error::Damaged { path: path.clone(), what: format!("is no manifest: {e}") })?;
    let mut wrong = check_sums(folder)?;
    for (name, about) in &manifest.tables {
        let Some(table) = schema::table(name) else {
            wrong.push(format!("{name}: is no table that this firefly knows"));
            continue;
        };
        let (mut rows, mut hash) = (0, LogicalHash::default());
        for (file, sha256) in &about.files {
            if Path::new(file).components().any(|c| !matches!(c, std::path::Component::Normal(_))) {
                wrong.push(format!("{file}: is not a path below the export"));
                continue;
            }
            match files::sha256_file(&folder.join(file)) {
                Ok((found, _)) if found != *sha256 => wrong.push(format!("{file}: has another SHA-256 than the manifest says")),
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
    let path = folder.join("SHA256SUMS");
    let text = std::fs::read_to_string(&path).map_err(Error::io("reading", &path))?;
    let mut wrong = Vec::new();
    for line in text.lines() {
        let Some((sha256, name)) = line.split_once("  ") else {
            wrong.push(format!("SHA256SUMS: `{line}` is no checksum"));
            continue;
        };
        match files::sha256_file(&folder.join(name)) {
            Ok((found, _)) if found == sha256 => {}
            Ok(_) => wrong.push(format!("{name}: has another SHA-256 than SHA256SUMS says")),
            Err(_) => wrong.push(format!("{name}: is missing")),
        }
    }
    Ok(wrong)
}
