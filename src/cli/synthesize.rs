use crate::cli::Global;
use crate::error::Result;
use crate::task;

/// `firefly synthesize`
#[derive(Debug, clap::Args)]
pub struct SynthesizeArgs {}

/// Writes tasks.
pub fn run(global: &Global, _args: &SynthesizeArgs) -> Result<()> {
    let (snapshot, written) = task::synthesize(&global.open()?, global.seed()?)?;
    global.say(format!("{written} tasks, snapshot {}; `firefly verify` says which of them hold", snapshot.id));
    Ok(())
}
