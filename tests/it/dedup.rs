//! Near-duplicates: what a sketch estimates, what a search finds, and that it does not matter in which order texts come.

use std::collections::BTreeSet;

use firefly::alike::alike;
use firefly::lake::{Lake, Session};
use firefly::minhash::{BANDS, Shingles, bands, estimate, jaccard, ngrams, sketch};
use firefly::near::{Near, near_duplicates};
use firefly::sql;
use proptest::prelude::*;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::ingest::data;
use crate::support::{firefly, ok};

fn set(text: &str) -> Vec<u64> {
    Shingles::default().set(text).to_vec()
}

/// A text of `length` words of which none comes twice, from a seed.
fn text(seed: u64, length: usize) -> Vec<String> {
    (0..length).map(|at| format!("w{}x{at}", seed % 1_000_000)).collect()
}

fn ids(found: &[Near], texts: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    found.iter().map(|n| (texts[n.text].0.to_owned(), texts[n.near].0.to_owned())).collect()
}

proptest! {
    #[test]
    fn an_estimate_is_close_to_the_truth(seed in any::<u64>(), length in 3..120usize, changed in 0..120usize) {
        let (mut a, mut b) = (text(seed, length), text(seed, length));
        for (at, word) in b.iter_mut().enumerate().take(changed.min(length)) {
            *word = format!("other{at}");
        }
        a.push("end".into());
        b.push("end".into());
        let (a, b) = (set(&a.join(" ")), set(&b.join(" ")));
        let (truth, found) = (jaccard(&a, &b), estimate(&sketch(&a).unwrap(), &sketch(&b).unwrap()));
        // Five standard deviations of 128 independent hashes.
        prop_assert!((truth - found).abs() <= 5.0 * (truth * (1.0 - truth) / 128.0).sqrt() + 1e-9, "{truth} {found}");
    }

    #[test]
    fn a_sketch_is_of_the_set(words in prop::collection::vec(any::<u64>(), 1..40), seed in any::<u64>()) {
        let mut again = words.clone();
        again.extend(&words[..words.len() / 2]);
        again.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        prop_assert_eq!(sketch(&words), sketch(&again));
    }

    #[test]
    fn jaccard_counts_word_pairs(a in "[ab]( [ab]){0,12}", b in "[ab]( [ab]){0,12}") {
        let [left, right] = [&a, &b].map(|t| ngrams(t, 2).into_iter().collect::<BTreeSet<_>>());
        let (common, all) = (left.intersection(&right).count(), left.union(&right).count());
        prop_assert_eq!(jaccard(&set(&a), &set(&b)), common as f64 / all as f64);
    }

    #[test]
    fn case_and_punctuation_make_no_difference(words in prop::collection::vec("[a-z\u{e9}\u{3b1}0-9]{1,6}", 1..20)) {
        let loud = format!("  {}!", words.iter().map(|w| w.to_uppercase()).collect::<Vec<_>>().join(", "));
        prop_assert_eq!(set(&words.join(" ")), set(&loud));
    }

    #[test]
    fn nothing_panics(texts in prop::collection::vec(".{0,60}", 0..12), threshold in any::<f64>(), words in 0..9usize) {
        let named: Vec<(&str, &str)> = texts.iter().map(|t| (t.as_str(), t.as_str())).collect();
        let found = near_duplicates(&named, threshold);
        prop_assert!(found.iter().all(|n| named[n.near].0 <= named[n.text].0 && n.similarity >= threshold));
        texts.iter().for_each(|t| { ngrams(t, words); });
        let plain: Vec<&str> = texts.iter().map(String::as_str).collect();
        alike(&plain, &plain, threshold);
    }

    #[test]
    fn what_is_found_does_not_depend_on_the_order(seed in any::<u64>()) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut texts: Vec<(String, String)> = Vec::new();
        for number in 0..60 {
            let mut words = if number > 5 && rng.random_bool(0.6) {
                texts[rng.random_range(0..texts.len())].1.split(' ').map(str::to_owned).collect()
            } else {
                text(seed.wrapping_add(number), 20)
            };
            let at = rng.random_range(0..words.len());
            words[at] = format!("n{number}");
            texts.push((format!("t{:02}", rng.random_range(0..50) * 60 + number), words.join(" ")));
        }
        let forth: Vec<(&str, &str)> = texts.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
        let mut back = forth.clone();
        back.shuffle(&mut rng);
        let (first, second) = (near_duplicates(&forth, 0.7), near_duplicates(&back, 0.7));
        prop_assert!(!first.is_empty());
        prop_assert_eq!(ids(&first, &forth), ids(&second, &back));
    }
}

