//! What the documents show works as it stands.

use crate::support::{firefly, made_or_skip, root, run};

/// The blocks of a language in a Markdown file, in order.
fn blocks(file: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.strip_prefix("```") == Some(language) {
            found.push(lines.by_ref().take_while(|l| *l != "```").collect::<Vec<_>>().join("\n"));
        }
    }
    found
}

#[test]
fn every_query_of_the_cookbook_runs_and_finds_something() {
    let made = made_or_skip!();
    let queries = [blocks("docs/cookbook.md", "sql"), blocks("docs/reward.md", "sql")].concat();
    assert!(queries.len() >= 15);
    let mut empty = Vec::new();
    for query in &queries {
        let done = run(firefly(&made.lake).args(["sql", "--format", "ndjson", query]));
        assert_eq!(done.code, 0, "{query}\n{}", done.err);
        if done.out.is_empty() {
            empty.push(query);
        }
    }
    // Whether every tool gave a result, and whether a unit stands in one, depends on the servers.
    assert!(empty.len() <= 2, "{empty:?}");
}
