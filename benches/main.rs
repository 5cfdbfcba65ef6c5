//! `make bench`: what firefly costs, measured side by side with a peer in the same run. Each row is a ratio or a
//! figure with its limit; a row that misses its limit is said, and the exit code is 1.

mod client;
mod curve;
mod dedup;
mod eval;
mod explore;
mod graph;
mod ingest;
mod lake;
mod measure;
mod opening;
mod recorded;
mod serve;
mod soak;
mod tasks;

use measure::Report;

/// What the command allocates with: some rows are measured in this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [child, rest @ ..] = arguments.as_slice()
        && child == "--child"
    {
        return measure::child(rest);
    }
    if arguments.first().is_some_and(|a| a == "--rmcp-peer") {
        return serve::rmcp_peer();
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|a| name.contains(a.as_str()));
    let mut report = Report::default();
    if wanted("lake") {
        lake::run(&mut report);
    }
    if wanted("ingest") {
        ingest::run(&mut report);
    }
    if wanted("graph") {
        graph::run(&mut report);
    }
    if wanted("dedup") {
        dedup::run(&mut report);
    }
    if wanted("explore") {
        explore::run(&mut report);
    }
    if wanted("tasks") {
        tasks::run(&mut report);
    }
    if wanted("serve") {
        serve::run(&mut report);
    }
    if wanted("eval") {
        eval::run(&mut report);
    }
    // What takes long is run by its name alone.
    let named = |name: &str| arguments.iter().any(|a| a == name);
    if named("curve") {
        curve::run(&mut report);
    }
    if named("soak") {
        soak::run(&mut report);
    }
    if wanted("opening") {
        opening::run(&mut report);
    }
    report.end();
}
