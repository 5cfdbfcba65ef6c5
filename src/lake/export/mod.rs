//! Export of a snapshot: its segments, a manifest, checksums, and what other tools want beside them, in a folder
//! that needs no firefly to read.

mod card;
mod croissant;
mod ducklake;
mod lines;
mod tasks;
pub mod trainer;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::lake::hash::LogicalHash;
use crate::lake::manifest::{Lineage, Manifest, Segment};
use crate::lake::{Lake, Session, Snapshot, files, schema, segment};
pub use tasks::{ExportedSplit, Figures, GateFigure};
pub use verify::verify;

/// What a person wants said about an export, and whether they want lines.
#[derive(Debug, Clone)]
pub struct About {
    /// Title of the dataset card.
    pub title: String,
    /// Licence of the data, as Hugging Face names it.
    pub license: String,
    /// Whether each table is written as packed JSON lines too.
    pub lines: bool,
}

/// `manifest.json` of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportManifest {
    /// Version of this form.
    pub format: u32,
    /// Snapshot of the lake it was made from.
    pub snapshot: u64,
    /// Version of firefly that wrote the export.
    pub firefly: String,
    /// When the snapshot was committed, as RFC 3339 in UTC.
    #[serde(default)]
    pub created_at: String,
    /// Each table by name.
    pub tables: BTreeMap<String, ExportedTable>,
    /// The verified tasks by split, for training; none where they are not split.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<ExportedSplit>,
    /// What the gates said of the tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateFigure>,
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
    /// Its files, by their path in the export.
    pub files: BTreeMap<String, ExportedFile>,
}

/// One Parquet file of an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportedFile {
    /// SHA-256 of the file.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Number of rows.
    pub rows: u64,
}

/// Writes `snapshot` into the folder `target`, which must be empty or absent. The same snapshot gives the
/// same bytes each time, but for `catalog.ducklake`.
pub fn export(lake: &Lake, snapshot: &Snapshot, target: &Path, about: &About) -> Result<ExportManifest> {
    std::fs::create_dir_all(target).map_err(Error::io("making", target))?;
    if std::fs::read_dir(target).map_err(Error::io("reading", target))?.next().is_some() {
        return Err(Error::Usage(format!("{} is not empty; an export goes into a folder of its own", target.display())));
    }
    if snapshot.id == 0 {
        return Err(Error::Empty { what: "the lake is empty; there is no snapshot to export".into(), hint: "firefly ingest".into() });
    }
    let lineages = newest_lineages(lake, snapshot)?;
    let created_at = Manifest::read(lake.root(), snapshot.id)?.created_at;
    let mut tables = BTreeMap::new();
    let mut session = None;
    for table in schema::tables() {
        let segments: Vec<&Segment> = snapshot.of(&table.name).collect();
        let lineage = lineages.get(&table.name);
        let mut written = BTreeMap::new();
        if !segments.is_empty() {
            let name = format!("data/{0}/{0}.parquet", table.name);
            let to = target.join(&name);
            let folder = to.parent().unwrap_or(target);
            std::fs::create_dir_all(folder).map_err(Error::io("making", folder))?;
            if let [one] = segments.as_slice() {
                let (from, _) = files::plain(lake.root(), &one.path)?;
                std::fs::copy(&from, &to).map_err(Error::io("copying", &from))?;
            } else {
                // Rows of several commits become one file: what a reader sees does not depend on how they came in.
                let session = match &mut session {
                    Some(session) => session,
                    none => none.insert(Session::open(lake, snapshot.clone())?),
                };
                segment::copy_to(session, lineage, table, &table.name, &to)?;
            }
            let (sha256, bytes) = files::sha256_file(&to)?;
            if let [one] = segments.as_slice()
                && sha256 != one.file_sha256
            {
                return Err(Error::Damaged { path: one.path.clone().into(), what: "does not have the content its name says".into() });
            }
            written.insert(name, ExportedFile { sha256, bytes, rows: segments.iter().map(|s| s.rows).sum() });
        }
        let mut hash = LogicalHash::default();
        segments.iter().for_each(|s| hash.add(LogicalHash::parse(&s.logical_hash).unwrap_or_default()));
        let told = ExportedTable {
            grain: table.grain.clone(),
            schema_version: table.version,
            rows: segments.iter().map(|s| s.rows).sum(),
            logical_hash: hash.to_string(),
            lineage: lineage.cloned(),
            files: written,
        };
        tables.insert(table.name.clone(), told);
    }
    let (splits, gates) = tasks::write(lake, snapshot, target)?;
    let manifest =
        ExportManifest { format: 1, snapshot: snapshot.id, firefly: env!("CARGO_PKG_VERSION").into(), created_at, tables, splits, gates };
    let mut others = if about.lines { lines::write(lake, snapshot, target)? } else { Vec::new() };
    others.extend(write_texts(target, &manifest, about)?);
    write_sums(target, &manifest, others)?;
    // Its bytes do not repeat, so it has no checksum: what it leads to has.
    ducklake::write(target, &manifest)?;
    Ok(manifest)
}

/// The files beside the data that are text; their names.
fn write_texts(target: &Path, manifest: &ExportManifest, about: &About) -> Result<Vec<String>> {
    let texts = [
        ("manifest.json", pretty(manifest)?),
        ("croissant.json", pretty(&croissant::describe(manifest, about))?),
        ("README.md", card::text(manifest, about)),
    ];
    for (name, text) in &texts {
        files::write_durably(&target.join(name), text.as_bytes())?;
    }
    Ok(texts.map(|(name, _)| name.to_owned()).into())
}

fn write_sums(target: &Path, manifest: &ExportManifest, others: Vec<String>) -> Result<()> {
    let tables = manifest.tables.values().flat_map(|t| &t.files);
    let splits = manifest.splits.iter().map(|split| (&split.path, &split.file));
    let mut sums: Vec<(String, String)> = tables.chain(splits).map(|(name, file)| (name.clone(), file.sha256.clone())).collect();
    for name in others {
        let (sha256, _) = files::sha256_file(&target.join(&name))?;
        sums.push((name, sha256));
    }
    sums.sort();
    let lines: String = sums.iter().map(|(name, sha256)| format!("{sha256}  {name}\n")).collect();
    files::write_durably(&target.join("SHA256SUMS"), lines.as_bytes())
}

/// JSON with a newline at its end.
fn pretty<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|e| Error::Query(e.to_string()))
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
