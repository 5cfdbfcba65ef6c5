//! The tool graph at catalogue scale: Toucan's tools with parameters, beside the same evidence in Python, and grown.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::measure::{Report, Used, used_by};
use crate::recorded;

/// Tools of the grown catalogues.
const SIZES: [usize; 3] = [1_000, 6_000, 24_000];

pub fn run(report: &mut Report) {
    let Some(tools) = recorded::file().map(|flat| flat.with_file_name("Toucan/derived_connected_tools.jsonl")).filter(|f| f.exists())
    else {
        return report.skipped("the tool graph of Toucan", "the catalogue of ../shared/data is not there");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let used = build(&tools, &folder.path().join("toucan"), "graph");
    report.row("graph: Toucan's 6,044 tools with parameters, seconds", used.wall_s, 10.0, "firefly graph, a process");
    report.row("graph: its peak memory, MiB", used.peak_mib, 2048.0, "same");
    peer(report, &tools, &folder.path().join("toucan"), used.wall_s);
    growth(report, &tools, folder.path());
    sampling(report, folder.path());
}

/// What `firefly graph` uses on a fresh lake of the tools in `file`.
fn build(file: &Path, lake: &Path, how: &str) -> Used {
    let program = Path::new(env!("CARGO_BIN_EXE_firefly"));
    let firefly = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.env_remove("FIREFLY_LAKE").arg("--quiet").arg("--lake").arg(lake).args(arguments);
        command
    };
    if !lake.exists() {
        assert!(firefly(&["init"]).status().expect("firefly runs").success());
        let ingested = firefly(&["ingest"]).arg(file).stdout(std::process::Stdio::null()).status();
        assert!(ingested.expect("firefly runs").success());
    }
    used_by(&mut firefly(&how.split(' ').collect::<Vec<_>>()))
}

/// Both from a catalogue to edges in memory: the peer from JSON lines, firefly from its lake.
fn peer(report: &mut Report, tools: &Path, lake: &Path, whole: f64) {
    let Some(bin) = crate::lake::clients() else {
        return report.skipped("graph: beside Python", "the peers are not installed: `make clients` installs them");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let session = firefly::lake::Lake::open(lake).and_then(|lake| lake.session()).expect("the lake opens");
    let mut edges = 0;
    let ours =
        crate::measure::time(|| edges = firefly::graph::draft(&session, firefly::graph::Reach::Related).expect("a graph")).as_secs_f64();
    let output = Command::new(bin.join("python"))
        .arg(root.join("benches/peers/tool_graph.py"))
        .arg(tools)
        .args([root.join("src/graph/words.tsv"), root.join("src/graph/weights.toml")])
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Value = serde_json::from_slice(&output.stdout).expect("the peer prints what it did");
    let seconds = said["seconds"].as_f64().expect("seconds");
    let how = format!(
        "numpy, scipy, rapidfuzz, networkx: {seconds:.2} s, {} edges; firefly {ours:.2} s, {edges} edges ({whole:.2} s as a process, committed)",
        said["edges"]
    );
    report.at_least("graph: times faster than the same evidence in Python", seconds / ours, 10.0, &how);
}

/// Toucan's tools again and again, each time of other servers and with some words changed.
fn varied(tools: &Path, count: usize, folder: &Path) -> PathBuf {
    let lines: Vec<Value> = BufReader::new(std::fs::File::open(tools).expect("the tools"))
        .lines()
        .map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"))
        .collect();
    let path = folder.join(format!("tools-{count}.jsonl"));
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("a file"));
    for number in 0..count {
        let (copy, mut tool) = (number / lines.len(), lines[number % lines.len()].clone());
        if copy > 0 {
            tool["server"] = Value::from(format!("{}-{copy}", tool["server"].as_str().unwrap_or_default()));
            // Another word of its own in each copy: domains grow with a catalogue.
            let words: Vec<&str> = tool["description"].as_str().unwrap_or_default().split(' ').collect();
            let changed: Vec<String> = words
                .iter()
                .enumerate()
                .map(|(at, word)| if (at + number) % 4 == 0 && word.len() > 4 { format!("{word}{copy}") } else { (*word).to_owned() })
                .collect();
            tool["description"] = Value::from(changed.join(" "));
        }
        writeln!(out, "{tool}").expect("a file that can be written");
    }
    out.flush().expect("a file that can be written");
    path
}

fn growth(report: &mut Report, tools: &Path, folder: &Path) {
    let mut seconds = Vec::new();
    for size in SIZES {
        let file = varied(tools, size, folder);
        let lake = folder.join(format!("lake-{size}"));
        seconds.push(build(&file, &lake, "graph").wall_s);
    }
    let steepness = (seconds[2] / seconds[0]).ln() / (SIZES[2] as f64 / SIZES[0] as f64).ln();
    let how =
        format!("{:.2} s at 1,000, {:.2} s at 6,000, {:.2} s at 24,000 tools: time grows as n to this", seconds[0], seconds[1], seconds[2]);
    report.row("graph: growth from 1,000 to 24,000 tools, exponent", steepness, 1.3, &how);

    let lake = folder.join("lake-6000");
    let high = || crate::measure::high_edges(&lake);
    let related = high();
    let used = build(tools, &lake, "graph --exhaustive --full");
    let all = high();
    let kept = all.iter().filter(|edge| related.contains(*edge)).count() as f64 / all.len().max(1) as f64;
    let how = format!("{} of tier high among every pair of 6,000 tools, which takes {:.1} s", all.len(), used.wall_s);
    report.at_least("graph: share of the exhaustive run's high-tier edges", kept, 0.99, &how);
}

/// A hundred thousand sub-DAGs of a graph with fields on both sides.
fn sampling(report: &mut Report, folder: &Path) {
    let file = folder.join("declared.jsonl");
    let mut out = BufWriter::new(std::fs::File::create(&file).expect("a file"));
    let entities = ["order", "customer", "invoice", "product", "shipment", "ticket", "user", "account", "payment", "refund"];
    for server in 0..60 {
        for (at, entity) in entities.iter().enumerate() {
            let other = entities[(at + server) % entities.len()];
            for verb in ["list", "get", "search"] {
                let tool = serde_json::json!({
                    "server": format!("shop{server}"), "tool": format!("{verb}_{entity}_by_{other}"), "description": format!("{verb} the {entity} of a {other}"),
                    "inputSchema": {"type": "object", "properties": {format!("{other}_id"): {"type": "string"}}, "required": [format!("{other}_id")]},
                    "outputSchema": {"type": "object", "properties": {format!("{entity}_id"): {"type": "string"}, format!("{other}_id"): {"type": "string"}}},
                });
                writeln!(out, "{tool}").expect("a file that can be written");
            }
        }
    }
    out.flush().expect("a file that can be written");
    let lake = folder.join("declared");
    build(&file, &lake, "graph");
    let (seconds, drawn) = crate::measure::sampled(&lake, 100_000);
    let how = format!("{drawn} drawn in memory along the edges of 1,800 tools");
    report.row("sample: 100,000 sub-DAGs, seconds", seconds * 100_000.0 / drawn.max(1) as f64, 10.0, &how);
}
