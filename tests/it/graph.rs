//! The tool graph: incremental equals full, sampling keeps its promises, and what is shown can be read.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use firefly::graph::{self, Weights};
use firefly::lake::Lake;
use firefly::sample::{Dag, Edge, Options, draw};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{firefly, made_or_skip, ok, root, rows, run};

const ENTITIES: [&str; 8] = ["order", "customer", "article", "city", "invoice", "ticket", "user", "stock symbol"];

/// A tool of an invented catalogue, by a few numbers.
fn tool(verb: usize, entity: usize, other: usize, fields: bool) -> Value {
    let verb = ["list", "get", "search", "update"][verb % 4];
    let (entity, other) = (ENTITIES[entity % ENTITIES.len()], ENTITIES[other % ENTITIES.len()]);
    let name = format!("{verb}_{}_by_{}", entity.replace(' ', "_"), other.replace(' ', "_"));
    let id = format!("{}_id", other.replace(' ', "_"));
    let mut tool = json!({
        "name": name,
        "description": format!("{verb} the {entity} of a {other}. Returns the {entity} with its id."),
        "inputSchema": {"type": "object", "properties": {id: {"type": "string", "description": format!("id of the {other}")}, "limit": {"type": "integer"}}},
    });
    if fields {
        let field = format!("{}_id", entity.replace(' ', "_"));
        tool["outputSchema"] = json!({"type": "object", "properties": {field: {"type": "string"}, "name": {"type": "string"}}});
    }
    tool
}

fn ingest(lake: &Path, folder: &Path, server: &str, tools: &[Value]) {
    let rows: Vec<String> = tools.iter().map(|t| json!({"server": server, "tool": t["name"], "description": t["description"], "inputSchema": t["inputSchema"], "outputSchema": t["outputSchema"]}).to_string()).collect();
    let path = folder.join(format!("{server}.jsonl"));
    std::fs::write(&path, rows.join("\n")).unwrap();
    ok(firefly(lake).arg("ingest").arg(&path));
}

fn edges(lake: &Path) -> Vec<Value> {
    rows(lake, "FROM edge ORDER BY ALL")
}

