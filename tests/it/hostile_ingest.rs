//! Files made to break whoever reads them: an error with its place, and bounded memory.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::rows;

/// Address space an ingest may take here, in KiB: code and threads need much of it, records little.
const LIMIT_KIB: u64 = 6_000_000;

struct Tried {
    folder: tempfile::TempDir,
    code: Option<i32>,
    told: String,
}

impl Tried {
    fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }

    fn reasons(&self) -> Vec<String> {
        let all = rows(&self.lake(), "SELECT position || ' ' || reason AS r FROM rejected ORDER BY position");
        all.iter().map(|row| row["r"].as_str().unwrap().to_owned()).collect()
    }

    fn calls(&self) -> i64 {
        rows(&self.lake(), "SELECT count(*) AS n FROM call")[0]["n"].as_i64().unwrap()
    }
}

/// Ingests what `write` makes, with so much memory and no more.
fn try_file(name: &str, write: impl FnOnce(&Path)) -> Tried {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    write(&file);
    let command = format!("ulimit -v {}; exec \"$0\" --lake \"$1\" ingest \"$2\"", LIMIT_KIB);
    let mut child = Command::new("bash");
    child.args(["-c", &command, env!("CARGO_BIN_EXE_firefly")]).arg(folder.path().join("lake")).arg(&file).env_remove("FIREFLY_LAKE");
    let output = child.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!told.contains("panicked"), "{told}");
    Tried { folder, code: output.status.code(), told }
}

fn good(id: &str) -> String {
    json!({"server": "s", "tool": "t", "task_id": id, "arguments": {"a": id}, "result": "r"}).to_string()
}

#[test]
fn broken_lines_are_rejected_with_their_place() {
    let deep = format!("{{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{{\"a\":{}1{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    let lines: Vec<Vec<u8>> = vec![
        good("1").into_bytes(),
        deep.into_bytes(),
        b"{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{\"a\":\"\xff\xfe\"}}".to_vec(),
        b"{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{\"a\":1e999}}".to_vec(),
        b"{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{\"a\":\"\0\"}}".to_vec(),
        b"{\"server\":\"s\",\"tool\":\"\\u0000\",\"arguments\":{}}".to_vec(),
        b"{\"server\":\"s\",\"tool\":\"t\",\"arguments\":[1]}".to_vec(),
        b"{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{\"a\":\"\\u0000 kept\"}}".to_vec(),
        b"{\"server\":\"s\",\"tool\"".to_vec(),
        good("2").into_bytes(),
    ];
    let tried = try_file("calls.jsonl", |path| std::fs::write(path, lines.join(&b'\n')).unwrap());
    assert_eq!(tried.code, Some(0), "{}", tried.told);
    let reasons = tried.reasons();
    let expected = [
        "2 call 0 (t): recursion limit",
        "3 byte 44 is not UTF-8",
        "4 call 0 (t): number out of range",
        "5 control character",
        "6 call 0 (",
        "7 call 0 (t): arguments are array, not an object",
        "9 EOF while parsing",
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, expected) in reasons.iter().zip(expected) {
        assert!(reason.starts_with(expected), "{reason:?} is not {expected:?}");
    }
    assert_eq!(tried.calls(), 3);
}

#[test]
fn a_gigabyte_on_one_line_is_passed_over() {
    let tried = try_file("calls.jsonl", |path| {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        writeln!(out, "{}", good("1")).unwrap();
        write!(out, "{{\"server\":\"s\",\"tool\":\"t\",\"arguments\":{{\"a\":\"").unwrap();
        (0..1024).for_each(|_| out.write_all(&[b'x'; 1 << 20]).unwrap());
        writeln!(out, "\"}}}}\n{}", good("2")).unwrap();
    });
    assert_eq!(tried.code, Some(0), "{}", tried.told);
    assert_eq!(tried.reasons(), ["2 a line of more than 64 MiB"]);
    assert_eq!(tried.calls(), 2);
    let tried = try_file("one.json", |path| {
        let mut out = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
        write!(out, "{{\n\"messages\": \"").unwrap();
        (0..200).for_each(|_| out.write_all(&[b'x'; 1 << 20]).unwrap());
        write!(out, "\"\n}}").unwrap();
    });
    assert!(tried.code == Some(1) && tried.told.contains("a document of more than 64 MiB"), "{:?} {}", tried.code, tried.told);
}

