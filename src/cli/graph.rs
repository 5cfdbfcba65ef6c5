use crate::cli::Global;
use crate::error::Result;
use crate::graph;

/// `firefly graph`
#[derive(Debug, clap::Args)]
pub struct GraphArgs {}

/// Rebuilds the tool graph.
pub fn run(global: &Global, _args: &GraphArgs) -> Result<()> {
    let snapshot = graph::build(&global.open()?)?;
    let edges: u64 = snapshot.of("edge").map(|s| s.rows).sum();
    global.say(format!("{edges} edges, snapshot {}", snapshot.id));
    Ok(())
}