/// Tools without repeated names.
fn distinct(tools: Vec<Value>) -> Vec<Value> {
    let mut names = HashSet::new();
    tools.into_iter().filter(|t| names.insert(t["name"].to_string())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// A graph that grows server by server, and whose tools change, is the graph that is built at once.
    #[test]
    fn incremental_equals_full(
        first in prop::collection::vec((0..4usize, 0..8usize, 0..8usize, any::<bool>()), 3..12),
        second in prop::collection::vec((0..4usize, 0..8usize, 0..8usize, any::<bool>()), 2..8),
        changed in 0..8usize,
    ) {
        let make = |all: &[(usize, usize, usize, bool)]| distinct(all.iter().map(|(a, b, c, d)| tool(*a, *b, *c, *d)).collect());
        let folder = tempfile::tempdir().unwrap();
        let lake = folder.path().join("lake");
        ok(firefly(&lake).arg("init"));
        let mut one = make(&first);
        ingest(&lake, folder.path(), "one", &one);
        let open = Lake::open(&lake).unwrap();
        graph::build(&open, graph::Options::default()).unwrap();
        ingest(&lake, folder.path(), "two", &make(&second));
        graph::build(&open, graph::Options::default()).unwrap();
        // A tool changes what it says and takes.
        one[0] = tool(changed, changed, changed + 3, true);
        let one = distinct(one);
        ingest(&lake, folder.path(), "one", &one[..1]);
        let (_, report) = graph::build(&open, graph::Options::default()).unwrap();
        let grown = edges(&lake);
        prop_assert_eq!(grown.len() as u64, report.edges);
        let (_, again) = graph::build(&open, graph::Options { full: true, ..graph::Options::default() }).unwrap();
        prop_assert_eq!(again.redone, again.tools);
        prop_assert_eq!(grown, edges(&lake));
        // Nothing changed: nothing is redone.
        let (_, idle) = graph::build(&open, graph::Options::default()).unwrap();
        prop_assert_eq!(idle.redone, 0);
    }

    /// What is drawn is acyclic, connected, without repeats, within size and share, and the same for the same seed.
    #[test]
    fn sampling_keeps_its_promises(
        pairs in prop::collection::vec((0..30usize, 0..30usize, 0..3usize, 0.1..1.0f64), 20..300),
        seed in any::<u64>(), count in 1..120usize, max_nodes in 1..=10usize, multi_server in 0.0..=1.0f64, max_share in 0.1..0.6f64,
    ) {
        let name = |n: usize| (format!("server{}", n % 6), format!("tool{n}"));
        let mut seen = BTreeSet::new();
        let edges: Vec<Edge> = pairs.iter().filter(|(a, b, p, _)| a != b && seen.insert((*a, *b, *p))).map(|(a, b, p, score)| {
            let ((src_server, src_tool), (dst_server, dst_tool)) = (name(*a), name(*b));
            Edge { src_server, src_tool, src_field: format!("/f{p}"), dst_server, dst_tool, dst_param: format!("p{p}"), score: *score, high: *score > 0.6, dst_reads: b % 3 != 0 }
        }).collect();
        let options = Options { count, seed, multi_server, max_nodes, max_share };
        let drawn = |known: HashSet<String>| -> Vec<Dag> {
            draw(&edges, known, options).dags
        };
        let dags = drawn(HashSet::new());
        prop_assert_eq!(&dags, &drawn(HashSet::new()));
        prop_assert!(dags.len() <= count);
        let ids: BTreeSet<String> = dags.iter().map(Dag::id).collect();
        prop_assert_eq!(ids.len(), dags.len());
        for dag in &dags {
            prop_assert!((1..=max_nodes).contains(&dag.nodes.len()));
            let tools: BTreeSet<_> = dag.nodes.iter().collect();
            prop_assert_eq!(tools.len(), dag.nodes.len());
            prop_assert!(dag.links.iter().all(|l| l.src < l.dst && l.dst < dag.nodes.len()));
            // Connected: everything is reached from the first tool, whichever way links point.
            let mut reached = BTreeSet::from([0]);
            for _ in 0..dag.nodes.len() {
                for l in &dag.links {
                    if reached.contains(&l.src) || reached.contains(&l.dst) {
                        reached.extend([l.src, l.dst]);
                    }
                }
            }
            prop_assert_eq!(reached.len(), dag.nodes.len());
            // One value a parameter.
            let fed: BTreeSet<_> = dag.links.iter().map(|l| (l.dst, &l.param)).collect();
            prop_assert_eq!(fed.len(), dag.links.len());
            prop_assert_eq!(dag.shape == "single", dag.nodes.len() == 1);
        }
        // Renaming the order of nodes does not change an id.
        for dag in dags.iter().filter(|d| d.links.is_empty() && d.nodes.len() == 1) {
            prop_assert_eq!(Dag::new(dag.nodes.clone(), Vec::new()).id(), dag.id());
        }
        // What is known is not drawn again.
        let more = drawn(ids.iter().cloned().collect());
        prop_assert!(more.iter().all(|dag| !ids.contains(&dag.id())));
        // No server has more than its share, as soon as shares can be told.
        let servers: BTreeSet<&str> = edges.iter().flat_map(|e| [e.src_server.as_str(), e.dst_server.as_str()]).collect();
        let drawn_tools: Vec<&str> = dags.iter().flat_map(|d| d.nodes.iter().map(|(s, _)| s.as_str())).collect();
        let share = max_share.max(2.0 / servers.len() as f64);
        let most = (share * (drawn_tools.len() as f64).max(count as f64 * 0.5)).max(2.0);
        for server in servers {
            let own = drawn_tools.iter().filter(|s| **s == server).count() as f64;
            prop_assert!(own <= most + max_nodes as f64, "{server}: {own} of {}, at most {most}", drawn_tools.len());
        }
    }
}

/// Every tool that can be reached is drawn before any is drawn for a second time.
#[test]
fn coverage_comes_first() {
    let name = |n: usize| (format!("server{}", n / 5), format!("tool{n}"));
    let edges: Vec<Edge> = (0..40usize)
        .flat_map(|a| (1..4usize).map(move |step| (a, (a * 7 + step * 3) % 40)))
        .filter(|(a, b)| a != b)
        .map(|(a, b)| {
            let ((src_server, src_tool), (dst_server, dst_tool)) = (name(a), name(b));
            Edge {
                src_server,
                src_tool,
                src_field: "/id".into(),
                dst_server,
                dst_tool,
                dst_param: "id".into(),
                score: 0.7,
                high: true,
                dst_reads: true,
            }
        })
        .collect();
    let options = Options { count: 40, seed: 3, multi_server: 0.4, max_nodes: 4, max_share: 0.5 };
    let dags = draw(&edges, HashSet::new(), options).dags;
    let drawn: BTreeSet<(String, String)> = dags.into_iter().flat_map(|dag| dag.nodes).collect();
    assert_eq!(drawn.len(), 40);
}

#[test]
fn sampling_is_a_query() {
    let made = made_or_skip!();
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    let copied = std::process::Command::new("cp").arg("-r").arg(&made.lake).arg(&lake).status().unwrap();
    assert!(copied.success());
    let asked = rows(&lake, "FROM sample_dags(seed := 11, n := 25, multi_server := 0.5)");
    assert!(!asked.is_empty());
    let before = rows(&lake, "SELECT count(*) AS n FROM dag")[0]["n"].clone();
    ok(firefly(&lake).args(["--seed", "11", "sample", "--count", "25", "--multi-server", "0.5"]));
    let stored = rows(&lake, &format!("SELECT dag_id, shape FROM dag WHERE draw >= {before} ORDER BY draw"));
    let asked_for: Vec<_> = asked.iter().map(|d| json!({"dag_id": d["dag_id"], "shape": d["shape"]})).collect();
    assert_eq!(stored, asked_for);
    let links: i64 = rows(&lake, &format!("SELECT sum(links) AS n FROM dag WHERE draw >= {before}"))[0]["n"].as_i64().unwrap();
    assert_eq!(links as usize, asked.iter().map(|d| d["links"].as_array().unwrap().len()).sum::<usize>());
    // Every turn that gave nothing says why.
    let silent = rows(&lake, "SELECT * FROM gate WHERE gate = 'sample' AND (passed OR reason IS NULL)");
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn a_tool_is_shown_with_the_evidence() {
    let made = made_or_skip!();
    let out = ok(firefly(&made.lake).args(["graph", "show", "ecommerce/order_get", "--format", "json"]));
    let edges: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert!(edges.iter().any(|e| e["dst"] == "ecommerce/order_get" && e["dst_param"] == "order_id"), "{edges:?}");
    let only = ok(firefly(&made.lake).args(["graph", "show", "ecommerce/order_get", "--only", "out", "--format", "json"]));
    let only: Vec<Value> = serde_json::from_str(&only).unwrap();
    assert!(!only.is_empty() && only.iter().all(|e| e["src"] == "ecommerce/order_get"));
    let unknown = run(firefly(&made.lake).args(["graph", "show", "order_gett"]));
    assert_eq!(unknown.code, 2, "{}", unknown.err);
    let dot = ok(firefly(&made.lake).args(["graph", "show", "ecommerce/order_get", "--dot"]));
    assert!(dot.starts_with("digraph") && dot.contains("\"ecommerce/order_get\"") && dot.trim_end().ends_with('}'));
}

/// The page is opened in a real browser: what it draws is what the lake holds.
#[test]
fn the_page_draws_the_graph() {
    let made = made_or_skip!();
    let Some(browser) = ["chromium", "chromium-browser", "google-chrome"]
        .into_iter()
        .find(|b| std::process::Command::new(b).arg("--version").output().is_ok())
    else {
        eprintln!("SKIPPED the_page_draws_the_graph: no Chromium on this machine");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("graph.html");
    ok(firefly(&made.lake).args(["graph", "show", "--limit", "500", "--html"]).arg(&page));
    let text = std::fs::read_to_string(&page).unwrap();
    assert!(!text.contains("src=\"http") && !text.contains("href=\"http"), "the page needs nothing from elsewhere");
    let dom = std::process::Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .env("HOME", folder.path())
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&dom.stdout);
    let shown = rows(
        &made.lake,
        "WITH best AS (FROM edge WHERE tier <> 'low' ORDER BY score DESC, src_server || '/' || src_tool, dst_server || '/' || dst_tool, ltrim(dst_field, '/') LIMIT 500)
         SELECT count(DISTINCT n) AS tools, count(DISTINCT s) AS servers
         FROM (SELECT src_server || '/' || src_tool AS n, src_server AS s FROM best UNION ALL SELECT dst_server || '/' || dst_tool, dst_server FROM best)",
    );
    let drawn = shown[0]["tools"].as_i64().unwrap() + shown[0]["servers"].as_i64().unwrap();
    assert!(dom.contains(&format!("data-ready=\"{drawn}\"")), "{}", &dom[dom.len().saturating_sub(600)..]);
}

#[test]
fn the_weights_can_be_read() {
    let weights = Weights::current();
    assert!(0.0 < weights.low && weights.low < weights.medium && weights.medium < weights.high && weights.high < 1.0, "{weights:?}");
}

/// The figures that the issue of this stage asks for, on the recorded traces that tests may use.
#[test]
fn recorded_flows_are_found_without_their_help() {
    let data = root().join("../shared/data");
    let traces = ["LiveMCPBench", "tau-bench", "mcp-atlas"].map(|name| data.join(name));
    if let Some(absent) = traces.iter().find(|path| !path.exists()) {
        eprintln!("SKIPPED recorded_flows_are_found_without_their_help: {} is not there", absent.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let lake = folder.path().join("lake");
    ok(firefly(&lake).arg("init"));
    ok(firefly(&lake).arg("ingest").args(&traces));
    ok(firefly(&lake).arg("graph"));
    ok(firefly(&lake).args(["graph", "measure"]));
    let out = ok(firefly(&lake).args(["stats", "graph/measure", "--format", "json"]));
    let measures: Vec<Value> = serde_json::from_str(&out).unwrap();
    let shipped = measures.iter().find(|m| m["truth"] == "trace" && m["model"] == "shipped").unwrap();
    assert!(shipped["auc"].as_f64() >= Some(0.95) && shipped["flowing"].as_i64() >= Some(30), "{shipped}");
    let out = ok(firefly(&lake).args(["stats", "graph/recall", "--format", "json"]));
    let recall: Vec<Value> = serde_json::from_str(&out).unwrap();
    let all = recall.iter().find(|m| m["truth"] == "trace" && m["part"] == "all").unwrap();
    assert!(all["recall"].as_f64() >= Some(0.9) && all["share_of_pairs"].as_f64() <= Some(0.1), "{all}");
}
