//! Opening a lake of 10,000 snapshots and 50,000 segments.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use firefly::lake::catalog::Catalog;
use firefly::lake::manifest::{FORMAT, Lineage, Manifest, Segment, segment_path};
use firefly::lake::{Lake, schema, trust};

use crate::measure::{Report, in_child};

const SNAPSHOTS: u64 = 10_000;
const PER_SNAPSHOT: u64 = 5;

pub fn run(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::init(folder.path().join("lake")).expect("a lake");
    std::fs::create_dir_all(lake.root().join("data/gate")).expect("a folder");
    let lineage = Lineage {
        stage: "bench".into(),
        sql: Vec::new(),
        parameters: serde_json::json!({}),
        seed: None,
        input: 0,
        firefly: String::new(),
        duckdb: String::new(),
    };
    let mut manifests = Vec::new();
    for snapshot in 1..=SNAPSHOTS {
        let added: Vec<Segment> = (0..PER_SNAPSHOT).map(|i| segment(&lake, snapshot * PER_SNAPSHOT + i)).collect();
        let (created_at, lineage) = ("2026-01-01T00:00:00Z".to_owned(), lineage.clone());
        let (ended, names) = (Vec::new(), Default::default());
        let manifest = Manifest { format: FORMAT, snapshot, parent: snapshot - 1, created_at, lineage, added, ended, names };
        let text = serde_json::to_vec(&manifest).expect("manifests serialize");
        std::fs::write(lake.root().join(Manifest::path(snapshot)), text).expect("manifests can be written");
        manifests.push(manifest);
    }
    Catalog::make(&lake.catalog_path(), &manifests).expect("a catalog");
    trust::vouch(lake.root(), manifests.iter().flat_map(|m| &m.added));
    let used = (0..5).map(|_| in_child("open", lake.root(), "")).min_by(|a, b| a.cpu_s.total_cmp(&b.cpu_s)).expect("five runs");
    let how = format!("all 50,000 segments live; {:.0} ms on the clock, {:.0} MiB", used.wall_s * 1e3, used.peak_mib);
    report.row("opening 10,000 snapshots, 50,000 segments, ms of CPU", used.cpu_s * 1e3, 200.0, &how);
}

/// One row of `gate` in a file of its own.
fn segment(lake: &Lake, number: u64) -> Segment {
    let table = schema::table("gate").expect("there is a table of gates");
    let text = |value: String| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let columns = vec![
        text(format!("task-{number}")),
        text("bench".into()),
        Arc::new(BooleanArray::from(vec![true])) as ArrayRef,
        text(String::new()),
    ];
    let batch = RecordBatch::try_new(table.arrow(), columns).expect("the columns of the table");
    let mut writer = parquet::arrow::ArrowWriter::try_new(Vec::new(), table.arrow(), None).expect("a writer");
    writer.write(&batch).expect("rows can be written");
    let bytes = writer.into_inner().expect("a file");
    let file_sha256 = firefly::text::sha256_hex(&bytes);
    let path = segment_path("gate", &file_sha256);
    std::fs::write(lake.root().join(&path), &bytes).expect("segments can be written");
    Segment { table: "gate".into(), path, rows: 1, bytes: bytes.len() as u64, file_sha256, logical_hash: format!("{number:032x}") }
}
