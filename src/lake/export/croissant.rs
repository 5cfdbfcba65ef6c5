//! `croissant.json`: the export as MLCommons' Croissant 1.0 describes datasets
//! (<https://docs.mlcommons.org/croissant/docs/croissant-spec.html>): each file with its SHA-256, a record set a table.

use serde_json::{Value, json};

use crate::lake::export::tasks::{COLUMNS, ExportedSplit};
use crate::lake::export::{About, ExportManifest, ExportedFile, ExportedTable};
use crate::lake::schema::{self, ColumnType, Table};

fn kind(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Varchar | ColumnType::Json => "sc:Text",
        ColumnType::Bigint => "sc:Integer",
        ColumnType::Double => "sc:Float",
        ColumnType::Boolean => "sc:Boolean",
        ColumnType::Timestamp => "sc:DateTime",
    }
}

/// The description of an export.
pub fn describe(manifest: &ExportManifest, about: &About) -> Value {
    let tables = || schema::tables().iter().filter_map(|t| Some((t, manifest.tables.get(&t.name).filter(|e| !e.files.is_empty())?)));
    let splits = || manifest.splits.iter();
    let distribution: Vec<_> =
        tables().flat_map(|(_, exported)| files(exported)).chain(splits().map(|s| object(&s.path, &s.file))).collect();
    let records: Vec<_> = tables().map(|(table, exported)| record_set(table, exported)).chain(splits().map(tasks)).collect();
    json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.title,
        "description": "Verified tool-call tasks and the recorded calls they were written from.",
        "citeAs": "Firefly: Illuminating Large-Scale Verified Tool-Call Data Generation from Real APIs, arXiv:2605.17558",
        "license": about.license,
        "url": "https://arxiv.org/abs/2605.17558",
        "version": format!("0.0.{}", manifest.snapshot),
        "datePublished": manifest.created_at,
        "distribution": distribution,
        "recordSet": records,
    })
}

fn files(exported: &ExportedTable) -> Vec<Value> {
    exported.files.iter().map(|(path, file)| object(path, file)).collect()
}

fn object(path: &str, file: &ExportedFile) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "contentUrl": path,
        // What Croissant's reference reader calls Parquet.
        "encodingFormat": "application/x-parquet",
        "contentSize": format!("{} B", file.bytes),
        "sha256": file.sha256,
    })
}

/// The tasks of a split: one record set each, because readers take one file for a record set.
fn tasks(split: &ExportedSplit) -> Value {
    let name = format!("tasks_{}", split.figures.split);
    let field = |(column, kind, doc): &(&str, &str, &str)| {
        json!({
            "@type": "cr:Field",
            "@id": format!("{name}/{column}"),
            "name": format!("{name}/{column}"),
            "description": doc,
            "dataType": kind,
            "source": {"fileObject": {"@id": split.path}, "extract": {"column": column}},
        })
    };
    json!({
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": format!("Verified tasks of the split `{}`, each with its tools. One row: task.", split.figures.split),
        "key": [{"@id": format!("{name}/task_id")}],
        "field": COLUMNS.iter().map(field).collect::<Vec<_>>(),
    })
}

fn record_set(table: &Table, exported: &ExportedTable) -> Value {
    let file = exported.files.keys().next();
    let field = |column: &schema::Column| {
        json!({
            "@type": "cr:Field",
            "@id": format!("{}/{}", table.name, column.name),
            "name": format!("{}/{}", table.name, column.name),
            "description": column.doc,
            "dataType": kind(column.kind),
            "source": {"fileObject": {"@id": file}, "extract": {"column": column.name}},
        })
    };
    let key: Vec<_> = table.key.iter().map(|k| json!({"@id": format!("{}/{k}", table.name)})).collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": format!("{} One row: {}.", table.doc, table.grain),
        "key": key,
        "field": table.columns.iter().map(field).collect::<Vec<_>>(),
    })
}

/// The context that the specification prescribes.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "equivalentProperty": "cr:equivalentProperty",
        "samplingRate": "cr:samplingRate",
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "dct": "http://purl.org/dc/terms/",
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform"
    })
}