/// Texts over the number from which threads are used, in which copies of known likeness are planted.
#[test]
fn what_is_planted_is_found_and_nothing_else() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut planted = BTreeSet::new();
    for number in 0..6000_u64 {
        let id = format!("t{number:05}");
        let mut words = text(number, 24 + number as usize % 17);
        if number % 5 == 4 {
            let source = number - 1 - rng.random_range(0..3);
            words = texts[source as usize].1.split(' ').map(str::to_owned).collect();
            // Each word inside changes two pairs; the similarity falls by four over the number of both's pairs.
            for changed in 0..number % 3 {
                let at = 3 + 5 * changed as usize;
                words[at] = format!("new{number}");
            }
            let similarity = jaccard(&set(&words.join(" ")), &set(&texts[source as usize].1));
            if similarity >= 0.8 {
                planted.insert((id.clone(), texts[source as usize].0.clone()));
            }
        }
        texts.push((id, words.join(" ")));
    }
    let given: Vec<(&str, &str)> = texts.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
    let found = near_duplicates(&given, 0.8);
    let told = ids(&found, &given);
    assert!(planted.len() > 700, "{}", planted.len());
    let missed = planted.difference(&told).count();
    assert!(missed as f64 <= 0.03 * planted.len() as f64, "{missed} of {} are missed", planted.len());
    assert_eq!(told.difference(&planted).count(), 0);
    for near in &found {
        assert_eq!(near.similarity, jaccard(&set(given[near.text].1), &set(given[near.near].1)));
    }
}

/// One bucket that holds all: the first is the near-duplicate of each other, and the time stays that of as many texts apart.
#[test]
fn a_text_said_ten_thousand_times_costs_no_square() {
    let common = text(3, 30).join(" ");
    let names: Vec<String> = (0..10_000).map(|n| format!("t{n:05}")).collect();
    let texts: Vec<(&str, &str)> = names.iter().map(|id| (id.as_str(), common.as_str())).collect();
    let started = std::time::Instant::now();
    let found = near_duplicates(&texts, 0.9);
    assert_eq!(found.len(), 9_999);
    assert!(found.iter().all(|n| n.near == 0 && n.similarity == 1.0));
    // Fifty million comparisons would take a quarter of a minute.
    assert!(started.elapsed().as_secs() < 8, "{:?}", started.elapsed());
}

#[test]
fn bands_of_one_text_differ() {
    let all: BTreeSet<u64> = bands(&sketch(&set("the same words")).unwrap()).into_iter().collect();
    assert_eq!(all.len(), BANDS);
}

fn session() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let session = Lake::init(folder.path().join("lake")).unwrap().session().unwrap();
    (folder, session)
}

#[derive(serde::Deserialize, Debug, PartialEq)]
struct Pair {
    id: String,
    near: String,
    similarity: f64,
}

/// The join on bands that SQL can do and the macro find the same.
#[test]
fn the_macro_and_a_join_on_bands_agree() {
    let (_folder, session) = session();
    let question = "'look up the order ' || (n // 2) || ' of the customer in the second shop of the town and tell me its state, its price and the day it left ' || CASE n % 2 WHEN 1 THEN 'today' ELSE '' END";
    session
        .execute(
            "texts",
            &format!("CREATE TABLE q AS SELECT 'q' || lpad(n::VARCHAR, 3, '0') AS id, {question} AS text FROM range(200) AS r (n)"),
        )
        .unwrap();
    let pairs: Vec<Pair> =
        session.query("SELECT * FROM near_duplicates((SELECT list({id: id, text: text}) FROM q), threshold := 0.9) ORDER BY id").unwrap();
    assert!(pairs.len() >= 100, "{}", pairs.len());
    let joined: Vec<Pair> = session
        .query(
            "WITH band AS (SELECT id, text, unnest(minhash_bands(text)) AS band FROM q)
             SELECT a.id, arg_min(b.id, (-text_jaccard(a.text, b.text), b.id)) AS near, max(text_jaccard(a.text, b.text)) AS similarity
             FROM band AS a INNER JOIN band AS b ON b.band = a.band AND b.id < a.id
             WHERE text_jaccard(a.text, b.text) >= 0.9 GROUP BY a.id ORDER BY a.id",
        )
        .unwrap();
    let flagged = |pairs: &[Pair]| pairs.iter().map(|p| p.id.clone()).collect::<Vec<_>>();
    assert_eq!(flagged(&pairs), flagged(&joined));
    assert!(session.query::<Pair>("SELECT * FROM near_duplicates(NULL)").unwrap().is_empty());
}

