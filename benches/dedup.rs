//! Near-duplicates among a million questions, beside rensa; and the gates that look for copies, at 10,000 tasks.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use firefly::lake::{Lake, Session};
use firefly::minhash::{BANDS, SLOTS, Shingles, jaccard};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::measure::{Report, time};

const QUESTIONS: usize = 1_000_000;
const THRESHOLD: f64 = 0.8;

pub fn run(report: &mut Report) {
    gates(report);
    let Some(bin) = crate::lake::clients() else {
        return report.skipped("near-duplicates beside rensa", "the peers are not installed: `make clients` installs them");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let questions = folder.path().join("questions.tsv");
    let truth = write(&questions);
    let peer = |way: &str| {
        let flags = folder.path().join(way);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/near_duplicates.py");
        let mut command = Command::new(bin.join("python"));
        command.arg(script).arg(way).arg(&questions).arg(&flags).args([SLOTS.to_string(), BANDS.to_string(), THRESHOLD.to_string()]);
        said(&mut command, &flags, &truth)
    };
    let ours = || {
        let flags = folder.path().join("firefly");
        let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
        said(command.args(["--child", "near"]).arg(&questions).arg(&flags), &flags, &truth)
    };
    // In turns, the better of two of each that is quick.
    let (first, pairs, flags, second) = (ours(), peer("pairs"), peer("flags"), ours());
    let ours = if second.used.seconds < first.used.seconds { second } else { first };
    let told = |found: &Found| {
        format!(
            "{:.2} s, {:.0} MiB, recall {:.4} ({:.4} from 0.9), precision {:.4}",
            found.used.seconds, found.used.peak_mib, found.recall, found.recall_high, found.precision
        )
    };
    println!("      near-duplicates, firefly: {}", told(&ours));
    println!("      near-duplicates, rensa's RMinHashDeduplicator: {}", told(&pairs));
    println!("      near-duplicates, rensa's digest matrix and LSH flags: {}", told(&flags));
    let ratio = |peer: &Found| peer.used.seconds / ours.used.seconds;
    let how = format!("{QUESTIONS} questions, {SLOTS} permutations, {BANDS} bands, threshold {THRESHOLD}");
    report.at_least("dedup: times faster than rensa's deduplicator", ratio(&pairs), 2.0, &how);
    report.at_least("dedup: times faster than rensa's flags, which name no pair", ratio(&flags), 2.0, &how);
    report.at_least("dedup: recall beside the better of the two", ours.recall / pairs.recall.max(flags.recall), 1.0, "at 0.8 and more");
    report.at_least("dedup: precision", ours.precision, 1.0, "compared word by word");
}

/// What a process used for the search alone, its texts in memory.
#[derive(Deserialize, Serialize)]
struct Used {
    seconds: f64,
    peak_mib: f64,
}

struct Found {
    used: Used,
    recall: f64,
    recall_high: f64,
    precision: f64,
}

/// For each planted text, how similar it is to the most similar text before it, and to any.
struct Truth {
    before: HashMap<String, f64>,
    any: HashMap<String, f64>,
}

fn said(command: &mut Command, flags: &Path, truth: &Truth) -> Found {
    let output = command.output().expect("a program that runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let used: Used = serde_json::from_slice(&output.stdout).expect("it prints what it used");
    let flagged: HashSet<String> = std::fs::read_to_string(flags).expect("flags").lines().map(str::to_owned).collect();
    let recall = |from: f64| {
        let real: Vec<&String> = truth.before.iter().filter(|(_, s)| **s >= from).map(|(id, _)| id).collect();
        real.iter().filter(|id| flagged.contains(**id)).count() as f64 / real.len() as f64
    };
    let right = flagged.iter().filter(|id| truth.any.get(*id).is_some_and(|s| *s >= THRESHOLD)).count();
    Found { used, recall: recall(THRESHOLD), recall_high: recall(0.9), precision: right as f64 / flagged.len() as f64 }
}

/// Questions of 18 to 45 words, a tenth of them copies of one before with up to four words changed.
fn write(path: &Path) -> Truth {
    let words: Vec<&str> = include_str!("../src/graph/words.tsv")
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    // Some words are frequent, as in any language.
    let word = |rng: &mut ChaCha8Rng| (words.len() as f64 * rng.random::<f64>().powi(3)) as u16;
    let mut texts: Vec<Vec<u16>> = Vec::with_capacity(QUESTIONS);
    let mut roots: Vec<usize> = Vec::with_capacity(QUESTIONS);
    let mut families: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..QUESTIONS {
        if number > 1000 && rng.random_bool(0.1) {
            let source = rng.random_range(0..number);
            let mut text = texts[source].clone();
            for _ in 0..rng.random_range(0..5) {
                let place = rng.random_range(0..text.len());
                text[place] = word(&mut rng);
            }
            texts.push(text);
            roots.push(roots[source]);
            families.entry(roots[source]).or_insert_with(|| vec![roots[source]]).push(number);
        } else {
            let length = rng.random_range(18..46);
            texts.push((0..length).map(|_| word(&mut rng)).collect());
            roots.push(number);
        }
    }
    let line = |text: &[u16]| text.iter().map(|w| words[usize::from(*w)]).collect::<Vec<_>>().join(" ");
    let mut out = BufWriter::new(std::fs::File::create(path).expect("a file"));
    for (number, text) in texts.iter().enumerate() {
        writeln!(out, "{}\t{}", id(number), line(text)).expect("a file that can be written");
    }
    out.flush().expect("a file that can be written");

    let mut truth = Truth { before: HashMap::new(), any: HashMap::new() };
    let raise = |map: &mut HashMap<String, f64>, number: usize, to: f64| {
        let best = map.entry(id(number)).or_default();
        *best = best.max(to);
    };
    for family in families.values() {
        let sets: Vec<Vec<u64>> = family.iter().map(|number| Shingles::default().set(&line(&texts[*number])).to_vec()).collect();
        for (place, later) in family.iter().enumerate() {
            for (before, earlier) in family[..place].iter().enumerate() {
                let similarity = jaccard(&sets[place], &sets[before]);
                raise(&mut truth.before, *later, similarity);
                raise(&mut truth.any, *later, similarity);
                raise(&mut truth.any, *earlier, similarity);
            }
        }
    }
    truth
}

fn id(number: usize) -> String {
    format!("q{number:07}")
}

/// `--child near QUESTIONS FLAGS`: the macro over the questions of a file, in a session of its own.
pub fn child(questions: &Path, flags: &Path) {
    let session = Session::empty().expect("a session");
    let load = format!(
        "CREATE TABLE question AS FROM read_csv('{}', delim = '\\t', quote = '', header = false, columns = {{'id': 'VARCHAR', 'text': 'VARCHAR'}})",
        questions.display()
    );
    session.execute("questions", &load).expect("the questions");
    #[derive(Deserialize)]
    struct Row {
        id: String,
    }
    let mut found: Vec<Row> = Vec::new();
    let seconds = time(|| {
        let query =
            format!("SELECT id FROM near_duplicates((SELECT list({{id: id, text: text}}) FROM question), threshold := {THRESHOLD})");
        found = session.query(&query).expect("near-duplicates");
    });
    std::fs::write(flags, found.into_iter().map(|row| row.id + "\n").collect::<String>()).expect("flags");
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells its memory");
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
    let used = Used { seconds: seconds.as_secs_f64(), peak_mib: peak.unwrap_or(0.0) / 1024.0 };
    println!("{}", serde_json::to_string(&used).expect("numbers serialize"));
}

/// 10,000 tasks of three calls each over 1,200 tools, 40,000 calls, and 600 tasks of benchmarks.
fn gates(report: &mut Report) {
    let folder = tempfile::tempdir().expect("a folder");
    let session = Lake::init(folder.path().join("lake")).and_then(|lake| lake.session()).expect("a lake");
    let words: Vec<&str> = include_str!("../src/graph/words.tsv").lines().filter_map(|line| line.split('\t').next()).collect();
    let list = words.iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(", ");
    let text = include_str!("dedup.sql").replace("$words", &list);
    session.execute("the tasks of the bench", &text).expect("tasks");
    for (gate, most) in [("distinct", 2.0), ("uncontaminated", 5.0), ("not_guessable", 5.0)] {
        let file = firefly::sql::get(&format!("gates/{gate}.sql"));
        #[derive(Deserialize)]
        struct Row {
            passed: bool,
        }
        let started = Instant::now();
        let rows: Vec<Row> = session.rows(file).expect("a gate");
        let seconds = started.elapsed().as_secs_f64();
        let how = format!("{} tasks, {} failed; 40,000 calls, 600 benchmark tasks", rows.len(), rows.iter().filter(|r| !r.passed).count());
        report.row(&format!("dedup: gate {gate} over 10,000 tasks, seconds"), seconds, most, &how);
    }
}