#[test]
fn bombs_are_told() {
    let zeros = |mut out: Box<dyn Write>| {
        writeln!(out, "{}", good("1")).unwrap();
        out.write_all(b"{\"a\": \"").unwrap();
        (0..2100).for_each(|_| out.write_all(&[b'0'; 1 << 20]).unwrap());
    };
    let tried = try_file("bomb.zst", |path| {
        let encoder = zstd::Encoder::new(std::fs::File::create(path).unwrap(), 3).unwrap().auto_finish();
        zeros(Box::new(encoder));
    });
    assert!(tried.code == Some(0) && tried.told.contains("a decompression bomb"), "{:?} {}", tried.code, tried.told);
    assert_eq!(tried.calls(), 1);
    let tried = try_file("bomb.eval", |path| {
        let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("samples/a.json", options).unwrap();
        (0..300).for_each(|_| zip.write_all(&[b' '; 1 << 20]).unwrap());
        zip.finish().unwrap();
    });
    assert!(tried.code == Some(1) && tried.told.contains("bomb.eval!samples/a.json"), "{:?} {}", tried.code, tried.told);
}

#[test]
fn entries_that_leave_their_archive_are_refused() {
    let tried = try_file("calls.tar", |path| {
        let mut tar = tar::Builder::new(std::fs::File::create(path).unwrap());
        for name in ["ok.jsonl", "../out.jsonl"] {
            let mut header = tar::Header::new_gnu();
            let bytes = good(name);
            // The builder itself would refuse the name.
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(bytes.len() as u64);
            header.set_entry_type(tar::EntryType::Regular);
            header.set_cksum();
            tar.append(&header, bytes.as_bytes()).unwrap();
        }
        tar.finish().unwrap();
    });
    assert_eq!(tried.code, Some(0), "{}", tried.told);
    assert_eq!(tried.calls(), 1);
    assert_eq!(tried.reasons(), ["0 its path leaves the archive"]);
    // A tarball that breaks off keeps what was read of it.
    let tried = try_file("cut.tar.gz", |path| {
        let mut tar = tar::Builder::new(Vec::new());
        for index in 0..20 {
            let bytes = good(&index.to_string());
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            tar.append_data(&mut header, format!("{index}.jsonl"), bytes.as_bytes()).unwrap();
        }
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        packed.write_all(&tar.into_inner().unwrap()).unwrap();
        let packed = packed.finish().unwrap();
        std::fs::write(path, &packed[..packed.len() / 2]).unwrap();
    });
    assert!(tried.calls() >= 5 && tried.told.contains("rejected"), "{} {}", tried.calls(), tried.told);
}

#[test]
fn what_is_no_source_is_left_out_by_name() {
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty.json", b"", "it is empty"),
        ("notes.md", b"# Notes\n", "it is neither JSON nor CSV"),
        ("other.json", b"{\"a\": 1}", "no source recognises it"),
        ("broken.json", b"{\"a\": ", "its first record is not JSON"),
        ("wrong.parquet", b"PAR1 and then nothing of it PAR1", "as Parquet: "),
        ("cut.zst", &[0x28, 0xb5, 0x2f, 0xfd, 0x04], ""),
    ];
    for (name, bytes, reason) in cases {
        let tried = try_file(name, |path| std::fs::write(path, bytes).unwrap());
        assert!(
            tried.code == Some(1) && tried.told.contains("left out: ") && tried.told.contains(reason),
            "{name}: {:?} {}",
            tried.code,
            tried.told
        );
    }
}