fn add(session: &Session, select: &str) {
    let task = format!(
        "INSERT INTO task BY NAME SELECT *, 'e' AS episode_id, '{{}}' AS answer, '{{}}' AS answer_schema, '[]' AS gold_calls,
         1 AS calls, 1 AS servers, 0 AS flows, 'easy' AS difficulty FROM ({select})"
    );
    session.execute("tasks", &task).unwrap();
}

#[test]
fn without_benchmarks_every_task_passes() {
    let (_folder, session) = session();
    add(&session, "SELECT 't' || n AS task_id, 'the same question of all' AS question FROM range(3) AS r (n)");
    session.stage("found", sql::get("gates/uncontaminated.sql")).unwrap();
    assert_eq!(session.count("SELECT count(*) FROM found WHERE passed AND reason IS NULL").unwrap(), 3);
}

/// Tasks of published benchmarks, as they stand, with a frame around them and in other words.
#[test]
fn tasks_of_real_benchmarks_are_found() {
    let folder = tempfile::tempdir().unwrap();
    for path in
        ["tau2-bench/data/tau2/domains", "mcpmark/tasks", "mcp-atlas/services/mcp_eval/sample_tasks.csv", "LiveMCPBench/annotated_data"]
    {
        let Some(path) = data(path) else { return };
        ok(firefly(folder.path()).arg("ingest").arg(path));
    }
    let session = Lake::open(folder.path()).unwrap().session().unwrap();
    assert!(session.count("SELECT count(DISTINCT benchmark) FROM benchmark_task").unwrap() >= 4);
    let each = "FROM benchmark_task WHERE hash(task_id) % 5 = 0";
    add(&session, &format!("SELECT 'copied ' || benchmark || ' ' || task_id AS task_id, question {each}"));
    let frame =
        "'Here is what I would like you to do. ' || question || ' Answer with a JSON object with the member \"total\" (whole number).'";
    add(&session, &format!("SELECT 'framed ' || benchmark || ' ' || task_id AS task_id, {frame} AS question {each}"));
    for (name, question) in [
        (
            "said again: park",
            "We want to visit Beijing''s Forbidden City. Where can we park, and which interesting things are there within one km?",
        ),
        (
            "said again: papers",
            "Look on arXiv for the newest papers on MCP, say which could be the most influential, and describe where the field is heading.",
        ),
        (
            "said again: recon",
            "Do complete recon of www.baidu.com: whois data and sitemap, written as markdown to /root/markdown/baidu_report.md.",
        ),
        (
            "said again: museum",
            "What is the address of the Arlington Museum of Art? Then find the natural shop closest to the museum and give me its website for organic groceries.",
        ),
        (
            "unrelated: rates",
            "Convert 250 EUR to JPY at the rate of 3 March 2024. Then tell me the rate and the amount. Answer with a JSON object.",
        ),
        (
            "unrelated: order",
            "Please look up the order status for order ID ORD-1002. After that, get the carrier of the shipment you just found. Report the eta.",
        ),
        ("unrelated: file", "Read the text file notes/plan.txt, count its lines, and let me know the longest word in it."),
    ] {
        add(&session, &format!("SELECT '{name}' AS task_id, '{question}' AS question"));
    }
    session.stage("found", sql::get("gates/uncontaminated.sql")).unwrap();
    #[derive(serde::Deserialize, Debug)]
    struct Row {
        task_id: String,
        passed: bool,
        reason: Option<String>,
    }
    let rows: Vec<Row> = session.query("FROM found").unwrap();
    assert!(rows.len() > 150, "{}", rows.len());
    for row in rows {
        assert_eq!(row.passed, row.task_id.starts_with("unrelated"), "{row:?}");
        assert_eq!(row.passed, row.reason.is_none());
    }
}
